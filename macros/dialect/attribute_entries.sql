{% macro attribute_entries(relation) -%}
    {#- One row for each attribute of each row of a relation with `brid` and `attributes`. -#}
    {{ adapter.dispatch('attribute_entries', 'persona_access')(relation) }}
{%- endmacro %}


{% macro duckdb__attribute_entries(relation) -%}
    select
        brid,
        entry.key as attribute_name,
        entry.value as attribute_value
    from (
        select
            brid,
            unnest(map_entries(cast(cast(attributes as json) as map(varchar, varchar)))) as entry
        from {{ relation }}
        where attributes is not null
    ) as entries
{%- endmacro %}


{% macro postgres__attribute_entries(relation) -%}
    select
        {{ relation }}.brid,
        entries.key as attribute_name,
        entries.value as attribute_value
    from {{ relation }}
    cross join lateral jsonb_each_text(cast({{ relation }}.attributes as jsonb)) as entries
{%- endmacro %}


{% macro spark__attribute_entries(relation) -%}
    select
        brid,
        attribute_name,
        attribute_value
    from {{ relation }}
    lateral view
        explode(from_json(attributes, 'map<string,string>')) as attribute_name, attribute_value
{%- endmacro %}


{% macro attribute_key(value) -%}
    {#- The value of an attribute as rules compare it: in lower case, and without the character that
    separates attributes. -#} {{ lower_case("replace(" ~ value ~ ", '|', ' ')") }}
{%- endmacro %}
