{{ config(severity='warn') }}

with

precision_by_group as (

    select
        assurance_group,
        n_people,
        n_right,
        share_right,
        assured_precision
    from {{ ref('fct_mapping_precision') }}
    where is_below_assured

),

trainings as (

    select
        training_id,
        data_date
    from {{ ref('stg_decisions__pretrained_trainings') }}

),

reorganised as (

    select
        cost_center_key,
        n_people
    from {{ ref('int_reorganised_cost_centers') }}

),

found as (

    select
        assurance_group as what,
        cast(share_right as {{ dbt.type_string() }}) as value_found,
        cast(n_right as {{ dbt.type_string() }}) || ' of '
        || cast(n_people as {{ dbt.type_string() }})
        || ' people who became known since hold what they were assured at '
        || cast(assured_precision as {{ dbt.type_string() }}) || ': train again.' as reason
    from precision_by_group

    union all

    select
        training_id as what,
        cast(data_date as {{ dbt.type_string() }}) as value_found,
        'The training is more than {{ var("pretrained_max_age_days") }} days old: train again.'
            as reason
    from trainings
    where
        {{ dbt.datediff('data_date', as_of_date(), 'day') }}
        > {{ var('pretrained_max_age_days') }}

    union all

    select
        cost_center_key as what,
        cast(n_people as {{ dbt.type_string() }}) as value_found,
        'The people of the cost center do other work than those that mappings were learned from, '
        || 'so what was learned of it only suggests: train again.' as reason
    from reorganised

)

select * from found
