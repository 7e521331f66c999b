-- Rows that do not count are few, so those of two extracts are compared first; of the millions of
-- others only the ones that have the key of a row that differs, or did a week ago.
{% set feeds = [
    {
        'feed': 'hr_headcount',
        'rows': ref('stg_hr__employees'), 'rows_before': ref('stg_hr__previous_employees'),
        'keys': ['brid'], 'start': 'hire_date', 'end': 'termination_date',
        'word': 'employment_status',
        'counts': '(termination_date is null or termination_date > ' ~ as_of_date() ~ ')',
    },
    {
        'feed': 'iam_app_registry',
        'rows': ref('stg_iam__grants'), 'rows_before': ref('stg_iam__previous_grants'),
        'keys': ['brid_as_delivered', 'application_as_delivered'], 'held': true,
        'account': 'account_id', 'start': 'granted_date', 'end': 'expires_date',
        'word': 'case when account_status is not null then account_meaning end',
        'note': 'entitlement', 'used': 'last_used_date',
        'counts': "account_meaning = 'active' and " ~ is_in_force('granted_date', 'expires_date'),
    },
    {
        'feed': 'persona_members',
        'rows': ref('stg_personas__members'), 'rows_before': ref('stg_personas__previous_members'),
        'keys': ['brid', 'persona_id'], 'held': true, 'start': 'valid_from', 'end': 'valid_to',
        'counts': is_in_force('valid_from', 'valid_to'),
    },
] %}
{% set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
with

read_as_before as (

    select * from {{ ref('stg_history__rows_read_as_before') }}
    where as_of_date = {{ previous_as_of_date(ref('stg_history__rows_read_as_before')) }}

),

{% for feed in feeds %}
    {% set compared %}
        select
            {{ feed['keys'] | join(', ') }},
            {{ feed.account or no_text }} as account_id,
            {{ feed.start }} as start_date,
            {{ feed.end }} as end_date,
            {{ feed.word or no_text }} as status_word
    {% endset %}
    {{ feed.feed }}_not_counted as (

        {{ compared }}
        from {{ feed.rows }}
        where not ({{ feed.counts }})

    ),

    {{ feed.feed }}_not_counted_before as (

        {{ compared }}
        from {{ feed.rows_before }}
        where not ({{ feed.counts }})

    ),

    {{ feed.feed }}_differing as (

        (
            select * from {{ feed.feed }}_not_counted
            except
            select * from {{ feed.feed }}_not_counted_before
        )
        union
        (
            select * from {{ feed.feed }}_not_counted_before
            except
            select * from {{ feed.feed }}_not_counted
        )

    ),

    {{ feed.feed }}_keys as (

        select {{ feed['keys'] | join(', ') }} from {{ feed.feed }}_differing
        union
        select {{ ['holder', 'held'][:feed['keys'] | length] | join(', ') }} from read_as_before
        where feed = '{{ feed.feed }}'

    ),

{% endfor %}

counted_otherwise as (

    {% for feed in feeds %}
        {% for relation in [feed.rows, feed.rows_before] %}
            select
                '{{ feed.feed }}' as feed,
                {{ 'true' if loop.last else 'false' }} as is_before,
                delivered.file_name,
                delivered.row_number,
                delivered.{{ feed['keys'][0] }} as holder,
                {{ 'delivered.' ~ feed['keys'][1] if feed.held else "'employment'" }} as held,
                {{ feed.account or no_text }} as account_id,
                {{ feed.start }} as start_date,
                {{ feed.end }} as end_date,
                {{ feed.word or no_text }} as status_word,
                {{ feed.note or no_text }} as entitlement,
                {{ feed.used or 'cast(null as date)' }} as last_used_date
            from {{ relation }} as delivered
            inner join {{ feed.feed }}_keys
                on
                    {% for key in feed['keys'] %}
                        {{ 'and ' if not loop.first }}delivered.{{ key }}
                        = {{ feed.feed }}_keys.{{ key }}
                    {% endfor %}
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from counted_otherwise
