"""Write the small tables for the rivals: people, personas, requirements, aliases and waivers.

The yardstick computes them. Resolving personas costs almost nothing compared with the grants, so
writing it four times would not improve the comparison; getting it for free favours the rivals a
little.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from yardstick import run_yardstick

TABLES = {
    # A person without a row here is an orphan account that was never seen.
    "people": """
        select brid, verdict, orphan_detail, unresolved_reason from people
        where orphan_detail is distinct from 'never_seen'
    """,
    "memberships": """
        select brid, persona_id from answers
        union
        select brid, persona_id from people cross join (
            select distinct clean(persona_id) as persona_id
            from read_csv(feed('persona_list'), all_varchar = true)
            where lower(clean(is_baseline)) in ('true', 't', 'yes', 'y', '1')
        ) where is_employed
    """,
    # 1 optional, 2 mandatory, 3 prohibited: the greatest of several wins.
    "requirements": """
        select persona_id, application_id, max(requirement)::bigint as requirement
        from requirements
        inner join (select distinct application, application_id from applications)
            using (application)
        group by all
    """,
    "aliases": "from aliases",
    "waivers": """
        select distinct to_brid(listed.brid) as brid, resolved as application_id
        from read_csv(
            seed('waivers'), types = {'brid': 'varchar', 'valid_from': 'date', 'valid_to': 'date'}
        ) as listed
        inner join (select distinct spelling, application_id as resolved from applications)
            on lower(clean(listed.application_id)) = spelling
        where is_in_force(valid_from, valid_to)
    """,
}


def main() -> None:
    """Run the yardstick and write its small tables as Parquet files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drop_zone", type=Path)
    parser.add_argument("as_of_date")
    parser.add_argument("out", type=Path, help="folder to write")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    database = given.out / "yardstick.duckdb"
    with run_yardstick(given.drop_zone, given.as_of_date, database) as connection:
        for table, query in TABLES.items():
            connection.execute(f"copy ({query}) to '{given.out / table}.parquet'")
    database.unlink()


if __name__ == "__main__":
    main()
