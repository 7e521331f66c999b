"""The pages of one person: everybody of the week in a few hundred files of people in order.

A page finds the file of a BRID in the list of first BRIDs, so that neither side computes a hash.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from persona_access.outputs.report.subject_tables import OF_PERSON
from persona_access.outputs.report.table import Table

# About 120 KB a file: read in a moment, and still only hundreds of files for 100,000 people.
ACCESS_ROWS_A_FILE = 5_000

PERSON = (
    "brid",
    "full_name",
    "work_email",
    "employment_state",
    "worker_type",
    "job_title",
    "management_level",
    "cost_center",
    "cost_center_name",
    "department",
    "location",
    "hire_date",
    "termination_date",
    "manager_brid",
    "manager_name",
    "has_no_access",
    "has_hr_conflict",
)
# Every distinct answer once; a row of a person's access names it by its number.
VERDICT = (
    "reconciliation_status",
    "reconciliation_reason",
    "orphan_detail",
    "disposition",
    "requirement",
    "persona_ids",
    "is_privileged",
)
# A row is the application's number, the verdict's number, and then these; the last three are left
# out where all of them are null. Dates are days since 1970.
AFTER_VERDICT = (
    "status_since_date",
    "granted_date",
    "last_used_date",
    "last_expected_date",
    "days_since_end",
    "waiver_id",
)


def _day(name: str) -> str:
    return f"coalesce(({name} - date '1970-01-01')::varchar, 'null')"


_METHODS = "['override', 'persona_list', 'rule', 'pretrained', 'baseline', 'none']"

_PREPARE = f"""
create or replace temp table verdicts as
select *, row_number() over (order by {", ".join(VERDICT)}) - 1 as verdict
from (
    select distinct {", ".join(VERDICT)} from fct_access_reconciliation
    where as_of_date = (select as_of_date from week)
);

create or replace temp table access_texts as
select
    brid,
    count(*) as n_rows,
    string_agg(
        concat(
            '[', _number, ',', verdict,
            ',', {_day("status_since_date")},
            ',', {_day("granted_date")},
            ',', {_day("last_used_date")},
            case
                when coalesce(last_expected_date::varchar, days_since_end::varchar, waiver_id)
                    is not null
                then concat(
                    ',', {_day("last_expected_date")},
                    ',', coalesce(days_since_end::varchar, 'null'),
                    ',', coalesce(to_json(waiver_id), 'null')
                )
            end,
            ']'
        ),
        ','
        order by
            list_position(
                ['missing', 'excess', 'unassessed', 'match'], access.reconciliation_status
            ),
            _number
    ) as access_text
from fct_access_reconciliation as access
join application_numbers using (application_id)
join verdicts on
    {" and ".join(f"access.{name} is not distinct from verdicts.{name}" for name in VERDICT)}
where as_of_date = (select as_of_date from week)
group by brid;
"""

_FILES = f"""
create or replace temp table people_files as
with everybody as (
    select brid from fct_reconciliation_by_employee
    union select brid from dim_employees
    union select brid from access_texts
    {" ".join(f"union select brid from ({table.query})" for table in OF_PERSON)}
)
select
    brid,
    (sum(coalesce(n_rows, 0) + 1) over (order by brid rows unbounded preceding) - 1)
    // $rows_a_file as _file
from everybody left join access_texts using (brid)
where brid is not null
"""


def _section(table: Table) -> str:
    """Return the rows of each person of a table, as lists in the order of its columns."""
    values = ", ".join(f"to_json({column.name})" for column in table.columns)
    return f"""{table.name} as (
    select brid, to_json(list([{values}] order by {table.order}))::varchar as {table.name}
    from ({table.query}) group by brid
)"""


_SECTIONS_OF_PERSON = ", ".join(f"',\"{table.name}\":' || {table.name}" for table in OF_PERSON)
_DOCUMENTS = f"""
with people as (
    select
        employees.brid,
        to_json([{", ".join(f"to_json({name})" for name in PERSON)}])::varchar as person
    from (
        select employees.*, managers.full_name as manager_name
        from dim_employees as employees
        left join dim_employees as managers on employees.manager_brid = managers.brid
    ) as employees
), personas as (
    select
        brid,
        to_json(list(
            [
                to_json(persona_id), to_json(assignment_method), to_json(source_id),
                to_json(support), to_json(confidence), to_json(unresolved_reason)
            ]
            order by list_position({_METHODS}, assignment_method), persona_id
        ))::varchar as personas,
        to_json(min(losing_candidates))::varchar as losers
    from fct_persona_assignments
    where as_of_date = (select as_of_date from week)
    group by brid
), {", ".join(_section(table) for table in OF_PERSON)}
select
    _file,
    min(brid) as first_brid,
    string_agg(
        concat(
            to_json(brid), ':{{"access":[', access_text, ']',
            ',"person":' || person, ',"personas":' || personas, ',"losers":' || losers,
            {_SECTIONS_OF_PERSON}, '}}'
        ),
        ','
        order by brid
    ) as members
from people_files
left join access_texts using (brid)
left join people using (brid)
left join personas using (brid)
{" ".join(f"left join {table.name} using (brid)" for table in OF_PERSON)}
group by _file
order by _file
"""

# What a person's page says of the sources of its personas, each once.
SOURCES = {
    "rules": """
        select
            rule_id || ' v' || rule_version as rule, management_level, cost_center, priority,
            owner, author, approved_by, approved_on, valid_from, valid_to, rationale
        from dim_mapping_rules
    """,
    "overrides": """
        select
            exception_id as override, requested_by, approved_by, approved_on, valid_from, valid_to,
            rationale
        from dim_exceptions where exception_kind = 'persona_override'
    """,
    # The newest version of a file is the one that counts.
    "persona_lists": """
        select
            file_name as persona_list_file, arg_max(extract_date, version) as extract_date,
            max(version) as version
        from fct_loads
        where
            load_status = 'loaded' and file_name in (select source_id from fct_persona_assignments)
        group by file_name
    """,
    "mappings": """
        select
            mapping_id as mapping, looks_at, management_level, cost_center, cost_center_prefix,
            department, job_title, worker_type, hits, support, confidence, assured_precision,
            runner_up_persona_id as runner_up, learned_until_date as learned_until,
            training_id as training
        from dim_pretrained_mappings
        where mapping_id in (select source_id from fct_persona_assignments)
    """,
    "waivers": """
        select exception_id as waiver_id, approved_by, valid_to
        from dim_exceptions where exception_kind = 'waiver'
    """,
    "personas": "select persona_id, persona_name from dim_personas",
    "verdicts": f"select verdict, {', '.join(VERDICT)} from verdicts",
}


def people_files(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Yield the first BRID of each file and the file's JSON object, in order of the BRIDs."""
    connection.execute(_PREPARE)
    connection.execute(_FILES, {"rows_a_file": ACCESS_ROWS_A_FILE})
    result = connection.execute(_DOCUMENTS)
    while rows := result.fetchmany(50):
        for _, first_brid, members in rows:
            yield first_brid, "{" + members + "}"


def sources(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Yield the name of each list that people's pages share, and its JSON."""
    for name, query in SOURCES.items():
        rows = connection.execute(
            f"""
            select coalesce(to_json(list(a_row order by a_row)), '[]')::varchar
            from ({query}) as a_row
            """
        ).fetchall()
        yield name, rows[0][0]
