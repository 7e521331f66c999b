with

employees_ranked as (

    select * from {{ ref('int_employees_ranked') }}

),

attributes_looked_at as (

    -- Only attributes that a rule uses form groups of people; otherwise each cell would have one
    -- person.
    select attribute_name from {{ ref('stg_decisions__rule_conditions') }}
    union
    select attribute_name from {{ ref('stg_decisions__pretrained_conditions') }}

),

chosen as (

    select
        brid,
        full_name,
        work_email,
        employment_status,
        known_status,
        employment_state,
        is_employed,
        worker_type,
        management_level,
        cost_center,
        cost_center_name,
        department,
        job_title,
        manager_brid,
        location,
        hire_date,
        known_hire_date,
        termination_date,
        attributes,
        coalesce(is_source_late, false) as is_source_late,
        n_hr_rows,
        case
            -- A person who was rehired, and whose status alone says that they left again, still has
            -- the end date of the former employment.
            when has_ended_by_date
                then {{ dbt.datediff('termination_date', as_of_date(), 'day') }}
        end as days_since_end
    from employees_ranked
    where row_rank = 1

),

attribute_entries as (

    {{ attribute_entries('chosen') }}

),

keyed as (

    select
        attribute_entries.brid,
        '|' || {{ dbt.listagg(
            measure="attribute_entries.attribute_name || '=' || " ~ attribute_key('attribute_entries.attribute_value'),
            delimiter_text="'|'",
            order_by_clause="order by attribute_entries.attribute_name",
        ) }} || '|' as attributes_key
    from attribute_entries
    inner join attributes_looked_at
        on attribute_entries.attribute_name = attributes_looked_at.attribute_name
    group by 1

),

employees as (

    select
        chosen.*,
        keyed.attributes_key
    from chosen
    left join keyed on chosen.brid = keyed.brid

)

select * from employees
