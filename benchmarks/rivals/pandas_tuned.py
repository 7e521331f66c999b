"""The weekly job in tuned pandas: few columns, each spelling read once, joins on whole numbers."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

drop_zone, prepared, out = (Path(sys.argv[at]) for at in (1, 3, 4))
date = sys.argv[2]
pa.set_cpu_count(2)

people = pd.read_parquet(prepared / "people.parquet")
memberships = pd.read_parquet(prepared / "memberships.parquet")
requirements = pd.read_parquet(prepared / "requirements.parquet")
aliases = pd.read_parquet(prepared / "aliases.parquet").set_index("spelling")["application_id"]
waivers = pd.read_parquet(prepared / "waivers.parquet")

USED = [
    "brid",
    "application_id",
    "application_name",
    "account_status",
    "granted_date",
    "expires_date",
]
dictionary = pa.dictionary(pa.int32(), pa.string())
grants = pyarrow.csv.read_csv(
    drop_zone / f"iam_app_registry_{date}.csv",
    parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=lambda _: "skip"),
    convert_options=pyarrow.csv.ConvertOptions(
        include_columns=USED,
        column_types=dict.fromkeys(USED, dictionary),
        null_values=[""],
        strings_can_be_null=True,
    ),
).unify_dictionaries()


def column(name):
    """Return the codes of a column's values (-1 for none), and the values."""
    values = grants[name].combine_chunks()
    values = values.chunk(0) if isinstance(values, pa.ChunkedArray) else values
    codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, pd.Series(values.dictionary.to_pylist(), dtype=object)


def to_brid(text):
    """Return the normalised form of each BRID, or none if it cannot be read."""
    text = text.str.strip().str.upper()
    short = text.str.lstrip("B").str.lstrip("0").replace("", "0")
    text = text.where(~text.str.fullmatch("B?[0-9]+"), short)
    scientific = text.str.fullmatch(r"[0-9]+[.][0-9]*(E[+-]?[0-9]+)?|[0-9]+E[+-]?[0-9]+")
    return text.where(text.str.fullmatch("[A-Z0-9][A-Z0-9._-]*") & ~scientific)


def of(codes, flags, when_empty):
    """Look up a flag of each value by code; code -1 uses the last one."""
    return np.append(flags.to_numpy(dtype=bool), when_empty)[codes]


brid_codes, brids = column("brid")
application_codes, applications = column("application_id")
name_codes, _ = column("application_name")
brids = to_brid(brids)
applications = applications.str.strip().str.lower()
applications = applications.map(aliases).fillna(applications)

all_brids = pd.Index(pd.unique(pd.concat([brids.dropna(), people["brid"]])))
all_applications = pd.Index(
    pd.unique(pd.concat([applications, requirements["application_id"]]).dropna())
)
n_applications = len(all_applications)
known = np.isin(all_applications, requirements["application_id"])
known |= np.isin(all_applications, aliases)
named = np.unique(application_codes[name_codes >= 0])
known[all_applications.get_indexer(applications)[named]] = True

counts = np.append(brids.notna().to_numpy(), False)[brid_codes]
codes, words = column("account_status")
counts &= of(codes, words.str.strip().str.lower() == "active", True)
codes, words = column("granted_date")
counts &= of(codes, words.str[:10] <= date, True)
codes, words = column("expires_date")
# An invalid date makes the row unreadable.
is_date = pd.to_datetime(words.str[:10], errors="coerce").notna()
counts &= of(codes, is_date & (words.str[:10] >= date), True)

person = all_brids.get_indexer(brids).astype("int64")[brid_codes[counts]]
application = all_applications.get_indexer(applications)[application_codes[counts]]
held_keys, n_held = np.unique(person * n_applications + application, return_counts=True)

