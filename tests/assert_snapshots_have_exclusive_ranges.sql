with

periods as (

    select
        'snap_mapping_rules' as snapshot_name,
        rule_id || ' v' || rule_version as key_of_row,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_mapping_rules') }}

    union all

    select
        'snap_waivers' as snapshot_name,
        waiver_id as key_of_row,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_waivers') }}

    union all

    select
        'snap_headcount' as snapshot_name,
        brid as key_of_row,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_headcount') }}

    union all

    select
        'snap_persona_list' as snapshot_name,
        persona_id || ' x ' || application_id as key_of_row,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_persona_list') }}

    union all

    select
        'snap_persona_assignments' as snapshot_name,
        brid || ' x ' || persona_id as key_of_row,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_persona_assignments') }}

),

ordered as (

    select
        snapshot_name,
        key_of_row,
        dbt_valid_from,
        dbt_valid_to,
        lead(dbt_valid_from) over (
            partition by snapshot_name, key_of_row order by dbt_valid_from, dbt_valid_to
        ) as next_valid_from
    from periods

),

overlapping as (

    select * from ordered
    where dbt_valid_to > next_valid_from or dbt_valid_to <= dbt_valid_from

)

select * from overlapping
