"""Tables of decisions: exceptions, rules, mappings, and their gaps."""

from __future__ import annotations

from persona_access.outputs.report.table import Table, columns

EXCEPTIONS = Table(
    name="exceptions",
    title="Exceptions: waivers, overrides, non-human accounts",
    model="dim_exceptions",
    columns=columns(
        "exception_kind word?",
        "exception_state word?",
        "exception_id",
        "brid brid",
        "application_id application",
        "persona_id persona",
        "purpose",
        "owner_brid brid Responsible",
        "valid_from date +",
        "valid_to date",
        "n_days_left number",
        "requested_by brid +",
        "approved_by brid",
        "approved_on date +",
        "rationale text +",
    ),
    query="from dim_exceptions",
    order="list_position(['in_force', 'not_started', 'expired'], exception_state), "
    "n_days_left nulls last, exception_kind, exception_id, brid, valid_from, valid_to, purpose",
    empty="No exception was made.",
)

RULES = Table(
    name="rules",
    title="Mapping rules",
    model="dim_mapping_rules",
    columns=columns(
        "rule text Rule",
        "effect word?",
        "management_level",
        "cost_center",
        "persona_id persona",
        "priority number +",
        "is_in_force flag?",
        "n_employees_decided number",
        "n_cells_decided number +",
        "is_redundant flag?",
        "is_ambiguous flag?",
        "is_unreachable flag?",
        "owner brid +",
        "approved_by brid",
        "approved_on date +",
        "valid_to date",
        "rationale text +",
    ),
    query="select rule_id || ' v' || rule_version as rule, * from dim_mapping_rules",
    order="rule_id, rule_version",
)

MAPPINGS = Table(
    name="mappings",
    title="Pre-trained mappings that decided for somebody",
    model="rpt_pretrained_mappings",
    columns=columns(
        "mapping_id text Mapping",
        "persona_id persona",
        "n_people number",
        "confidence share",
        "assured_precision share",
        "support number",
        "hits number +",
        "management_level",
        "cost_center",
        "cost_center_prefix text +",
        "department",
        "job_title",
        "worker_type",
        "runner_up_persona_id persona",
        "learned_until_date date +",
    ),
    query="from rpt_pretrained_mappings",
    order="n_people desc, mapping_id",
    empty="Nobody has a persona from a pre-trained mapping.",
)

COVERAGE = Table(
    name="coverage",
    title="What the rules give for each level and cost center",
    model="fct_rule_coverage",
    columns=columns(
        "management_level text?",
        "cost_center text?",
        "coverage word?",
        "persona_id persona",
        "deciding_rules",
        "n_assigning_rules number",
        "has_overlap flag?",
        "n_employees number?",
    ),
    query="from fct_rule_coverage",
    order="list_position(['ambiguous', 'gap', 'excluded', 'assigned'], coverage), "
    "n_employees desc, management_level, cost_center",
)

DISAGREEMENTS = Table(
    name="disagreements",
    title="Where a weaker source differs from the winner",
    model="rpt_method_disagreements",
    columns=columns(
        "losing_method word?",
        "losing_source_id text Source",
        "losing_persona_id persona Says",
        "winning_method word?",
        "n_people number",
    ),
    query="from rpt_method_disagreements",
    order="n_people desc, losing_method, losing_source_id, losing_persona_id, winning_method",
    empty="All sources agree.",
)

EVERY = (EXCEPTIONS, RULES, MAPPINGS, COVERAGE, DISAGREEMENTS)
