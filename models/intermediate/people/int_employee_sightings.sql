with

employees as (

    select
        brid,
        {{ as_of_date() }} as sighted_date
    from {{ ref('int_employees') }}

),

{% if is_incremental() %}

    earlier_sightings as (

        select
            brid,
            first_sighted_date,
            last_sighted_date
        from {{ this }}

    ),

{% endif %}

sightings as (

    -- First and last do not depend on the order in which weeks are computed.
    select
        employees.brid,
        {% if is_incremental() %}
            least(
                employees.sighted_date,
                coalesce(earlier_sightings.first_sighted_date, employees.sighted_date)
            ) as first_sighted_date,
            greatest(
                employees.sighted_date,
                coalesce(earlier_sightings.last_sighted_date, employees.sighted_date)
            ) as last_sighted_date
        {% else %}
            employees.sighted_date as first_sighted_date,
            employees.sighted_date as last_sighted_date
        {% endif %}
    from employees
    {% if is_incremental() %}
        left join earlier_sightings on employees.brid = earlier_sightings.brid
    {% endif %}

)

select * from sightings
