-- A row that is also in the other extract is not a damaged version of another row.
{% set cells = ['account_id', 'start_date', 'end_date', 'status_word'] %}
with

counted_otherwise as (

    select
        feed,
        is_before,
        file_name,
        row_number,
        holder,
        held,
        account_id,
        start_date,
        end_date,
        status_word,
        entitlement,
        last_used_date
    from {{ ref('int_rows_counted_otherwise') }}

),

read_as_before as (

    select * from {{ ref('stg_history__rows_read_as_before') }}
    where as_of_date = {{ previous_as_of_date(ref('stg_history__rows_read_as_before')) }}

),

delivered_cells as (

    select
        feed,
        holder,
        held,
        {{ cells | join(', ') }},
        bool_or(is_before) as is_in_previous,
        bool_or(not is_before) as is_in_current
    from counted_otherwise
    group by feed, holder, held, {{ cells | join(', ') }}

),

unrepeated as (

    select counted_otherwise.*
    from counted_otherwise
    inner join delivered_cells
        on
            counted_otherwise.feed = delivered_cells.feed
            and counted_otherwise.holder = delivered_cells.holder
            and counted_otherwise.held = delivered_cells.held
            {% for cell in cells %}
                and counted_otherwise.{{ cell }} is not distinct from delivered_cells.{{ cell }}
            {% endfor %}
    where not (delivered_cells.is_in_previous and delivered_cells.is_in_current)

),

known as (

    -- For a row that was damaged in the previous extract, the values known then.
    select
        unrepeated.*,
        {{ as_before('known_start_date', 'unrepeated.start_date') }} as known_start_date,
        {{ as_before('known_end_date', 'unrepeated.end_date') }} as known_end_date,
        {{ as_before('known_status_word', 'unrepeated.status_word') }} as known_status_word
    from unrepeated
    left join read_as_before
        on
            unrepeated.is_before
            and unrepeated.feed = read_as_before.feed
            and unrepeated.file_name = read_as_before.file_name
            and unrepeated.row_number = read_as_before.row_number

),

counted as (

    select
        *,
        case feed
            when 'hr_headcount' then known_end_date is null or known_end_date > {{ as_of_date() }}
            else
                coalesce(known_status_word, 'active') = 'active'
                and {{ is_in_force('known_start_date', 'known_end_date') }}
        end as is_counted
    from known

)

select * from counted
