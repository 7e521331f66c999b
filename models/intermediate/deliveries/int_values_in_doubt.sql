-- Cells that differ in a row that is read as before, for the owner of the data to check.
{% set dates = {
    'hr_headcount': ['hire_date', 'termination_date'],
    'iam_app_registry': ['granted_date', 'expires_date'],
    'persona_members': ['valid_from', 'valid_to'],
} %}
{% set weeks = var('quarantine_doubt_weeks') %}
{% set weeks_of_doubt = weeks ~ (' week' if weeks == 1 else ' weeks') %}
with

read_as_before as (

    select * from {{ ref('int_rows_read_as_before') }}
    where as_of_date = {{ as_of_date() }}

),

cells as (

    {% for feed, columns in dates.items() %}
        {% for column in columns %}
            {% set cell = ['start_date', 'end_date'][loop.index0] %}
            select
                feed,
                file_name,
                row_number,
                holder,
                quarantine_reason,
                '{{ column }}' as column_name,
                cast({{ cell }} as {{ dbt.type_string() }}) as value_as_delivered,
                cast(known_{{ cell }} as {{ dbt.type_string() }}) as known_value
            from read_as_before
            where feed = '{{ feed }}'

            union all

        {% endfor %}
    {% endfor %}

    select
        feed,
        file_name,
        row_number,
        holder,
        quarantine_reason,
        case feed when 'hr_headcount' then 'employment_status' else 'account_status' end
            as column_name,
        status_word as value_as_delivered,
        known_status_word as known_value
    from read_as_before

),

explained as (

    select
        feed,
        file_name,
        row_number,
        {{ normalise_holder('holder') }} as brid,
        quarantine_reason,
        column_name,
        value_as_delivered,
        case quarantine_reason
            when 'date_contradicts'
                then
                    'The previous file has ' || known_value || ', so the year is a slip. '
                    || 'The previous value counts for this week.'
            else
                'It is empty, and the last known value is ' || known_value || '. Nothing else is '
                || 'new, so it counts, for at most {{ weeks_of_doubt }}.'
        end as message
    from cells
    where value_as_delivered is distinct from known_value

)

select * from explained
