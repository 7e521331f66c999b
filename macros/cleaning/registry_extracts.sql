{% macro registry_extracts() -%}
    {#- The CTE `extracts`: one row with the extract of the registry that proves held access. -#}
extracts as (

    -- Each source of a registry has its own load.
    select {{ dbt.listagg(
        measure="load_id", delimiter_text="' + '", order_by_clause="order by load_id"
    ) }} as load_id
    from {{ ref('int_current_extracts') }}
    where feed = 'iam_app_registry'

)
{%- endmacro %}
