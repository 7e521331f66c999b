{% set previous_date = previous_as_of_date(this) %}

with

violations_now as (

    select * from {{ ref('int_sod_violations') }}

),

mitigations as (

    select * from {{ ref('int_sod_mitigations') }}

),

violations_before as (

    select
        sod_rule_id,
        sod_rule_name,
        severity,
        owner_brid,
        brid,
        held_of_a,
        held_of_b,
        is_by_design,
        opened_date
    from {{ this }}
    where as_of_date = {{ previous_date }} and violation_state <> 'closed'

),

followed as (

    select
        coalesce(violations_now.sod_rule_id, violations_before.sod_rule_id) as sod_rule_id,
        coalesce(violations_now.sod_rule_name, violations_before.sod_rule_name) as sod_rule_name,
        coalesce(violations_now.severity, violations_before.severity) as severity,
        coalesce(violations_now.owner_brid, violations_before.owner_brid) as owner_brid,
        coalesce(violations_now.brid, violations_before.brid) as brid,
        coalesce(violations_now.held_of_a, violations_before.held_of_a) as held_of_a,
        coalesce(violations_now.held_of_b, violations_before.held_of_b) as held_of_b,
        coalesce(violations_now.is_by_design, violations_before.is_by_design) as is_by_design,
        coalesce(violations_before.opened_date, {{ as_of_date() }}) as opened_date,
        violations_now.brid is null as is_over
    from violations_now
    full join violations_before
        on
            violations_now.sod_rule_id = violations_before.sod_rule_id
            and violations_now.brid = violations_before.brid

),

stated as (

    select
        {{ as_of_date() }} as as_of_date,
        followed.sod_rule_id,
        followed.sod_rule_name,
        followed.severity,
        followed.owner_brid,
        followed.brid,
        followed.held_of_a,
        followed.held_of_b,
        followed.is_by_design,
        case
            when followed.is_over then 'closed'
            when mitigations.brid is not null then 'mitigated'
            else 'open'
        end as violation_state,
        mitigations.mitigating_control,
        mitigations.mitigated_until,
        followed.opened_date,
        cast(
            {{ dbt.datediff('followed.opened_date', as_of_date(), 'day') }} as {{ dbt.type_int() }}
        ) as n_days_open
    from followed
    left join mitigations
        on
            followed.sod_rule_id = mitigations.sod_rule_id
            and followed.brid = mitigations.brid

)

select * from stated
