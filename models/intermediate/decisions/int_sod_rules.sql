with

sod_rules as (

    select
        sod_rule_id,
        sod_rule_name,
        severity,
        owner_brid
    from {{ ref('stg_decisions__sod_rules') }}
    where is_in_force

)

select * from sod_rules
