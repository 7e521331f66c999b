{% macro clean_text(column) -%}
    {#-
    Text for comparison: without invisible characters, any white space as a blank, trimmed; null if
    nothing is left. For text that people edit; the loader has cleaned delivered text.
    -#}
    nullif(trim(both ' ' || chr(10) || chr(13) from {{ composed(without_signs(column)) }}), '')
{%- endmacro %}


{% macro compared_text(text) -%}
    {#- Text of a key of pre-trained mappings: in lower case, with several blanks merged into one.
    -#} replace(replace(replace({{ lower_case(text) }}, ' ', ' ' || chr(1)), chr(1) || ' ', ''),
    chr(1), '')
{%- endmacro %}


{% macro landed_text(column) -%}
    {#-
    Text of a feed, which the loader cleaned when it landed the file; files landed by release 0.1.0
    can have blanks, tabs and no-break spaces around a value.
    -#}
    nullif(trim(replace(replace({{ column }}, chr(9), ' '), chr(160), ' ')), '')
{%- endmacro %}


{% macro landed_code(column) -%}
    {#-
    Like landed_text, for codes: hardly any contains a blank, and searching for one costs a quarter
    of replacing all.
    -#}
    case
        when
            {{ column }} like '% %'
            or {{ column }} like '%' || chr(9) || '%'
            or {{ column }} like '%' || chr(160) || '%'
            then {{ landed_text(column) }}
        else nullif({{ column }}, '')
    end
{%- endmacro %}


{% macro normalise_brid(column) -%}
    {#-
    The normalised spelling of a BRID, or null if the text cannot be one: upper case, without a `B`
    before digits, without leading zeros of digits. Scientific notation is rejected, never guessed.
    -#}
    {{- adapter.dispatch('normalise_brid', 'persona_access')(column) -}}
{%- endmacro %}


{% macro default__normalise_brid(column) -%}
    {%- set brid = upper_case(landed_text(column)) -%}
    case
        when {{ matches_fully(brid, 'B?[0-9]+') }}
            then coalesce(nullif(trim(leading '0' from trim(leading 'B' from {{ brid }})), ''), '0')
        when {{ matches_fully(brid, '[0-9]+[.]?[0-9]*(E[+-]?[0-9]+)?') }} then null
        when {{ matches_fully(brid, '[A-Z0-9][A-Z0-9._-]*') }} then {{ brid }}
    end
{%- endmacro %}


{% macro duckdb__normalise_brid(column) -%}
    {#- DuckDB plans every copy of an expression: this names the text once, where the other has it five times. -#}
    nullif(regexp_extract(regexp_replace(regexp_replace(
        {{ upper_case(landed_text(column)) }}, '^B?0*([0-9]+)$', '\1'
    ), '^[0-9]+([.][0-9]*(E[+-]?[0-9]+)?|E[+-]?[0-9]+)$', ''), '^[A-Z0-9][A-Z0-9._-]*$'), '')
{%- endmacro %}


{% macro normalise_holder(column) -%}
    {#-
    The normalised spelling of the holder of an account: a BRID, or a name of a directory
    (DOMAIN\name, .\name, #name, a mail address, a managed account, a name with accents, an
    identifier in braces). Null for numbers in other formats, spreadsheet errors, and values
    protected against those.
    -#}
    {{- adapter.dispatch('normalise_holder', 'persona_access')(column) -}}
{%- endmacro %}


{% macro default__normalise_holder(column) -%}
    {%- set name = upper_case(landed_text(column)) -%}
    coalesce(
        {{ normalise_brid(column) }},
        case
            when {{ matches_fully(name, "[+-]?[0-9][0-9.,E+ -]*") }} then null
            when {{ matches_fully(name, '#(N/?A|NV|N/?D|GETTING_DATA)') }} then null
            when
                left({{ name }}, 2) = '.' || chr(92)
                and {{ matches_fully('substr(' ~ name ~ ', 3)', holder_pattern()) }}
                then {{ name }}
            when {{ matches_fully(name, holder_pattern()) }} then {{ name }}
            when {{ matches_fully(name, '#[A-Z][A-Z0-9._$ -]*') }} then {{ name }}
            when {{ matches_fully(name, '[(][A-Z0-9 ._-]+[)] ?' ~ holder_pattern()) }} then {{ name }}
            when
                {{ matches_fully(
                    name, '[{][0-9A-F]{8}(-[0-9A-F]{4})(-[0-9A-F]{4})(-[0-9A-F]{4})-[0-9A-F]{12}[}]'
                ) }}
                then {{ name }}
        end
    )
{%- endmacro %}


{% macro duckdb__normalise_holder(column) -%}
    {#- As normalise_brid, the text twice instead of eighteen times. -#}
    {%- set name = holder_pattern() -%}
    {%- set names = [
        name, '[.]\\\\' ~ name, '#[A-Z][A-Z0-9._$ -]*', '[(][A-Z0-9 ._-]+[)] ?' ~ name,
        '[{][0-9A-F]{8}(-[0-9A-F]{4})(-[0-9A-F]{4})(-[0-9A-F]{4})-[0-9A-F]{12}[}]',
    ] -%}
    coalesce({{ normalise_brid(column) }}, nullif(regexp_extract(regexp_replace(
        {{ upper_case(landed_text(column)) }}, '^([+-]?[0-9][0-9.,E+ -]*|#(N/?A|NV|N/?D|GETTING_DATA))$', ''
    ), '^({{ names | join('|') }})$'), ''))
{%- endmacro %}


{% macro holder_pattern() -%}
    {#- The same as in scripts/persona_access/loader/shapes.py. Two quotes are one quote in a SQL
    literal. -#} {{- return("[^ \"''=+#*?!(),;:|.<>{}-][^\"|;<>{}?*]*") -}}
{%- endmacro %}


{% macro normalise_application_id(column) -%}
    {#- The spelling of an application before aliases are resolved: trimmed, lower case. -#}
    {{ lower_case(landed_text(column)) }}
{%- endmacro %}


{% macro to_date(column) -%}
    {#- The loader only accepts ISO dates, optionally with a time. -#}
    cast(left({{ landed_text(column) }}, 10) as date)
{%- endmacro %}


{% macro to_boolean(column, when_empty=false) -%}
    {%- set truths = {} -%}
    {%- for word in ['false', 'f', 'no', 'n', '0'] -%} {%- do truths.update({word: 'false'}) -%} {%- endfor -%}
    {%- for word in ['true', 't', 'yes', 'y', '1'] -%} {%- do truths.update({word: 'true'}) -%} {%- endfor -%}
    {{ looked_up('lower(' ~ landed_text(column) ~ ')', truths, when_empty) }}
{%- endmacro %}


{% macro to_word(column, words=[]) -%}
    {#-
    A value of a vocabulary in its normalised spelling: `On Leave` and `on-leave` become `on_leave`.
    The loader also accepts `OnLeave`, so words with several parts must be listed to be recognised.
    -#}
    {%- set value = "lower(" ~ landed_text(column) ~ ")" -%}
    {%- set squeezed = "replace(replace(replace(" ~ value ~ ", ' ', ''), '_', ''), '-', '')" -%}
    {%- set plain = "replace(replace(" ~ value ~ ", ' ', '_'), '-', '_')" -%}
    {%- set spellings = {} -%}
    {%- for word in words -%}
        {%- do spellings.update({word | replace('_', ''): text_literal(word)}) -%}
    {%- endfor -%}
    {{ looked_up(squeezed, spellings, plain) }}
{%- endmacro %}


{% macro to_meaning(source_name, table, column) -%}
    {#-
    The meaning of a word of a vocabulary, as the sources declare it beside the accepted words: null
    for an empty value. An accepted word without a meaning fails here as it fails at load.
    -#}
    {%- set meanings = {} -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == source_name and node.name == table -%}
            {%- set meta = node.columns[column].config.meta -%}
            {%- for meaning, words in meta.meanings.items() -%}
                {%- for word in words -%}
                    {%- do meanings.update({
                        word | lower | replace(' ', '') | replace('_', '') | replace('-', ''): text_literal(meaning)
                    }) -%}
                {%- endfor -%}
            {%- endfor -%}
            {%- for word in meta.accepted_values
                if word | lower | replace(' ', '') | replace('_', '') | replace('-', '') not in meanings -%}
                {{ exceptions.raise_compiler_error(
                    "'" ~ word ~ "' of accepted_values of " ~ table ~ "." ~ column ~ " has no meaning. "
                    ~ "List it below meanings, as one of " ~ meta.meanings.keys() | join(', ') ~ "."
                ) }}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set value = "lower(" ~ landed_text(column) ~ ")" -%}
    {%- set squeezed = "replace(replace(replace(" ~ value ~ ", ' ', ''), '_', ''), '-', '')" -%}
    {{ looked_up(squeezed, meanings, "replace(" ~ value ~ ", ' ', '_')") }}
{%- endmacro %}


{% macro is_in_force(valid_from, valid_to, day=none) -%}
    {#-
    Whether a dated row counts on a day, by default the as-of date. The first and the last day
    count; an empty date means no limit.
    -#}
    {%- set day = day or as_of_date() -%}
    (
        ({{ valid_from }} is null or {{ valid_from }} <= {{ day }})
        and ({{ valid_to }} is null or {{ valid_to }} >= {{ day }})
    )
{%- endmacro %}


{% macro is_in_force_once_approved() -%}
    {#- Whether a decision counts on the as-of date. A decision without approval has no effect. -#}
    (
        {{ is_in_force('valid_from', 'valid_to') }}
        and {{ normalise_brid(clean_text('approved_by')) }} is not null
        and approved_on is not null
    )
{%- endmacro %}


{% macro is_non_human_brid(column) -%}
    {#- Whether a BRID has the prefix of a non-human account. -#}
    (
        {%- for prefix in var('non_human_brid_prefixes') %}
        {#- Not `like`: an underscore would match any character. -#} {% if not loop.first %}or {%
        endif %}left({{ column }}, {{ prefix | length }}) = '{{ prefix }}' {%- else %} false {%-
        endfor %}
    )
{%- endmacro %}
