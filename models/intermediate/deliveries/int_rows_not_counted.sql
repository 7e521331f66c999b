-- In a first week, there is nothing to compare, so nothing is read.
{% set has_previous = previous_extracts('iam_app_registry') or previous_extracts('hr_headcount')
    or previous_extracts('persona_members') %}
with

compared as (

    select
        feed,
        is_before,
        holder,
        held,
        account_id,
        start_date,
        end_date,
        status_word,
        last_used_date
    from {{ ref('int_rows_compared') }}
    where is_not_counted and {{ 'true' if has_previous else 'false' }}

)

select * from compared
