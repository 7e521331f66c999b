-- The same value in every row of a column is well-formed, but would close findings wrongly.
{% set max_share = var('column_max_shift_share') %}
{% set tables = {
    'hr_headcount': source('hr', 'hr_headcount'),
    'iam_app_registry': source('iam', 'iam_app_registry'),
    'persona_list': source('personas', 'persona_list'),
    'persona_members': source('personas', 'persona_members'),
} %}

with

loads as (

    {{ loads_to_compare() }}

),

{% for feed, table in tables.items() %}
    {% set columns = deciding_columns(feed) %}
    {# Without a previous extract, there is nothing to compare and nothing to read. #}
    {% set is_current = is_current_extract(feed) if previous_extracts(feed) else "false" %}
    {{ feed }}_spellings as (

        -- One scan counts the raw values of all columns: they have few spellings, which are
        -- normalised below.
        select
            {{ columns | join(', ') }},
            load_id,
            case
                {% for name in columns %}
                    when grouping({{ name }}) = 0 then '{{ name }}'
                {% endfor %}
            end as column_name,
            count(*) as n_rows
        from {{ table }}
        where {{ is_current }} or {{ is_previous_extract(feed) }}
        group by grouping sets (
            {% for name in columns %}
                (load_id, {{ name }}){{ ',' if not loop.last }}
            {% endfor %}
        )

    ),

    {{ feed }}_counts as (

        select
            '{{ feed }}' as feed,
            load_id,
            column_name,
            case column_name
                {% for name, column in columns.items() %}
                    when '{{ name }}' then '{{ column.kind }}'
                {% endfor %}
            end as column_kind,
            coalesce(case column_name
                {% for name, column in columns.items() %}
                    when '{{ name }}' then {{ column.value }}
                {% endfor %}
            end, '(empty)') as value_found,
            cast(sum(n_rows) as {{ dbt.type_bigint() }}) as n_rows
        from {{ feed }}_spellings
        group by load_id, column_name, column_kind, value_found

    ),

{% endfor %}

counts as (

    {% for feed in tables %}
        {{ 'union all' if not loop.first }}
        select * from {{ feed }}_counts
    {% endfor %}

),

ranked as (

    select
        counts.feed,
        counts.column_name,
        counts.column_kind,
        counts.value_found,
        counts.n_rows,
        loads.source_name,
        loads.file_name,
        loads.is_in_force,
        row_number() over (
            partition by counts.load_id, counts.column_name
            order by
                case when counts.value_found = '(empty)' then 1 else 0 end,
                counts.n_rows desc,
                counts.value_found
        ) as place
    from counts
    inner join loads on counts.load_id = loads.load_id

),

sizes as (

    select
        feed,
        source_name,
        column_name,
        max(case when is_in_force then file_name end) as file_name,
        sum(case when is_in_force then n_rows else 0 end) as n_all,
        sum(case when is_in_force then 0 else n_rows end) as n_all_before
    from ranked
    group by feed, source_name, column_name

),

classes as (

    -- The most common date differs each week, so dates are compared by how common it is.
    select
        feed,
        source_name,
        column_name,
        column_kind,
        case
            when column_kind = 'date' and value_found <> '(empty)' then '(the commonest)'
            else value_found
        end as value_found,
        n_rows,
        is_in_force
    from ranked
    where column_kind <> 'date' or place = 1 or value_found = '(empty)'

    union all

    select
        feed,
        source_name,
        column_name,
        'filled' as column_kind,
        '(any)' as value_found,
        n_rows,
        is_in_force
    from ranked
    where value_found <> '(empty)'

),

shares as (

    select
        classes.feed,
        sizes.file_name,
        classes.column_name,
        classes.column_kind,
        classes.value_found,
        sizes.n_all,
        sum(case when classes.is_in_force then classes.n_rows else 0 end)
        * {{ as_double(1) }} / sizes.n_all as share_now,
        sum(case when classes.is_in_force then 0 else classes.n_rows end)
        * {{ as_double(1) }} / sizes.n_all_before as share_before,
        -- In a list of a hundred rows, a few rows decide for the whole bank.
        case
            when classes.feed = 'persona_list' then 2
            else {{ var('week_min_count') }}
        end as n_rows_at_least
    from classes
    inner join sizes
        on
            classes.feed = sizes.feed
            and classes.source_name = sizes.source_name
            and classes.column_name = sizes.column_name
    where sizes.n_all > 0 and sizes.n_all_before > 0
    group by
        classes.feed,
        sizes.file_name,
        classes.column_name,
        classes.column_kind,
        classes.value_found,
        sizes.n_all,
        sizes.n_all_before

),

compared as (

    select
        'column_values' as gate,
        feed,
        file_name,
        column_name,
        value_found,
        cast(share_before as decimal(5, 2)) as share_before,
        cast(share_now as decimal(5, 2)) as share_now,
        case
            when
                abs(share_now - share_before)
                > case
                    when column_kind = 'date' then greatest({{ max_share }}, 0.5)
                    else {{ max_share }}
                end
                and abs(share_now - share_before) * n_all > n_rows_at_least
                then 'The share of this value moved by more than column_max_shift_share.'
            when
                column_kind in ('words', 'filled')
                and share_now < 0.1 * share_before
                and share_before * n_all > n_rows_at_least
                then 'Nine in ten rows or more lost this value.'
        end as reason
    from shares

),

ranked_shifts as (

    select
        *,
        row_number() over (
            partition by file_name, column_name
            order by abs(share_now - share_before) desc, value_found
        ) as place
    from compared
    where reason is not null and {{ gate_is_closed('gate') }}

),

shifted as (

    -- If one value loses rows, another gains them: the largest shift of a column is enough.
    select
        gate,
        feed,
        file_name,
        column_name,
        value_found,
        share_before,
        share_now,
        reason
    from ranked_shifts
    where place = 1

)

select * from shifted
