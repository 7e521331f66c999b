-- Rows that do not count are few, so those of two extracts are compared first; of the millions of
-- others only the ones that have the key of a row that differs, or did a week ago.
{% set cells = ['account_id', 'start_date', 'end_date', 'status_word'] %}
with

differing as (

    select
        feed,
        holder,
        held
    from {{ ref('int_rows_not_counted') }}
    group by feed, holder, held, {{ cells | join(', ') }}
    having bool_and(is_before) or bool_and(not is_before)

),

row_keys as (

    select
        feed,
        holder,
        held
    from differing

    union

    select
        feed,
        holder,
        held
    from {{ ref('stg_history__rows_read_as_before') }}
    where as_of_date = {{ previous_as_of_date(ref('stg_history__rows_read_as_before')) }}

),

counted_differently as (

    select
        compared.feed,
        compared.is_before,
        compared.file_name,
        compared.row_number,
        compared.holder,
        compared.held,
        {% for cell in cells %}
            compared.{{ cell }},
        {% endfor %}
        compared.entitlement,
        compared.last_used_date
    from {{ ref('int_rows_compared') }} as compared
    inner join row_keys
        on
            compared.feed = row_keys.feed
            and compared.holder = row_keys.holder
            and compared.held = row_keys.held

)

select * from counted_differently
