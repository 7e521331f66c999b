with

employees as (

    select brid from {{ ref('int_employees') }}

),

sighted_before as (

    select brid from {{ this }}
    where as_of_date < {{ as_of_date() }}

),

first_sightings as (

    select
        {{ as_of_date() }} as as_of_date,
        employees.brid
    from employees
    left join sighted_before on employees.brid = sighted_before.brid
    where sighted_before.brid is null

)

select * from first_sightings
