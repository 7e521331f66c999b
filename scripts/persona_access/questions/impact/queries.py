"""What differs between two builds of a week: the schemas `base` and `work`, in SQL.

Each statement makes one table of differences; the reports read nothing else.
"""

# What is read of either side, of the week that is compared.
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

# Whoever holds a baseline persona on both sides holds it whatever the decisions say.
PERSONA_CHANGES = """
create table persona_changes as
with

assignments as (

    select 'base' as side, * from base.persona_assignments
    union all
    select 'work' as side, * from work.persona_assignments

),

on_both_sides as (

    select brid, persona_id from assignments where assignment_method = 'baseline'
    group by 1, 2
    having count(*) = 2

),

people as (

    select
        assignments.side,
        assignments.brid,
        min(assignments.management_level) as management_level,
        min(assignments.cost_center) as cost_center,
        string_agg(assignments.persona_id, ' | ' order by assignments.persona_id) as personas,
        string_agg(distinct nullif(assignments.assignment_method, 'none'), ' | '
            order by nullif(assignments.assignment_method, 'none')) as methods,
        string_agg(assignments.source_id, ' | ' order by assignments.persona_id) as sources,
        max(assignments.unresolved_reason) as unresolved_reason
    from assignments
    left join on_both_sides
        on
            assignments.brid = on_both_sides.brid
            and assignments.persona_id = on_both_sides.persona_id
    where on_both_sides.brid is null
    group by 1, 2

),

joined as (

    select
        brid,
        coalesce(work_people.management_level, base_people.management_level) as management_level,
        coalesce(work_people.cost_center, base_people.cost_center) as cost_center,
        base_people.personas as personas_before,
        work_people.personas as personas_after,
        base_people.methods as method_before,
        work_people.methods as method_after,
        base_people.sources as source_before,
        work_people.sources as source_after,
        base_people.unresolved_reason as unresolved_before,
        work_people.unresolved_reason as unresolved_after
    from (from people where side = 'base') as base_people
    full join (from people where side = 'work') as work_people using (brid)

)

select
    case
        when personas_before is distinct from personas_after then 'persona'
        when unresolved_before is distinct from unresolved_after then 'reason'
        else 'source'
    end as change,
    *
from joined
where
    personas_before is distinct from personas_after
    or unresolved_before is distinct from unresolved_after
    or source_before is distinct from source_after
    or method_before is distinct from method_after
"""

STATUS_CHANGES = """
create table status_changes as
with

base_access as (

    from base.access_reconciliation

),

work_access as (

    from work.access_reconciliation

)

select
    brid,
    application_id,
    coalesce(base_access.reconciliation_status, 'no row') as status_before,
    coalesce(work_access.reconciliation_status, 'no row') as status_after,
    base_access.reconciliation_reason as reason_before,
    work_access.reconciliation_reason as reason_after,
    base_access.disposition as disposition_before,
    work_access.disposition as disposition_after,
    base_access.persona_ids as asked_for_by_before,
    work_access.persona_ids as asked_for_by_after
from base_access
full join work_access using (brid, application_id)
where
    (
        base_access.reconciliation_status,
        base_access.reconciliation_reason,
        base_access.disposition
    )
    is distinct from (
        work_access.reconciliation_status,
        work_access.reconciliation_reason,
        work_access.disposition
    )
"""

# Expected access, optional included, whether or not somebody holds it.
EXPECTATION_CHANGES = """
create table expectation_changes as
with

expectations as (

    select
        'base' as side, sets.brid, requirements.application_id, requirements.persona_ids
    from base.persona_sets as sets
    inner join base.set_requirements as requirements
        using (as_of_date, persona_set_id)

    union all

    select
        'work' as side, sets.brid, requirements.application_id, requirements.persona_ids
    from work.persona_sets as sets
    inner join work.set_requirements as requirements
        using (as_of_date, persona_set_id)

),

one_sided as (

    select
        brid,
        application_id,
        min(side) as side,
        min(persona_ids) as persona_ids
    from expectations
    group by 1, 2
    having count(*) = 1

)

select
    case one_sided.side when 'work' then 'gained' else 'lost' end as change,
    one_sided.brid,
    one_sided.application_id,
    unnest(string_split(one_sided.persona_ids, ' | ')) as persona_id,
    people.cost_center
from one_sided
left join (
    select brid, min(cost_center) as cost_center
    from work.persona_assignments
    group by 1
) as people on one_sided.brid = people.brid
"""

RULE_CHANGES = """
create table rule_changes as
with

base_rules as (select * from base.mapping_rules),

work_rules as (select * from work.mapping_rules),

joined as (

    select
        rule_id || ' v' || rule_version as rule,
        coalesce(work_rules.persona_id, base_rules.persona_id) as persona_id,
        array_to_string(list_filter([
            case when base_rules.effect is null then 'added' end,
            case when work_rules.effect is null then 'removed' end,
            case when base_rules.effect is not null and work_rules.effect is not null and (
                base_rules.effect, base_rules.management_level, base_rules.cost_center,
                base_rules.persona_id, base_rules.priority, base_rules.is_null_matched,
                base_rules.valid_from, base_rules.valid_to
            ) is distinct from (
                work_rules.effect, work_rules.management_level, work_rules.cost_center,
                work_rules.persona_id, work_rules.priority, work_rules.is_null_matched,
                work_rules.valid_from, work_rules.valid_to
            ) then 'changed' end,
            case when work_rules.is_in_force and base_rules.is_in_force = false
                then 'in force' end,
            case when base_rules.is_in_force and work_rules.is_in_force = false
                then 'out of force' end,
            case when work_rules.is_unreachable and not coalesce(base_rules.is_unreachable, false)
                then 'unreachable' end,
            case when work_rules.is_ambiguous and not coalesce(base_rules.is_ambiguous, false)
                then 'ambiguous' end,
            case when work_rules.is_redundant and not coalesce(base_rules.is_redundant, false)
                then 'redundant' end,
            case when base_rules.is_unreachable and work_rules.is_unreachable = false
                then 'reachable again' end,
            case when base_rules.is_ambiguous and work_rules.is_ambiguous = false
                then 'no longer ambiguous' end,
            case when base_rules.is_redundant and work_rules.is_redundant = false
                then 'no longer redundant' end
        ], lambda word: word is not null), ', ') as became,
        base_rules.n_cells_decided as cells_before,
        work_rules.n_cells_decided as cells_after,
        base_rules.n_employees_decided as people_before,
        work_rules.n_employees_decided as people_after
    from base_rules
    full join work_rules using (rule_id, rule_version)

)

from joined
where became <> '' or people_before is distinct from people_after
"""

