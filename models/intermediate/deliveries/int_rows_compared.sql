{% set feeds = [
    {
        'feed': 'hr_headcount', 'holder': 'brid', 'held': "'employment'",
        'rows': [ref('stg_hr__previous_employees'), ref('stg_hr__employees')],
        'start': 'hire_date', 'end': 'termination_date', 'word': 'employment_status',
        'counts_not': ['termination_date <= ' ~ as_of_date()],
    },
    {
        'feed': 'iam_app_registry',
        'holder': 'brid_as_delivered', 'held': 'application_as_delivered',
        'rows': [ref('stg_iam__previous_grants'), ref('stg_iam__grants')],
        'account': 'account_id', 'start': 'granted_date', 'end': 'expires_date',
        'word': 'case when account_status is not null then account_meaning end',
        'note': 'entitlement', 'used': 'last_used_date',
        'counts_not': [
            "account_meaning <> 'active'", 'granted_date > ' ~ as_of_date(),
            'expires_date < ' ~ as_of_date(),
        ],
    },
    {
        'feed': 'persona_members', 'holder': 'brid', 'held': 'persona_id',
        'rows': [ref('stg_personas__previous_members'), ref('stg_personas__members')],
        'start': 'valid_from', 'end': 'valid_to',
        'counts_not': ['valid_from > ' ~ as_of_date(), 'valid_to < ' ~ as_of_date()],
    },
] %}
{% set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
with

compared as (

    {% for feed in feeds %}
        {% for relation in feed['rows'] %}
            select
                '{{ feed.feed }}' as feed,
                {{ 'true' if loop.first else 'false' }} as is_before,
                file_name,
                row_number,
                {{ feed.holder }} as holder,
                {{ feed.held }} as held,
                {{ feed.account or no_text }} as account_id,
                {{ feed.start }} as start_date,
                {{ feed.end }} as end_date,
                {{ feed.word or no_text }} as status_word,
                {{ feed.note or no_text }} as entitlement,
                {{ feed.used or 'cast(null as date)' }} as last_used_date,
                {{ feed.counts_not | join(' or ') }} as is_not_counted
            from {{ relation }}
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from compared
