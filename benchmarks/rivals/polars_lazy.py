"""The weekly job in Polars: one lazy query from the file to the answer, on two threads."""

import os
import sys
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl

drop_zone, prepared, out = (Path(sys.argv[at]) for at in (1, 3, 4))
date = sys.argv[2]
as_of = pl.lit(date).str.to_date()

people = pl.scan_parquet(prepared / "people.parquet").with_columns(is_person=pl.lit(True))
memberships = pl.scan_parquet(prepared / "memberships.parquet")
requirements = pl.scan_parquet(prepared / "requirements.parquet")
aliases = pl.scan_parquet(prepared / "aliases.parquet")
waivers = pl.scan_parquet(prepared / "waivers.parquet").with_columns(is_waived=pl.lit(True))

# In a row with too many fields, the BRID is not in its place.
grants = pl.scan_csv(
    drop_zone / f"iam_app_registry_{date}.csv", infer_schema=False, truncate_ragged_lines=True
)

# Each spelling is read once and joined back.
text = pl.col("spelling").str.strip_chars().str.to_uppercase()
brids = (
    grants.select(spelling="brid")
    .unique()
    .select(
        pl.col("spelling").alias("brid_spelling"),
        pl.when(text.str.contains("^B?[0-9]+$"))
        .then(
            pl.coalesce(text.str.strip_chars_start("B").str.strip_chars_start("0").replace("", "0"))
        )
        .when(text.str.contains(r"^[0-9]+[.]?[0-9]*(E[+-]?[0-9]+)?$"))
        .then(None)
        .when(text.str.contains("^[A-Z0-9][A-Z0-9._-]*$"))
        .then(text)
        .alias("brid"),
    )
)
spelling = pl.col("application_spelling").str.strip_chars().str.to_lowercase()
applications = (
    grants.group_by(application_spelling="application_id")
    .agg(is_named=pl.col("application_name").is_not_null().any())
    .with_columns(spelling=spelling)
    .join(aliases.with_columns(is_alias=pl.lit(True)), on="spelling", how="left")
    .with_columns(application_id=pl.coalesce("application_id", "spelling"))
    .with_columns(is_known=pl.col("is_named").any().over("application_id"))
)
listed = requirements.select("application_id").unique().with_columns(is_modelled=pl.lit(True))
aliased = aliases.select("application_id").unique().with_columns(is_aliased=pl.lit(True))

held = (
    grants.filter(
        (pl.col("account_status").str.strip_chars().str.to_lowercase() == "active").fill_null(True),
        (pl.col("granted_date").str.slice(0, 10) <= date).fill_null(True),
        pl.col("expires_date").is_null()
        # An invalid date makes the row unreadable.
        | (pl.col("expires_date").str.slice(0, 10).str.to_date(strict=False) >= as_of).fill_null(
            False
        ),
    )
    .select(brid_spelling="brid", application_spelling="application_id")
    .join(brids.filter(pl.col("brid").is_not_null()), on="brid_spelling")
    .join(applications.select("application_spelling", "application_id"), on="application_spelling")
    .group_by("brid", "application_id")
    .agg(n_grant_rows=pl.len().cast(pl.Int64))
)
expected = (
    memberships.join(requirements, on="persona_id")
    .group_by("brid", "application_id")
    .agg(requirement=pl.col("requirement").max())
)
known = applications.select("application_id", "is_known").unique()

reason = (
    pl.when(pl.col("is_person").is_null()).then(pl.lit("orphan_account"))
    .when(pl.col("verdict").is_not_null()).then("verdict")
    .when(pl.col("n_grant_rows") == 0).then(pl.lit("never_granted"))
    .when(pl.col("requirement") == 3).then(pl.lit("prohibited_for_persona"))
    .when(
        ~pl.col("is_known").fill_null(False)
        & pl.col("is_modelled").is_null()
        & pl.col("is_aliased").is_null()
    ).then(pl.lit("application_unknown"))
    .when(pl.col("requirement") == 2).then(pl.lit("mandatory"))
    .when(pl.col("requirement") == 1).then(pl.lit("optional"))
    .when(pl.col("unresolved_reason").is_not_null()).then("unresolved_reason")
    .when(pl.col("is_modelled").is_null()).then(pl.lit("application_not_modelled"))
    .otherwise(pl.lit("never_expected"))
)  # fmt: skip
is_excess = pl.col("reconciliation_reason").is_in(
    ["orphan_account", "leaver", "early_access", "prohibited_for_persona", "never_expected"]
)
status = (
    pl.when(pl.col("reconciliation_reason").is_in(["mandatory", "optional"]))
    .then(pl.lit("match"))
    .when(pl.col("reconciliation_reason") == "never_granted")
    .then(pl.lit("missing"))
    .when(is_excess)
    .then(pl.lit("excess"))
    .otherwise(pl.lit("unassessed"))
)
in_sla = pl.col("reconciliation_status") == "missing"
disposition = (
    pl.when(~pl.col("reconciliation_status").is_in(["missing", "excess"]))
    .then(None)
    .when(pl.col("is_waived").is_not_null())
    .then(pl.lit("waived"))
    .when(in_sla)
    .then(pl.lit("in_sla"))
    .otherwise(pl.lit("open"))
)
(
    held.join(expected, on=["brid", "application_id"], how="full", coalesce=True)
    .filter(pl.col("n_grant_rows").is_not_null() | (pl.col("requirement") == 2))
    .with_columns(pl.col("n_grant_rows").fill_null(0))
    .join(people, on="brid", how="left")
    .join(known, on="application_id", how="left")
    .join(listed, on="application_id", how="left")
    .join(aliased, on="application_id", how="left")
    .join(waivers, on=["brid", "application_id"], how="left")
    .with_columns(reconciliation_reason=reason)
    .with_columns(reconciliation_status=status)
    .select(
        "brid",
        "application_id",
        "reconciliation_status",
        "reconciliation_reason",
        orphan_detail=pl.when(pl.col("is_person").is_null())
        .then(pl.lit("never_seen"))
        .otherwise("orphan_detail"),
        disposition=disposition,
        requirement=pl.col("requirement").replace_strict(
            {1: "optional", 2: "mandatory", 3: "prohibited"}, return_dtype=pl.String
        ),
        is_expected=pl.col("requirement").is_in([1, 2]).fill_null(False),
        is_granted=pl.col("n_grant_rows") > 0,
        n_grant_rows="n_grant_rows",
    )
    .sink_parquet(out)
)