CELL_CHANGES = """
create table cell_changes as
select
    management_level,
    cost_center,
    coalesce(base_cells.coverage, 'no cell') as coverage_before,
    coalesce(work_cells.coverage, 'no cell') as coverage_after,
    base_cells.persona_id as persona_before,
    work_cells.persona_id as persona_after,
    base_cells.deciding_rules as rules_before,
    work_cells.deciding_rules as rules_after,
    coalesce(work_cells.n_employees, base_cells.n_employees) as people
from base.rule_coverage as base_cells
full join work.rule_coverage as work_cells using (management_level, cost_center)
where
    (base_cells.coverage, base_cells.persona_id)
    is distinct from (work_cells.coverage, work_cells.persona_id)
    -- A level or cost center that only a rule names makes cells that nobody holds; of these only
    -- the ones that a changed rule decides are news.
    and (
        (base_cells.coverage is not null and work_cells.coverage is not null)
        or coalesce(work_cells.n_employees, base_cells.n_employees) > 0
        or exists (
            select 1 from rule_changes
            where
                rule_changes.became <> ''
                and list_contains(
                    string_split(
                        coalesce(work_cells.deciding_rules, base_cells.deciding_rules), ', '
                    ),
                    rule_changes.rule
                )
        )
    )
"""

# Access that could not be classified and that now is excess, also under an alias' application.
TRAPS = """
create table traps as
with

new_aliases as (

    select application_spelling, application_id
    from work.aliases
    except
    select application_spelling, application_id
    from base.aliases

),

no_longer_unassessed as (

    select
        status_changes.brid,
        status_changes.application_id as application_before,
        status_changes.reason_before,
        coalesce(new_aliases.application_id, status_changes.application_id) as application_id
    from status_changes
    left join new_aliases
        on
            status_changes.application_id = new_aliases.application_spelling
            and status_changes.status_after = 'no row'
    where status_changes.status_before = 'unassessed'

)

select
    case
        when no_longer_unassessed.application_before <> application_id
            then 'spelling explained by a new alias'
        when no_longer_unassessed.reason_before = 'application_not_modelled'
            then 'application modelled for the first time'
        when no_longer_unassessed.reason_before = 'application_unknown'
            then 'application known for the first time'
        else 'person with a persona for the first time'
    end as cause,
    application_id,
    brid,
    no_longer_unassessed.application_before,
    no_longer_unassessed.reason_before,
    status_changes.reason_after,
    status_changes.disposition_after
from no_longer_unassessed
inner join status_changes using (brid, application_id)
where status_changes.status_after = 'excess'
"""

TABLES = (
    PERSONA_CHANGES,
    STATUS_CHANGES,
    EXPECTATION_CHANGES,
    RULE_CHANGES,
    CELL_CHANGES,
    TRAPS,
)

PEOPLE_CHANGED = """
select count(*) as people
from (
    select brid from persona_changes where change <> 'source'
    union
    select brid from status_changes
)
"""

REPORT = {
    "persona_flows": """
        select
            coalesce(personas_before, 'none (' || unresolved_before || ')', 'none') as before,
            coalesce(personas_after, 'none (' || unresolved_after || ')', 'none') as after,
            method_before,
            method_after,
            count(*) as people
        from persona_changes
        where change <> 'source'
        group by 1, 2, 3, 4
        order by people desc, before, after, method_before, method_after
    """,
    "persona_changes": """
        from persona_changes
        order by change, brid
    """,
    "status_flips": """
        select
            status_before,
            reason_before,
            status_after,
            reason_after,
            disposition_before,
            disposition_after,
            count(*) as pairs,
            count(distinct brid) as people
        from status_changes
        group by all
        order by
            status_before, reason_before, status_after, reason_after,
            disposition_before, disposition_after
    """,
    "status_changes": """
        from status_changes
        order by brid, application_id
    """,
    "expectations": """
        select
            change,
            persona_id,
            cost_center,
            application_id,
            count(distinct brid) as people
        from expectation_changes
        group by 1, 2, 3, 4
        order by change, persona_id, cost_center nulls first, application_id
    """,
    "rule_changes": "from rule_changes order by rule",
    "cell_changes": "from cell_changes order by people desc, cost_center, management_level",
    "trap_summary": """
        select
            cause,
            application_id,
            reason_before,
            reason_after,
            count(distinct brid) as people
        from traps
        group by 1, 2, 3, 4
        order by people desc, cause, application_id
    """,
    "traps": "from traps order by cause, application_id, brid",
}
