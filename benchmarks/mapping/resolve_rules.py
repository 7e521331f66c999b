"""Time the resolution of rules by the project's own SQL, on invented people and rules.

    PERSONA_ACCESS_HOME=<a home with a loaded week> .venv/bin/python \
        benchmarks/mapping/resolve_rules.py --employees 1000000 --rules 5000

Compiles the models and runs them, one after the other and as they are materialised, over generated
employees and rules in memory. No person of the home is read.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from contextlib import redirect_stdout

import duckdb

from persona_access.base.dbt import DbtProject
from persona_access.base.settings import load_settings

MODELS = (
    "int_mapping_cells",
    "int_rule_matches",
    "int_rule_candidates",
    "int_employee_profiles",
    "int_pretrained_matches",
    "int_pretrained_candidates",
    "int_persona_candidates",
)

# One rule in 100 is a prefix for all levels, one in 1,000 excludes; the others name a cell.
PARENTS = """
create schema warehouse.intermediate;
create schema warehouse.staging;
create table warehouse.intermediate.int_employees as
select
    i::varchar as brid,
    'L' || hash(i) % 10 as management_level,
    'CC-' || lpad((hash(i + 1) % $n_centers)::varchar, 6, '0') as cost_center,
    'D' || hash(i + 1) % $n_centers % 200 as department,
    'T' || hash(i + 2) % 300 as job_title,
    'employee' as worker_type,
    null::varchar as manager_brid,
    true as is_employed
from range($n_employees) as numbers(i);
create table warehouse.staging.stg_decisions__mapping_rules as
select
    'R-' || i as rule_id,
    1 as rule_version,
    case when i % 1000 = 7 then 'exclude' else 'assign' end as effect,
    case when i % 100 = 0 then '*' else 'L' || i % 10 end as management_level,
    case
        when i % 100 = 0 then 'CC-' || lpad((i // 100)::varchar, 4, '0') || '*'
        else 'CC-' || lpad((i // 10 % $n_centers)::varchar, 6, '0')
    end as cost_center,
    'P' || i % 2000 as persona_id,
    null::integer as priority,
    false as is_null_matched,
    true as is_in_force
from range($n_rules) as numbers(i);
create table warehouse.staging.stg_personas__members (
    brid varchar, persona_id varchar, file_name varchar, valid_from date, valid_to date
);
create table warehouse.staging.stg_decisions__persona_overrides (
    brid varchar, persona_id varchar, override_id varchar, is_in_force boolean
);
create table warehouse.staging.stg_decisions__persona_feedback (
    brid varchar, persona_id varchar, verdict varchar, is_in_force boolean
);
create table warehouse.staging.stg_decisions__pretrained_mappings (
    mapping_id varchar, key_rank integer, looks_at varchar, management_level_key varchar,
    cost_center_key varchar, cost_center_prefix_key varchar, department_key varchar,
    job_title_key varchar, worker_type_key varchar, manager_key varchar, persona_id varchar,
    confidence numeric(5, 4), assured_precision numeric(5, 4), support integer, hits integer,
    runner_up_persona_id varchar, runner_up_confidence numeric(5, 4),
    third_persona_id varchar, third_confidence numeric(5, 4), assurance_group varchar
);
"""


def main() -> None:
    """Run the models and print the seconds of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--employees", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=5_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        flags = ("--quiet", "--target-path", folder, "--log-path", folder)
        with redirect_stdout(io.StringIO()):  # dbt prints what it compiles
            compiled = DbtProject(load_settings(), flags).invoke("compile", "--select", *MODELS)
    nodes = {result.node.name: result.node for result in compiled.result}
    counts = {
        "$n_employees": given.employees,
        "$n_rules": given.rules,
        # Ten levels, and rules for more than half of the cells.
        "$n_centers": max(given.rules // 6, 100),
    }
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as connection:
        connection.execute("attach ':memory:' as warehouse")
        parents = PARENTS
        for name, count in counts.items():
            parents = parents.replace(name, str(count))
        connection.execute(parents)
        started = time.perf_counter()
        for model in MODELS:
            node = nodes[model]
            before = time.perf_counter()
            kind = node.config.materialized.removeprefix("replaced_")
            connection.execute(f"create {kind} {node.relation_name} as {node.compiled_code}")
            print(f"{model:<28} {kind:<6} {time.perf_counter() - before:6.1f} s")  # noqa: T201
        ((n_people, n_rows),) = connection.execute(
            "select count(distinct brid) filter (where candidate_outcome = 'won'), count(*) "
            "from warehouse.intermediate.int_persona_candidates"
        ).fetchall()
        print(  # noqa: T201
            f"{given.rules:,} rules x {given.employees:,} employees: {n_people:,} people resolved, "
            f"{n_rows:,} candidates, {time.perf_counter() - started:.1f} s"
        )


if __name__ == "__main__":
    main()