# People with the same personas have the same expected access.
sets = memberships.sort_values("persona_id").groupby("brid")["persona_id"].agg("|".join)
set_codes, set_names = pd.factorize(sets)
asked = pd.DataFrame({"set": range(len(set_names)), "persona_id": set_names.str.split("|")})
asked = asked.explode("persona_id").merge(requirements, on="persona_id")
asked = asked.groupby(["set", "application_id"])["requirement"].max().reset_index()
matrix = np.zeros((len(set_names) + 1, n_applications), dtype="int8")
matrix[asked["set"], all_applications.get_indexer(asked["application_id"])] = asked["requirement"]
set_of = np.full(len(all_brids), len(set_names))
set_of[all_brids.get_indexer(sets.index)] = set_codes

mandatory = [np.flatnonzero(row == 2) for row in matrix]
members = np.flatnonzero(set_of < len(set_names))
due = np.concatenate([member * n_applications + mandatory[set_of[member]] for member in members])
missing = np.setdiff1d(due, held_keys, assume_unique=True)

keys = np.concatenate([held_keys, missing])
n_rows = np.concatenate([n_held, np.zeros(len(missing), dtype="int64")])
person, application = np.divmod(keys, n_applications)
requirement = matrix[set_of[person], application]
people = people.set_index("brid").reindex(all_brids)
stranger = ~all_brids.isin(pd.read_parquet(prepared / "people.parquet", columns=["brid"])["brid"])
verdict = people["verdict"].to_numpy(dtype=object)
verdict[stranger] = "orphan_account"

REASONS = [
    "never_granted",
    "prohibited_for_persona",
    "application_unknown",
    "mandatory",
    "optional",
    "application_not_modelled",
    "never_expected",
]
of_person, person_reasons = pd.factorize(np.concatenate([verdict, people["unresolved_reason"]]))
verdict_code, unresolved_code = of_person[: len(all_brids)], of_person[len(all_brids) :]
words = np.array([*person_reasons, *REASONS], dtype=object)
code = {word: len(person_reasons) + at for at, word in enumerate(REASONS)}
modelled = np.isin(all_applications, requirements["application_id"])
reason = np.select(
    [
        verdict_code[person] >= 0,
        n_rows == 0,
        requirement == 3,
        ~known[application],
        requirement == 2,
        requirement == 1,
        unresolved_code[person] >= 0,
        ~modelled[application],
    ],
    [
        verdict_code[person],
        code["never_granted"],
        code["prohibited_for_persona"],
        code["application_unknown"],
        code["mandatory"],
        code["optional"],
        unresolved_code[person],
        code["application_not_modelled"],
    ],
    code["never_expected"],
)
EXCESS = ["orphan_account", "leaver", "early_access", "prohibited_for_persona", "never_expected"]
status_of = np.select(
    [np.isin(words, ["mandatory", "optional"]), words == "never_granted", np.isin(words, EXCESS)],
    [0, 1, 2],
    3,
)
status = status_of[reason]
waived = all_brids.get_indexer(waivers["brid"]).astype("int64") * n_applications
waived += all_applications.get_indexer(waivers["application_id"])
disposition = np.select(
    [
        (status == 0) | (status == 3),
        np.isin(keys, waived),
        status == 1,
    ],
    [-1, 1, 2],
    0,
)
orphan_detail = people["orphan_detail"].to_numpy(dtype=object)
orphan_detail[stranger] = "never_seen"
detail_codes, details = pd.factorize(orphan_detail)


def text(codes, values):
    """Return a text column from codes, -1 for none, and their values."""
    codes = pa.array(codes.astype("int32"), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(values), pa.string()))


pq.write_table(
    pa.table(
        {
            "brid": text(person, all_brids),
            "application_id": text(application, all_applications),
            "reconciliation_status": text(status, ["match", "missing", "excess", "unassessed"]),
            "reconciliation_reason": text(reason, words),
            "orphan_detail": text(detail_codes[person], details),
            "disposition": text(disposition, ["open", "waived", "in_sla"]),
            "requirement": text(requirement - np.int8(1), ["optional", "mandatory", "prohibited"]),
            "is_expected": (requirement == 1) | (requirement == 2),
            "is_granted": n_rows > 0,
            "n_grant_rows": n_rows,
        }
    ),
    out,
)
