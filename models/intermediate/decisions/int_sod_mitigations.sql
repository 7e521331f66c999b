with

mitigations as (

    select
        sod_rule_id,
        brid,
        min(mitigating_control) as mitigating_control,
        max(valid_to) as mitigated_until
    from {{ ref('stg_decisions__sod_mitigations') }}
    where is_in_force
    group by 1, 2

)

select * from mitigations
