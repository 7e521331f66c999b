-- From the ledger, not from a mart: a file that was refused after the last build is listed as well.
with

loads as (

    select * from raw.load_ledger

),

refused as (

    select
        refused.file_name as file,
        refused.reason,
        refused.loaded_at as refused_at,
        coalesce(bool_or(loaded.load_id is not null), false) as was_replaced
    from loads as refused
    left join loads as loaded
        on
            refused.feed = loaded.feed
            and refused.extract_date = loaded.extract_date
            and refused.loaded_at < loaded.loaded_at
            and loaded.load_status = 'loaded'
    where refused.load_status = 'rejected'
    group by 1, 2, 3

)

select * from refused
order by was_replaced, refused_at desc, file
