with

compared as (

    select
        feed,
        is_before,
        holder,
        held,
        account_id,
        start_date,
        end_date,
        status_word,
        last_used_date
    from {{ ref('int_rows_compared') }}
    where is_not_counted

)

select * from compared
