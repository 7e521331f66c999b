{% set columns = [
    'brid_as_delivered', 'application_as_delivered', 'account_id', 'account_status',
    'entitlement', 'is_privileged', 'last_used_date', 'is_source_late', 'file_name', 'row_number'
] %}
with

read_as_before as (

    select * from {{ ref('int_rows_read_as_before') }}
    where as_of_date = {{ as_of_date() }} and feed = 'iam_app_registry'

),

grants as (

    select
        {% for column in columns %}
            delivered.{{ column }},
        {% endfor %}
        coalesce({{ as_before('known_status_word', 'delivered.account_meaning') }}, 'active')
            as account_meaning,
        {{ as_before('known_start_date', 'delivered.granted_date') }} as granted_date,
        {{ as_before('known_end_date', 'delivered.expires_date') }} as expires_date
    from {{ ref('stg_iam__grants') }} as delivered
    left join read_as_before
        on
            delivered.file_name = read_as_before.file_name
            and delivered.row_number = read_as_before.row_number

),

brid_keys as (

    select * from {{ ref('int_brid_keys') }}

),

application_keys as (

    select * from {{ ref('int_application_keys') }}

),

classified as (

    -- Uses only its own columns, so that an engine can filter before it joins the keys.
    select
        *,
        case
            when coalesce(account_meaning, 'active') <> 'active' then 'account_inactive'
            when granted_date > {{ as_of_date() }} then 'grant_not_started'
            when expires_date < {{ as_of_date() }} then 'grant_expired'
        end as not_in_force_reason
    from grants

),

keyed as (

    select
        classified.*,
        brid_keys.brid,
        brid_keys.brid_key,
        application_keys.application_id,
        application_keys.application_key,
        brid_keys.brid_key is null or application_keys.application_key is null as is_key_bad
    from classified
    left join brid_keys on classified.brid_as_delivered = brid_keys.brid_as_delivered
    left join application_keys
        on classified.application_as_delivered = application_keys.application_as_delivered

)

select * from keyed
