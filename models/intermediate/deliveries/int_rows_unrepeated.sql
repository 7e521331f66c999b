-- A row that is also in the other extract is not a damaged version of another row. But an empty
-- cell contains no information, even if the next files repeat it.
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
    from {{ ref('int_rows_counted_differently') }}

),

read_as_before as (

    select * from {{ ref('stg_history__rows_read_as_before') }}
    where as_of_date = {{ previous_as_of_date(ref('stg_history__rows_read_as_before')) }}

),

known as (

    -- For a row that was damaged in the previous extract, the values known then.
    select
        counted_otherwise.*,
        {{ as_before('known_start_date', 'counted_otherwise.start_date') }} as known_start_date,
        {{ as_before('known_end_date', 'counted_otherwise.end_date') }} as known_end_date,
        {{ as_before('known_status_word', 'counted_otherwise.status_word') }} as known_status_word,
        read_as_before.doubted_since,
        coalesce(
            read_as_before.quarantine_reason = 'value_lost'
            and {{ dbt.datediff('read_as_before.doubted_since', as_of_date(), 'day') }}
            < 7 * {{ var('quarantine_doubt_weeks') }},
            false
        ) as is_still_doubted
    from counted_otherwise
    left join read_as_before
        on
            counted_otherwise.is_before
            and counted_otherwise.feed = read_as_before.feed
            and counted_otherwise.file_name = read_as_before.file_name
            and counted_otherwise.row_number = read_as_before.row_number

),

delivered_cells as (

    select
        feed,
        holder,
        held,
        {{ cells | join(', ') }},
        bool_or(is_before and not is_still_doubted) as is_in_previous,
        bool_or(not is_before) as is_in_current
    from known
    group by feed, holder, held, {{ cells | join(', ') }}

),

unrepeated as (

    select known.*
    from known
    inner join delivered_cells
        on
            known.feed = delivered_cells.feed
            and known.holder = delivered_cells.holder
            and known.held = delivered_cells.held
            {% for cell in cells %}
                and known.{{ cell }} is not distinct from delivered_cells.{{ cell }}
            {% endfor %}
    where not (delivered_cells.is_in_previous and delivered_cells.is_in_current)

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
    from unrepeated

)

select * from counted
