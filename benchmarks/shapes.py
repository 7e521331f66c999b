"""Write one week of invented files and decisions with shapes that make joins explode.

Everybody holds one application, one persona has 3,000 applications, one BRID has 5,000 grants, and
200,000 mapping rules are in force.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import duckdb
import yaml

PROJECT = Path(__file__).resolve().parents[1]
AS_OF_DATE = "2026-09-28"
# Cost centers and levels give 200 cells; the other rules are for cost centers without people.
FILES = {
    "hr_headcount": """
        select
            100000 + i as brid,
            'Person ' || i || ' (invented)' as full_name,
            'active' as employment_status,
            'L' || i % 5 as management_level,
            'NX-' || lpad((i % 40)::varchar, 5, '0') as cost_center,
            date '2020-01-01' as hire_date
        from range(1, 5001) as people (i)
    """,
    "persona_list": """
        select 'everything' as persona_id, 'Everything' as persona_name,
            'app-' || i as application_id, 'mandatory' as requirement, false as is_baseline
        from range(3000) as applications (i)
        union all
        select 'regular-' || persona, 'Regular ' || persona, 'app-' || (persona * 10 + i),
            case when i = 9 then 'optional' else 'mandatory' end, false
        from range(20) as personas (persona), range(10) as applications (i)
        union all
        select 'all-staff', 'All staff', 'everyone', 'mandatory', true
    """,
    "persona_members": """
        select 100000 + i as brid, 'everything' as persona_id
        from range(1, 301) as people (i)
    """,
    "iam_app_registry": """
        with grants as (
            select 100000 + i as brid, 'everyone' as application_id, 'u' as account
            from range(1, 5001) as people (i)
            union all
            select 100000 + i, 'app-' || application, 'u'
            from range(1, 301) as people (i), range(3000) as applications (application)
            where (application + i) % 29 <> 0
            union all
            select 100000 + i, 'app-' || ((i * 7 + application * 13) % 220), 'u'
            from range(301, 5001) as people (i), range(9) as applications (application)
            union all
            select 105000, 'app-' || grant_number % 4000, 'u' || grant_number
            from range(5000) as grants (grant_number)
        )
        select application_id, 'Application ' || application_id as application_name, brid,
            account || '-' || brid as account_id, 'active' as account_status,
            date '2024-01-01' as granted_date
        from grants
    """,
}
SEEDS = {
    "mapping_rules": """
        select
            'X-' || i as rule_id, 1 as rule_version, 'assign' as effect,
            'L' || i % 5 as management_level,
            'NX-' || lpad((i // 5)::varchar, 5, '0') as cost_center,
            'regular-' || (i // 5) % 20 as persona_id, null as priority,
            false as is_null_matched, date '2026-01-01' as valid_from, null as valid_to,
            '100001' as owner, '100002' as author, '100001' as approved_by,
            date '2025-12-15' as approved_on, 'Invented.' as rationale
        from range(200000) as rules (i)
    """,
    "persona_owners": """
        select
            persona_id, '100001' as owner_brid, date '2026-01-01' as valid_from, null as valid_to,
            '100003' as approved_by, date '2025-12-15' as approved_on, 'Invented.' as rationale
        from (
            select 'regular-' || i as persona_id from range(20) as personas (i)
            union all
            values ('everything'), ('all-staff')
        )
    """,
}


def write(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], to: Path) -> None:
    """Write the rows of a query as CSV; columns that it lacks are empty."""
    has = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    selected = ", ".join(name if name in has else f"null as {name}" for name in columns)
    connection.execute(f"copy (select {selected} from ({table})) to '{to}' (header)")  # noqa: S608


def columns_of(feed: str) -> list[str]:
    """Return the columns that the contract of a feed expects in its files."""
    for path in (PROJECT / "models/staging").glob("*/*__sources.yml"):
        for source in yaml.safe_load(path.read_text("utf-8"))["sources"]:
            for table in source["tables"]:
                if table["name"] == feed:
                    return [
                        column["name"]
                        for column in table["columns"]
                        if not column.get("config", {}).get("meta", {}).get("is_added_by_loader")
                    ]
    raise LookupError(feed)


def header(path: Path) -> list[str]:
    """Return the columns of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def main() -> None:
    """Write the drop zone and the seeds; other seeds have no rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drop_zone", type=Path, help="folder for the files of the week")
    parser.add_argument("seeds", type=Path, help="folder for the decisions, inside the project")
    given = parser.parse_args()
    for folder in (given.drop_zone, given.seeds):
        folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for feed, query in FILES.items():
            to = given.drop_zone / f"{feed}_{AS_OF_DATE}.csv"
            write(connection, query, columns_of(feed), to)
        for seed in sorted((PROJECT / "seeds").glob("*.csv")):
            if seed.stem in SEEDS:
                write(connection, SEEDS[seed.stem], header(seed), given.seeds / seed.name)
            else:
                (given.seeds / seed.name).write_text(",".join(header(seed)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
