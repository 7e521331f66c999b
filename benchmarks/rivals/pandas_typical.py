"""The weekly job in typical pandas: clear, in column operations, with all values as text."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

drop_zone, prepared, out = (Path(sys.argv[at]) for at in (1, 3, 4))
date = sys.argv[2]
as_of = pd.Timestamp(date)

people = pd.read_parquet(prepared / "people.parquet")
memberships = pd.read_parquet(prepared / "memberships.parquet")
requirements = pd.read_parquet(prepared / "requirements.parquet")
aliases = pd.read_parquet(prepared / "aliases.parquet")
waivers = pd.read_parquet(prepared / "waivers.parquet")

grants = pd.read_csv(drop_zone / f"iam_app_registry_{date}.csv", dtype=str, on_bad_lines="skip")

# BRIDs: upper case, a B before digits dropped, leading zeros dropped.
brid = grants["brid"].str.strip().str.upper()
digits = brid.str.fullmatch("B?[0-9]+")
scientific = brid.str.fullmatch(r"[0-9]+[.]?[0-9]*(E[+-]?[0-9]+)?")
valid = brid.str.fullmatch("[A-Z0-9][A-Z0-9._-]*")
short = brid.str.lstrip("B").str.lstrip("0").replace("", "0")
grants["brid"] = np.select([digits, scientific | ~valid], [short, None], brid)

application = grants["application_id"].str.strip().str.lower()
grants["application_id"] = application.replace(
    dict(zip(aliases["spelling"], aliases["application_id"], strict=True))
)
known = set(grants.loc[grants["application_name"].notna(), "application_id"])
known |= set(requirements["application_id"]) | set(aliases["application_id"])

status = grants["account_status"].str.strip().str.lower()
granted = pd.to_datetime(grants["granted_date"], errors="coerce")
expires = pd.to_datetime(grants["expires_date"], errors="coerce")
counts = (
    grants["brid"].notna()
    & (status.isna() | (status == "active"))
    # An invalid date makes the row unreadable.
    & (granted.notna() | grants["granted_date"].isna())
    & (expires.notna() | grants["expires_date"].isna())
    & ~(granted > as_of)
    & ~(expires < as_of)
)
held = (
    grants[counts].groupby(["brid", "application_id"]).size().rename("n_grant_rows").reset_index()
)

expected = memberships.merge(requirements, on="persona_id")
expected = expected.groupby(["brid", "application_id"])["requirement"].max().reset_index()

pairs = held.merge(expected, on=["brid", "application_id"], how="outer")
pairs = pairs[pairs["n_grant_rows"].notna() | (pairs["requirement"] == 2)]
pairs["n_grant_rows"] = pairs["n_grant_rows"].fillna(0).astype("int64")
pairs = pairs.merge(people.assign(is_person=True), on="brid", how="left")
pairs = pairs.merge(waivers.assign(is_waived=True), on=["brid", "application_id"], how="left")

stranger = pairs["is_person"].isna()
pairs["is_granted"] = pairs["n_grant_rows"] > 0
pairs["is_expected"] = pairs["requirement"].isin([1, 2])
modelled = pairs["application_id"].isin(set(requirements["application_id"]))
pairs["reconciliation_reason"] = np.select(
    [
        stranger,
        pairs["verdict"].notna(),
        ~pairs["is_granted"],
        pairs["requirement"] == 3,
        ~pairs["application_id"].isin(known),
        pairs["requirement"] == 2,
        pairs["requirement"] == 1,
        pairs["unresolved_reason"].notna(),
        ~modelled,
    ],
    [
        "orphan_account",
        pairs["verdict"],
        "never_granted",
        "prohibited_for_persona",
        "application_unknown",
        "mandatory",
        "optional",
        pairs["unresolved_reason"],
        "application_not_modelled",
    ],
    "never_expected",
)
pairs.loc[stranger, "orphan_detail"] = "never_seen"
reason = pairs["reconciliation_reason"]
pairs["reconciliation_status"] = np.select(
    [
        reason.isin(["mandatory", "optional"]),
        reason == "never_granted",
        reason.isin(
            ["orphan_account", "leaver", "early_access", "prohibited_for_persona", "never_expected"]
        ),
    ],
    ["match", "missing", "excess"],
    "unassessed",
)
finding = pairs["reconciliation_status"].isin(["missing", "excess"])
in_sla = pairs["reconciliation_status"] == "missing"
pairs["disposition"] = np.select(
    [~finding, pairs["is_waived"].notna(), in_sla], [None, "waived", "in_sla"], "open"
)
pairs["requirement"] = pairs["requirement"].map({1: "optional", 2: "mandatory", 3: "prohibited"})

pairs[
    [
        "brid",
        "application_id",
        "reconciliation_status",
        "reconciliation_reason",
        "orphan_detail",
        "disposition",
        "requirement",
        "is_expected",
        "is_granted",
        "n_grant_rows",
    ]
].to_parquet(out)
