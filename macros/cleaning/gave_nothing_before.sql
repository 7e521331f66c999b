{% macro gave_nothing_before(grants, not_counted) -%}
    {#- Condition of a join with int_rows_not_counted: the previous extract had the account's row, and it gave no access. -#}
    {{ not_counted }}.is_before
        and {{ not_counted }}.feed = 'iam_app_registry'
        and {{ grants }}.brid_as_delivered = {{ not_counted }}.holder
        and {{ grants }}.application_as_delivered = {{ not_counted }}.held
        and coalesce({{ grants }}.account_id, '') = coalesce({{ not_counted }}.account_id, '')
{%- endmacro %}
