{% macro blank_signs() -%}
    {#- White space other than the blank and the line break, as in
    scripts/persona_access/base/cleaning.py. -#} {{-
    return('\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000')
    -}}
{%- endmacro %}


{% macro invisible_signs() -%}
    {#- Invisible characters: zero width, soft hyphen, direction marks, joiners, fillers. -#}
    {{- return('\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u2800\u3164\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f\ufeff\uffa0\ufff9\ufffa\ufffb') -}}
{%- endmacro %}


{% macro without_signs(text) -%}
    {#- The text without invisible characters, a blank for each white space of another kind. -#}
    {{ adapter.dispatch('without_signs', 'persona_access')(text) }}
{%- endmacro %}


{% macro default__without_signs(text) -%}
    translate({{ text }}, '{{ blank_signs() ~ invisible_signs() }}', '{{ ' ' * (blank_signs() | length) }}')
{%- endmacro %}


{% macro duckdb__without_signs(text) -%}
    {#- DuckDB's `translate` compares every character with every sign: twelve times as slow. -#}
    regexp_replace(regexp_replace({{ text }}, '[{{ blank_signs() }}]', ' ', 'g'), '[{{ invisible_signs() }}]', '', 'g')
{%- endmacro %}


{% macro composed(text) -%}
    {#- Letters in their composed form (NFC), so that an e with an accent is one letter. -#}
    {{ adapter.dispatch('composed', 'persona_access')(text) }}
{%- endmacro %}


{% macro default__composed(text) -%}
    {#- Spark has no function for it; the loader composes delivered text. -#}
    {{ text }}
{%- endmacro %}


{% macro duckdb__composed(text) -%}
    nfc_normalize({{ text }})
{%- endmacro %}


{% macro postgres__composed(text) -%}
    normalize({{ text }}, nfc)
{%- endmacro %}
