{% macro lower_case(text) -%}
    {#- The text in lower case, letter by letter; engines differ for a few letters beyond ASCII. -#}
    {{ adapter.dispatch('lower_case', 'persona_access')(text) }}
{%- endmacro %}


{% macro default__lower_case(text) -%}
    lower({{ text }})
{%- endmacro %}


{% macro spark__lower_case(text) -%}
    {#- Java converts a capital I with a dot to two characters, and a sigma depending on its
    position. -#} lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}


{% macro postgres__lower_case(text) -%}
    {#- A database in the C locale folds only ASCII. ICU folds all letters, with Java's two
    exceptions. -#} lower(translate({{ text }}, 'İΣ', 'iσ') collate "und-x-icu") collate "default"
{%- endmacro %}


{% macro upper_case(text) -%}
    {#- The text in upper case, letter by letter. -#}
    {{ adapter.dispatch('upper_case', 'persona_access')(text) }}
{%- endmacro %}


{% macro default__upper_case(text) -%}
    upper({{ text }})
{%- endmacro %}


{% macro spark__upper_case(text) -%}
    {#- Java converts these to two or three ASCII letters, so the text could look like a BRID. -#}
    upper(translate({{ text }}, 'ßﬀﬁﬂﬃﬄﬅﬆ', 'ẞẞẞẞẞẞẞẞ'))
{%- endmacro %}


{% macro postgres__upper_case(text) -%}
    upper(translate({{ text }}, 'ßﬀﬁﬂﬃﬄﬅﬆ', 'ẞẞẞẞẞẞẞẞ') collate "und-x-icu") collate "default"
{%- endmacro %}
