{% macro lower_case(text) -%}
    {#- The text in lower case, a letter for a letter; engines disagree on a few letters beyond ASCII. -#}
    {{ adapter.dispatch('lower_case', 'persona_access')(text) }}
{%- endmacro %}


{% macro default__lower_case(text) -%}
    lower({{ text }})
{%- endmacro %}


{% macro spark__lower_case(text) -%}
    {#- Java makes two characters of a capital I with a dot, and asks where in its word a sigma stands. -#}
    lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}


{% macro postgres__lower_case(text) -%}
    {#- A database in the C locale folds ASCII alone. ICU folds all, with Java's two exceptions. -#}
    lower(translate({{ text }}, 'İΣ', 'iσ') collate "und-x-icu") collate "default"
{%- endmacro %}


{% macro upper_case(text) -%}
    {#- The text in upper case, a letter for a letter. -#}
    {{ adapter.dispatch('upper_case', 'persona_access')(text) }}
{%- endmacro %}


{% macro default__upper_case(text) -%}
    upper({{ text }})
{%- endmacro %}


{% macro spark__upper_case(text) -%}
    {#- Java spells these with two or three ASCII letters, so that they would pass for a BRID. -#}
    upper(translate({{ text }}, 'ßﬀﬁﬂﬃﬄﬅﬆ', 'ẞẞẞẞẞẞẞẞ'))
{%- endmacro %}


{% macro postgres__upper_case(text) -%}
    upper(translate({{ text }}, 'ßﬀﬁﬂﬃﬄﬅﬆ', 'ẞẞẞẞẞẞẞẞ') collate "und-x-icu") collate "default"
{%- endmacro %}
