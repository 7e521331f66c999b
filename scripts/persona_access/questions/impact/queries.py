"""SQL for the differences between two builds of a week: the schemas `base` and `work`.

Each SQL file in this folder creates one table of differences; reports read only these.
"""

from __future__ import annotations

from functools import partial

from persona_access.base.sql import statement

# The relations that are read from either side, for the compared week.
READ = {
    "persona_assignments": "marts.fct_persona_assignments where as_of_date = $week",
    "access_reconciliation": "marts.fct_access_reconciliation where as_of_date = $week",
    "persona_sets": "intermediate.int_employee_persona_sets where as_of_date = $week",
    "set_requirements": (
        "intermediate.int_persona_set_requirements "
        "where as_of_date = $week and requirement <> 'prohibited'"
    ),
    "mapping_rules": "marts.dim_mapping_rules",
    "rule_coverage": "marts.fct_rule_coverage",
    "aliases": "intermediate.int_application_aliases",
}

_in_file = partial(statement, __package__)

TABLES = (
    _in_file("persona_changes"),
    _in_file("status_changes"),
    _in_file("expectation_changes"),
    _in_file("rule_changes"),
    _in_file("cell_changes"),
    _in_file("traps"),
)

PEOPLE_CHANGED = _in_file("people_changed")

REPORT = {
    "persona_flows": _in_file("report_persona_flows"),
    "persona_changes": "from persona_changes order by change, brid",
    "status_flips": _in_file("report_status_flips"),
    "status_changes": "from status_changes order by brid, application_id",
    "expectations": _in_file("report_expectations"),
    "rule_changes": "from rule_changes order by rule",
    "cell_changes": "from cell_changes order by people desc, cost_center, management_level",
    "trap_summary": _in_file("report_trap_summary"),
    "traps": "from traps order by cause, application_id, brid",
}
