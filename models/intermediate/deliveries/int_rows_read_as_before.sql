-- If a row has no new information, its last known values apply. A slip that ends a row is one date
-- with a different year. Damage that starts a row is cells that are now empty, or one such date,
-- while all other cells are unchanged.
with

rows_now as (

    select * from {{ ref('int_rows_unrepeated') }}
    where not is_before

),

rows_before as (

    select * from {{ ref('int_rows_unrepeated') }}
    where is_before

),

paired as (

    select
        rows_now.feed,
        rows_now.file_name,
        rows_now.row_number,
        rows_now.holder,
        rows_now.held,
        rows_now.start_date,
        rows_now.end_date,
        rows_now.status_word,
        rows_now.is_counted,
        coalesce(rows_before.doubted_since, {{ as_of_date() }}) as doubted_since,
        rows_before.known_start_date as start_date_before,
        rows_before.known_end_date as end_date_before,
        rows_before.known_status_word as status_word_before,
        {{ how_it_differs('rows_now.start_date', 'rows_before.known_start_date', is_date=true) }}
            as start_date_differs,
        {{ how_it_differs('rows_now.end_date', 'rows_before.known_end_date', is_date=true) }}
            as end_date_differs,
        {{ how_it_differs('rows_now.status_word', 'rows_before.known_status_word') }}
            as status_word_differs,
        {{ how_it_differs('rows_now.account_id', 'rows_before.account_id') }}
            as account_id_differs,
        {{ how_it_differs('rows_now.entitlement', 'rows_before.entitlement') }}
            as entitlement_differs,
        rows_now.last_used_date > coalesce(rows_before.last_used_date, cast('0001-01-01' as date))
        and uses_out_of_force.held is null as is_used_since
    from rows_now
    inner join rows_before
        on
            rows_now.feed = rows_before.feed
            and rows_now.holder = rows_before.holder
            and rows_now.held = rows_before.held
            and rows_now.is_counted <> rows_before.is_counted
    left join {{ ref('int_uses_out_of_force') }} as uses_out_of_force
        on rows_now.held = uses_out_of_force.held

),

differing as (

    select
        *,
        start_date_differs || ' ' || end_date_differs in ('slip same', 'same slip') as is_one_slip,
        'empty' in (start_date_differs, end_date_differs, status_word_differs) as is_emptied,
        'new' in (start_date_differs, end_date_differs, status_word_differs)
        or 'slip' in (start_date_differs, end_date_differs) as has_new_cell,
        entitlement_differs = 'new' or coalesce(is_used_since, false) as is_otherwise_new
    from paired
    where account_id_differs <> 'new'

),

chosen as (

    select
        *,
        row_number() over (
            partition by feed, file_name, row_number
            order by
                start_date_before nulls last, end_date_before nulls last,
                status_word_before nulls last
        ) as choice
    from differing
    where
        case
            when not is_counted then is_one_slip and status_word_differs <> 'new'
            when is_otherwise_new then false
            when is_one_slip then status_word_differs = 'same'
            else is_emptied and not has_new_cell
        end

),

read_as_before as (

    select
        {{ as_of_date() }} as as_of_date,
        feed,
        file_name,
        row_number,
        holder,
        held,
        start_date,
        end_date,
        status_word,
        start_date_before as known_start_date,
        end_date_before as known_end_date,
        case when is_counted then status_word_before else status_word end as known_status_word,
        case when is_one_slip then 'date_contradicts' else 'value_lost' end as quarantine_reason,
        doubted_since
    from chosen
    where choice = 1

)

select * from read_as_before
