-- Some registries update the last use of rows that give no access. There, a later last use does not
-- show that a row gives access again.
with

not_counted as (

    select * from {{ ref('int_rows_not_counted') }}
    where last_used_date is not null

),

uses as (

    select not_counted.held
    from not_counted
    where not_counted.is_before and not_counted.last_used_date > not_counted.end_date

    union

    select rows_now.held
    from not_counted as rows_now
    inner join not_counted as rows_before
        on
            rows_before.is_before
            and not rows_now.is_before
            and rows_now.holder = rows_before.holder
            and rows_now.held = rows_before.held
            and rows_now.account_id is not distinct from rows_before.account_id
            and rows_now.start_date is not distinct from rows_before.start_date
            and rows_now.end_date is not distinct from rows_before.end_date
            and rows_now.status_word is not distinct from rows_before.status_word
            and rows_now.last_used_date > rows_before.last_used_date

)

select * from uses
