with

weeks as (

    select * from {{ ref('fct_reconciliation_by_week') }}

),

movements as (

    select
        as_of_date,
        movement_type,
        is_gone_from_hr_file,
        is_persona_changed
    from {{ ref('fct_movements') }}

),

moved as (

    select
        as_of_date,
        count(*) filter (where movement_type = 'joiner') as n_joiners,
        count(*) filter (where movement_type = 'rehire') as n_rehires,
        count(*) filter (where movement_type = 'mover') as n_movers,
        count(*) filter (where movement_type = 'leaver') as n_leavers,
        count(*) filter (where is_gone_from_hr_file) as n_gone,
        count(*) filter (where is_persona_changed) as n_personas_changed
    from movements
    group by 1

),

violations as (

    select
        as_of_date,
        count(*) filter (where violation_state = 'open') as n_duty_violations,
        count(*) filter (where violation_state = 'mitigated') as n_duty_violations_mitigated
    from {{ ref('fct_sod_violations') }}
    group by 1

),

joined as (

    -- A week in which nobody moved has a row, too.
    select
        weeks.as_of_date,
        weeks.n_employees,
        weeks.n_unresolved_employees,
        weeks.n_employees_without_access,
        weeks.n_by_override,
        weeks.n_by_persona_list,
        weeks.n_by_rule,
        weeks.n_by_pretrained,
        weeks.mapping_coverage,
        {% for name in status_count_names() + ['match_rate'] + finding_flow_names() %}
            weeks.{{ name }},
        {% endfor %}
        {{ excess_rate('weeks') }} as excess_rate,
        weeks.median_age_days,
        cast(coalesce(moved.n_joiners, 0) as {{ dbt.type_bigint() }}) as n_joiners,
        cast(coalesce(moved.n_rehires, 0) as {{ dbt.type_bigint() }}) as n_rehires,
        cast(coalesce(moved.n_movers, 0) as {{ dbt.type_bigint() }}) as n_movers,
        cast(coalesce(moved.n_leavers, 0) as {{ dbt.type_bigint() }}) as n_leavers,
        cast(coalesce(moved.n_gone, 0) as {{ dbt.type_bigint() }}) as n_gone,
        cast(coalesce(moved.n_personas_changed, 0) as {{ dbt.type_bigint() }})
            as n_personas_changed,
        cast(coalesce(violations.n_duty_violations, 0) as {{ dbt.type_bigint() }})
            as n_duty_violations,
        cast(coalesce(violations.n_duty_violations_mitigated, 0) as {{ dbt.type_bigint() }})
            as n_duty_violations_mitigated
    from weeks
    left join moved on weeks.as_of_date = moved.as_of_date
    left join violations on weeks.as_of_date = violations.as_of_date

)

select * from joined
