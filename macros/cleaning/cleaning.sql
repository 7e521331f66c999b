{% macro clean_text(column) -%}
    {#- Trimmed text, null when nothing is left. Tabs and no-break spaces come from spreadsheets. -#}
    nullif(trim(replace(replace({{ column }}, chr(9), ' '), chr(160), ' ')), '')
{%- endmacro %}


{% macro clean_code(column) -%}
    {#-
    As clean_text, for codes: hardly any holds a blank, and to look for one costs a quarter of what it
    costs to replace all.
    -#}
    case
        when
            {{ column }} like '% %'
            or {{ column }} like '%' || chr(9) || '%'
            or {{ column }} like '%' || chr(160) || '%'
            then {{ clean_text(column) }}
        else nullif({{ column }}, '')
    end
{%- endmacro %}


{% macro normalise_brid(column) -%}
    {#-
    The one spelling of a BRID, or null when it cannot be one: upper case, a `B` before digits
    dropped, leading zeros of digits dropped. Scientific notation is rejected, never guessed.
    -#}
    {%- set brid = upper_case(clean_text(column)) -%}
    case
        when {{ matches_fully(brid, 'B?[0-9]+') }}
            then coalesce(nullif(trim(leading '0' from trim(leading 'B' from {{ brid }})), ''), '0')
        when {{ matches_fully(brid, '[0-9]+[.]?[0-9]*(E[+-]?[0-9]+)?') }} then null
        when {{ matches_fully(brid, '[A-Z0-9][A-Z0-9._-]*') }} then {{ brid }}
    end
{%- endmacro %}


{% macro normalise_application_id(column) -%}
    {#- The spelling of an application before aliases are resolved: trimmed, lower case. -#}
    {{ lower_case(clean_text(column)) }}
{%- endmacro %}


{% macro to_date(column) -%}
    {#- The loader let only ISO dates through, perhaps with a time part. -#}
    cast(left({{ clean_text(column) }}, 10) as date)
{%- endmacro %}


{% macro to_boolean(column, when_empty=false) -%}
    {#- Not two lists: DuckDB makes joins of those, and does them even where nobody asks. -#}
    case lower({{ clean_text(column) }})
        {%- for word in ['false', 'f', 'no', 'n', '0'] %}
        when '{{ word }}' then false
        {%- endfor %}
        {%- for word in ['true', 't', 'yes', 'y', '1'] %}
        when '{{ word }}' then true
        {%- endfor %}
        else {{ when_empty }}
    end
{%- endmacro %}


{% macro to_word(column, words=[]) -%}
    {#-
    A value of a vocabulary in its one spelling: `On Leave` and `on-leave` become `on_leave`. The
    loader lets `OnLeave` pass, too; words of several parts must be named to be told from it.
    -#}
    {%- set value = "lower(" ~ clean_text(column) ~ ")" -%}
    {%- set squeezed = "replace(replace(replace(" ~ value ~ ", ' ', ''), '_', ''), '-', '')" -%}
    {%- set plain = "replace(replace(" ~ value ~ ", ' ', '_'), '-', '_')" -%}
    {%- if words -%}
    case {{ squeezed }}
        {%- for word in words %}
        when '{{ word | replace('_', '') }}' then '{{ word }}'
        {%- endfor %}
        else {{ plain }}
    end
    {%- else -%}
    {{ plain }}
    {%- endif -%}
{%- endmacro %}


{% macro is_in_force(valid_from, valid_to) -%}
    {#- Whether a dated row counts on the as-of date. Both ends are inclusive; empty means open. -#}
    (
        ({{ valid_from }} is null or {{ valid_from }} <= {{ as_of_date() }})
        and ({{ valid_to }} is null or {{ valid_to }} >= {{ as_of_date() }})
    )
{%- endmacro %}


{% macro is_non_human_brid(column) -%}
    {#- Whether a BRID bears the prefix of a non-human account. -#}
    (
        {%- for prefix in var('non_human_brid_prefixes') %}
        {% if not loop.first %}or {% endif %}{{ column }} like '{{ prefix }}%'
        {%- endfor %}
    )
{%- endmacro %}
