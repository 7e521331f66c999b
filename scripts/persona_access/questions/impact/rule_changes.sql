create table rule_changes as
with

base_rules as (select * from base.mapping_rules),

work_rules as (select * from work.mapping_rules),

joined as (

    select
        rule_id || ' v' || rule_version as rule,
        coalesce(work_rules.persona_id, base_rules.persona_id) as persona_id,
        concat_ws(
            ', ',
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
            case
                when work_rules.is_in_force and base_rules.is_in_force = false
                    then 'in force'
            end,
            case
                when base_rules.is_in_force and work_rules.is_in_force = false
                    then 'out of force'
            end,
            case
                when work_rules.is_unreachable and not coalesce(base_rules.is_unreachable, false)
                    then 'unreachable'
            end,
            case
                when work_rules.is_ambiguous and not coalesce(base_rules.is_ambiguous, false)
                    then 'ambiguous'
            end,
            case
                when work_rules.is_redundant and not coalesce(base_rules.is_redundant, false)
                    then 'redundant'
            end,
            case
                when base_rules.is_unreachable and work_rules.is_unreachable = false
                    then 'reachable again'
            end,
            case
                when base_rules.is_ambiguous and work_rules.is_ambiguous = false
                    then 'no longer ambiguous'
            end,
            case
                when base_rules.is_redundant and work_rules.is_redundant = false
                    then 'no longer redundant'
            end

        ) as became,
        base_rules.n_cells_decided as cells_before,
        work_rules.n_cells_decided as cells_after,
        base_rules.n_employees_decided as people_before,
        work_rules.n_employees_decided as people_after
    from base_rules
    full join work_rules using (rule_id, rule_version)

)

from joined
where became <> '' or people_before is distinct from people_after
