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
    -- A level or cost center that only a rule names creates cells without people; only those that a
    -- changed rule decides are reported.
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
