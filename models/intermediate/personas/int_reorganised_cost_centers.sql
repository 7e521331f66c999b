{%- set limits = var('reorganised_cost_center') %}
with

recorded as (

    select * from {{ ref('stg_decisions__pretrained_cost_centers') }}

),

profiles as (

    select
        cost_center_key,
        department_key,
        job_title_key,
        n_employees
    from {{ ref('int_employee_profiles') }}
    where cost_center_key <> ''

),

present_values as (

    select
        cost_center_key,
        'department' as attribute_name,
        department_key as value_key,
        cast(sum(n_employees) as bigint) as n_with_value
    from profiles
    where department_key <> ''
    group by 1, 2, 3

    union all

    select
        cost_center_key,
        'job_title' as attribute_name,
        job_title_key as value_key,
        cast(sum(n_employees) as bigint) as n_with_value
    from profiles
    where job_title_key <> ''
    group by 1, 2, 3

),

present as (

    select
        cost_center_key,
        attribute_name,
        cast(sum(n_with_value) as bigint) as n_people
    from present_values
    group by 1, 2

),

compared as (

    -- Whole numbers, or the last digit of a sum would depend on the engine. Few people prove
    -- nothing, nor does a mix that is mostly values of one or two people.
    select
        recorded.cost_center_key,
        recorded.attribute_name,
        present.n_people,
        cast(sum(recorded.share_percent) as bigint) as recorded_percent,
        cast(
            sum(
                least(
                    recorded.share_percent * present.n_people,
                    100 * coalesce(present_values.n_with_value, 0)
                )
            ) as bigint
        ) as left_percent_of_people
    from recorded
    inner join present
        on
            recorded.cost_center_key = present.cost_center_key
            and recorded.attribute_name = present.attribute_name
    left join present_values
        on
            recorded.cost_center_key = present_values.cost_center_key
            and recorded.attribute_name = present_values.attribute_name
            and recorded.value_key = present_values.value_key
    where present.n_people >= {{ limits['min_people'] }}
    group by 1, 2, 3
    having sum(recorded.share_percent) >= {{ limits['min_recorded_percent'] }}

),

decided as (

    -- If departments or titles are unchanged, the unit is the same.
    select
        cost_center_key,
        cast(max(n_people) as {{ dbt.type_int() }}) as n_people,
        bool_and(
            100 * left_percent_of_people
            < {{ limits['max_left_percent'] }} * recorded_percent * n_people
        ) as is_reorganised
    from compared
    group by 1

),

reorganised as (

    select
        cost_center_key,
        n_people
    from decided
    where is_reorganised

)

select * from reorganised
