with

periods as (

    select
        'snap_mapping_rules' as snapshot_name,
        rule_id || ' v' || rule_version as decision_id,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_mapping_rules') }}

    union all

    select
        'snap_waivers' as snapshot_name,
        waiver_id as decision_id,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_waivers') }}

),

ordered as (

    select
        snapshot_name,
        decision_id,
        dbt_valid_from,
        dbt_valid_to,
        lead(dbt_valid_from) over (
            partition by snapshot_name, decision_id order by dbt_valid_from, dbt_valid_to
        ) as next_valid_from
    from periods

),

overlapping as (

    select * from ordered
    where dbt_valid_to > next_valid_from or dbt_valid_to < dbt_valid_from

)

select * from overlapping
