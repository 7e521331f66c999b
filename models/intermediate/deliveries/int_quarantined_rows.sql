with

loader_quarantine as (

    select * from {{ ref('stg_loader__quarantined_rows') }}

),

values_in_doubt as (

    select * from {{ ref('int_values_in_doubt') }}

),

grants as (

    select * from {{ ref('int_grants_quarantined') }}

),

employees as (

    select
        file_name,
        row_number,
        brid_as_delivered
    from {{ ref('stg_hr__employees') }}
    where brid is null

),

members as (

    select
        file_name,
        row_number,
        brid_as_delivered
    from {{ ref('stg_personas__members') }}
    where brid is null

),

unioned as (

    select
        feed,
        file_name,
        row_number,
        case when is_row_quarantined then 'loader' else 'loader_value' end as quarantine_stage,
        reason as quarantine_reason,
        column_name,
        value as value_as_delivered,
        message,
        brid
    from loader_quarantine

    union all

    select
        feed,
        file_name,
        row_number,
        'value_before' as quarantine_stage,
        quarantine_reason,
        column_name,
        value_as_delivered,
        message,
        brid
    from values_in_doubt

    union all

    select
        'iam_app_registry' as feed,
        file_name,
        row_number,
        quarantine_stage,
        quarantine_reason,
        column_name,
        value_as_delivered,
        message,
        brid
    from grants

    union all

    select
        'hr_headcount' as feed,
        file_name,
        row_number,
        'key' as quarantine_stage,
        'bad_key' as quarantine_reason,
        'brid' as column_name,
        brid_as_delivered as value_as_delivered,
        'The BRID cannot be read, so the row describes nobody.' as message,
        cast(null as {{ dbt.type_string() }}) as brid
    from employees

    union all

    select
        'persona_members' as feed,
        file_name,
        row_number,
        'key' as quarantine_stage,
        'bad_key' as quarantine_reason,
        'brid' as column_name,
        brid_as_delivered as value_as_delivered,
        'The BRID cannot be read, so the membership belongs to nobody.' as message,
        cast(null as {{ dbt.type_string() }}) as brid
    from members

)

select * from unioned
