with

quarantined_rows as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'hr_headcount'
        and brid is not null
        and is_row_quarantined
        and reason not in ('label_row', 'header_repeated')

),

employees as (

    select brid from {{ ref('stg_hr__employees') }}

),

employed_before as (

    select brid from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ previous_as_of_date(ref('int_employee_persona_sets')) }}

),

damaged_feeds as (

    select feed from {{ ref('int_damaged_feeds') }}
    where feed = 'hr_headcount'

),

vanished as (

    -- A row that nobody can read may be that of whoever was there a week ago and is not now.
    select employed_before.brid
    from employed_before
    left join employees on employed_before.brid = employees.brid
    cross join damaged_feeds
    where employees.brid is null

),

brids as (

    select brid from quarantined_rows

    union

    select brid from vanished

)

select * from brids
