-- A row with a bad value that takes it is one fault, with the messages of all of them.
insert into faults
with

bad_rows as (

    select
        row_number,
        first(column_name order by place) as column_name,
        first(value order by place) as value,
        first(reason order by place) as reason,
        string_agg(message, ' ' order by place) as message,
        first(brid) as brid,
        first(application_id) as application_id,
        first(account_id) as account_id,
        'row' as quarantined_part,
        null as raw_line
    from bad_values
    where takes_row
    group by row_number

),

values_of_good_rows as (

    select
        bad_values.* exclude (bad_values.place, bad_values.takes_row),
        'value' as quarantined_part,
        null as raw_line
    from bad_values
    anti join bad_rows using (row_number)

)

select * from bad_rows
union all
select * from values_of_good_rows
