-- In a first week, there is nothing to compare, so nothing is read.
{% set previous = [] %}
{% for feed in ['hr_headcount', 'iam_app_registry', 'persona_members'] %}
    {% do previous.extend(previous_extracts(feed)) %}
{% endfor %}
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
    where is_not_counted and {{ 'true' if previous else 'false' }}

)

select * from compared
