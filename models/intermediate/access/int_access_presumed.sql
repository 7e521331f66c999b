-- A quarantined row does not prove that access is gone. The readable keys of a row decide how much
-- stays in doubt: the pair, all access of a BRID, all access to an application, or, if no key is
-- readable, all access that the previous extract had and this one lacks. A row that names an
-- employee and an application is about that pair, even if the pair is new. But a pair whose last
-- readable rows gave no access opens no finding.
with

rows_in_doubt as (

    select * from {{ ref('int_registry_rows_in_doubt') }}

),

employees as (

    select brid from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

vanished as (

    select * from {{ ref('int_access_stood_before') }}
    where not is_readable_now

),

pairs_in_doubt as (

    select * from {{ ref('int_pairs_in_doubt') }}

),

out_of_force as (

    select * from {{ ref('int_pairs_out_of_force') }}

),

named_pairs as (

    select
        rows_in_doubt.brid,
        rows_in_doubt.application_id,
        max(out_of_force.last_read_date) as last_read_date,
        bool_or(out_of_force.brid is not null) as is_out_of_force
    from rows_in_doubt
    inner join employees on rows_in_doubt.brid = employees.brid
    left join pairs_in_doubt
        on
            rows_in_doubt.brid = pairs_in_doubt.brid
            and rows_in_doubt.application_id = pairs_in_doubt.application_id
    left join out_of_force
        on
            rows_in_doubt.brid = out_of_force.brid
            and rows_in_doubt.application_id = out_of_force.application_id
    where
        rows_in_doubt.application_id is not null
        and not rows_in_doubt.is_pair_readable
        and pairs_in_doubt.brid is null
    group by 1, 2

),

presumed as (

    select
        {{ as_of_date() }} as as_of_date,
        vanished.brid,
        vanished.application_id,
        bool_or(coalesce(vanished.is_privileged, false)) as is_privileged,
        min(vanished.granted_date) as granted_date,
        max(vanished.last_used_date) as last_used_date,
        max(vanished.last_read_date) as last_read_date,
        bool_or(pairs_in_doubt.is_row_named)
        and not bool_and(vanished.was_presumed and out_of_force.brid is not null) as is_row_named,
        bool_and(vanished.was_presumed and out_of_force.brid is not null) as is_out_of_force
    from vanished
    inner join pairs_in_doubt
        on
            vanished.brid = pairs_in_doubt.brid
            and vanished.application_id = pairs_in_doubt.application_id
    left join out_of_force
        on
            vanished.brid = out_of_force.brid
            and vanished.application_id = out_of_force.application_id
    group by 2, 3

    union all

    select
        {{ as_of_date() }} as as_of_date,
        brid,
        application_id,
        false as is_privileged,
        cast(null as date) as granted_date,
        cast(null as date) as last_used_date,
        last_read_date,
        not is_out_of_force as is_row_named,
        is_out_of_force
    from named_pairs

)

select * from presumed
