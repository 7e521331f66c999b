-- Laws of counts: for each file that counted, the rows that each step read and wrote.
with

in_force as (

    select loads.*
    from raw.load_ledger as loads
    inner join runs.week_inputs as inputs
        on loads.load_id = inputs.input_value and inputs.input_kind = 'file'
    where inputs.invocation_id = {{ parameter.invocation_id }}

),

feeds_in_force as (

    -- The marts combine the sources of a feed.
    select
        feed,
        string_agg(load_id, ' + ' order by load_id) as load_id,
        cast(sum(n_rows_loaded) as bigint) as n_rows_loaded,
        cast(sum(n_rows_quarantined) as bigint) as n_rows_quarantined
    from in_force
    group by feed

),

quarantined as (

    select
        feed,
        sum(n_rows) filter (where quarantine_stage = 'loader') as n_by_loader,
        sum(n_rows) filter (
            where quarantine_stage in ('key', 'not_in_force')
        ) as n_by_models
    from marts.fct_quarantine_by_week
    where as_of_date = {{ parameter.week }}
    group by feed

),

grants as (

    select coalesce(sum(n_grant_rows), 0) as n_rows from marts.fct_access_reconciliation
    where as_of_date = {{ parameter.week }}

),

people_in_files as (

    select
        in_force.load_id,
        runs.normalise_brid(employees.brid) as brid
    from raw.hr_headcount as employees
    inner join in_force on employees.load_id = in_force.load_id

),

people_delivered as (

    -- The sources of HR are combined: a person in two of them counts once.
    select
        string_agg(distinct load_id, ' + ' order by load_id) as load_id,
        count(distinct brid) as n_people
    from people_in_files

),

people_carried as (

    -- If HR has unreadable rows, people who were there a week ago and are missing now are carried
    -- on.
    select count(*) as n_people
    from intermediate.int_employee_weeks as employees
    inner join intermediate.int_employee_weeks as employees_before
        on
            employees.brid = employees_before.brid
            and employees_before.as_of_date = {{ parameter.previous_week }}
    inner join quarantined on quarantined.feed = 'hr_headcount'
    left join people_in_files on employees.brid = people_in_files.brid
    where employees.as_of_date = {{ parameter.week }} and people_in_files.brid is null

),

people_in_results as (

    select coalesce(sum(n_people), 0) as n_people from marts.fct_population_by_week
    where as_of_date = {{ parameter.week }} and attribute_name = 'employment state'

),

laws as (

    select
        load_id,
        'rows read = rows loaded + rows quarantined' as law,
        n_rows_read as n_rows_in,
        n_rows_loaded + n_rows_quarantined as n_rows_out
    from in_force

    union all

    select
        feeds_in_force.load_id,
        'rows quarantined by the loader = its rows in the quarantine' as law,
        feeds_in_force.n_rows_quarantined as n_rows_in,
        cast(coalesce(quarantined.n_by_loader, 0) as bigint) as n_rows_out
    from feeds_in_force
    left join quarantined on feeds_in_force.feed = quarantined.feed

    union all

    select
        feeds_in_force.load_id,
        'grants loaded = grants in the fact + grants quarantined by the models' as law,
        feeds_in_force.n_rows_loaded as n_rows_in,
        cast(grants.n_rows + coalesce(quarantined.n_by_models, 0) as bigint) as n_rows_out
    from feeds_in_force
    left join quarantined on feeds_in_force.feed = quarantined.feed
    cross join grants
    where feeds_in_force.feed = 'iam_app_registry'

    union all

    select
        people_delivered.load_id,
        'people named in the HR files + carried for unreadable rows = people in the results'
            as law,
        people_delivered.n_people + people_carried.n_people as n_rows_in,
        cast(people_in_results.n_people as bigint) as n_rows_out
    from people_delivered
    cross join people_carried
    cross join people_in_results

)

select * from laws
order by load_id, law
