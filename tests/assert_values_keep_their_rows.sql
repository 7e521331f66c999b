-- Two cost centers that change places leave each as many people as before, but other people.
{% set tables = {
    'hr_headcount': [source('hr', 'hr_headcount'), ['brid']],
    'iam_app_registry': [
        source('iam', 'iam_app_registry'), ['brid', 'application_id', 'account_id', 'entitlement']
    ],
    'persona_list': [source('personas', 'persona_list'), ['persona_id', 'application_id']],
} %}

with

loads as (

    {{ loads_to_compare() }}

),

{% for feed, (table, keys) in tables.items() %}
    {% set columns = {} %}
    {% for name, column in deciding_columns(feed).items() %}
        {% if column.kind != 'date' and name not in keys %}
            {% do columns.update({name: column.value}) %}
        {% endif %}
    {% endfor %}
    {# Without an extract before there is nothing to compare, and nothing to read. #}
    {% set is_current = is_current_extract(feed) if previous_extracts(feed) else "false" %}
    {% for side, is_read in [('now', is_current), ('before', is_previous_extract(feed))] %}
        {{ feed }}_{{ side }} as (

            select
                load_id,
                {% for name, value in columns.items() %}
                    coalesce({{ value }}, '(empty)') as {{ name }}_{{ side }},
                {% endfor %}
                -- For millions of rows, numbers need less memory than texts.
            {% for key in keys %}
                {{ text_hash("coalesce(" ~ key ~ ", '')") }}
                    as key_{{ loop.index }}{{ ',' if not loop.last }}
            {% endfor %}
            from {{ table }}
            where {{ is_read }}

        ),

    {% endfor %}
    {{ feed }}_moves as (

        select
            {{ feed }}_now.load_id,
            case
                {% for name in columns %}
                    when grouping({{ name }}_now) = 0 then '{{ name }}'
                {% endfor %}
            end as column_name,
            {% for side in ['before', 'now'] %}
                coalesce(
                    {% for name in columns %}{{ name }}_{{ side }}, {% endfor %}null
                ) as value_{{ side }},
            {% endfor %}
            count(*) as n_rows
        from {{ feed }}_now
        inner join {{ feed }}_before
            on
                {% for key in keys %}
                    {{ 'and ' if not loop.first }}{{ feed }}_now.key_{{ loop.index }}
                    = {{ feed }}_before.key_{{ loop.index }}
                {% endfor %}
        group by grouping sets (
            {% for name in columns %}
                ({{ feed }}_now.load_id, {{ name }}_before, {{ name }}_now)
                {{ ',' if not loop.last }}
            {% endfor %}
        )

    ),

{% endfor %}

moves as (

    {% for feed in tables %}
        {{ 'union all' if not loop.first }}
        select * from {{ feed }}_moves
    {% endfor %}

),

sides as (

    select
        load_id,
        column_name,
        value_before as value_found,
        n_rows as n_before,
        0 as n_now,
        case when value_before = value_now then n_rows else 0 end as n_kept
    from moves

    union all

    select
        load_id,
        column_name,
        value_now as value_found,
        0 as n_before,
        n_rows as n_now,
        0 as n_kept
    from moves

),

value_rows as (

    select
        load_id,
        column_name,
        value_found,
        sum(n_before) as n_before,
        sum(n_now) as n_now,
        sum(n_kept) as n_kept
    from sides
    where value_found <> '(empty)'
    group by load_id, column_name, value_found

),

ranked as (

    select
        'column_values' as gate,
        loads.feed,
        loads.file_name,
        value_rows.column_name,
        value_rows.value_found,
        value_rows.n_before,
        value_rows.n_now,
        value_rows.n_kept,
        row_number() over (
            partition by value_rows.load_id, value_rows.column_name
            order by value_rows.n_now desc, value_rows.value_found
        ) as place
    from value_rows
    inner join loads on value_rows.load_id = loads.load_id
    where
        value_rows.n_kept < 0.5 * least(value_rows.n_before, value_rows.n_now)
        -- A list of a hundred rows decides for the whole bank by a few of them.
        and least(value_rows.n_before, value_rows.n_now) - value_rows.n_kept
        > case when loads.feed = 'persona_list' then 2 else {{ var('week_min_count') }} end

),

exchanged as (

    -- What one value loses another takes: the larger value of a column says enough.
    select
        gate,
        feed,
        file_name,
        column_name,
        value_found,
        n_before,
        n_now,
        n_kept,
        'Most rows with this value had another one, and most that had it have another one now.'
            as reason
    from ranked
    where place = 1 and {{ gate_is_closed('gate') }}

)

select * from exchanged
