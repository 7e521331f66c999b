"""The lower bound of cost: read the files as text and write a table, without any other work."""

import sys
from pathlib import Path

import duckdb

drop_zone, as_of_date, _, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])

out.with_suffix(".duckdb").unlink(missing_ok=True)
with duckdb.connect(out.with_suffix(".duckdb")) as connection:
    connection.execute("set threads = 2; set preserve_insertion_order = false")
    for feed in ("iam_app_registry", "hr_headcount", "persona_list", "persona_members"):
        connection.execute(
            f"create table {feed} as "
            f"from read_csv('{drop_zone}/{feed}_{as_of_date}.csv', all_varchar = true)"
        )
