{% macro fix_week() %}
    {#-
    Writes raw.week_extracts: the as-of date of this build and, for each feed, the current extract.
    Without a requested date the newest complete week counts: the newest extract date on which every
    required feed has an extract no older than feed_max_age_days, of the dates of the feed that the var
    week_feed names if it names one. A date may be requested by the var as_of_date or, without making dbt parse everything again, by PERSONA_ACCESS_AS_OF_DATE.
    -#}
    {% set requested = var('as_of_date', none) or env_var('PERSONA_ACCESS_AS_OF_DATE', '') %}
    {% set max_age = var('feed_max_age_days') %}
    {% set required = feeds(is_required=true) %}
    {% set week_feed = var('week_feed') %}
    {% if week_feed and week_feed not in required %}
        {{ exceptions.raise_compiler_error(
            "week_feed is '" ~ week_feed ~ "' in dbt_project.yml. Name a required feed, "
            ~ required | join(', ') ~ ", or null for the dates of all feeds."
        ) }}
    {% endif %}
    {% set complete_weeks %}
        select max(candidates.extract_date)
        from (
            select distinct extract_date
            from raw.load_ledger
            where load_status = 'loaded'{{ " and feed = '" ~ week_feed ~ "'" if week_feed }}
        ) as candidates
        where
            {% for feed in required %}
            {% if not loop.first %}and {% endif %}exists (
                select 1
                from raw.load_ledger as loads
                where
                    loads.load_status = 'loaded'
                    and loads.feed = '{{ feed }}'
                    and loads.extract_date <= candidates.extract_date
                    and {{ dbt.datediff('loads.extract_date', 'candidates.extract_date', 'day') }}
                        <= {{ max_age }}
            )
            {% endfor %}
    {% endset %}
    {% set newest = none if requested else run_query(complete_weeks).rows[0][0] %}
    {% if not requested and newest is none and not flags.EMPTY %}
        {{ exceptions.raise_compiler_error(
            "No complete week is loaded: " ~ required | join(', ') ~ " must each have an extract "
            ~ "within " ~ max_age ~ " days of each other. Run `persona-access load`, or name a week "
            ~ "with --vars '{as_of_date: YYYY-MM-DD}'."
        ) }}
    {% endif %}
    {% set as_of_date = requested or newest or '0001-01-01' %}
    {% do run_query("create schema if not exists raw") %}
    {% set week_extracts %}
        select
            cast('{{ as_of_date }}' as date) as as_of_date,
            ranked.feed,
            ranked.extract_date,
            ranked.version,
            ranked.load_id
        from (
            select
                feed,
                extract_date,
                version,
                load_id,
                row_number() over (
                    partition by feed order by extract_date desc, version desc
                ) as recency
            from raw.load_ledger
            where load_status = 'loaded' and extract_date <= cast('{{ as_of_date }}' as date)
        ) as ranked
        where ranked.recency = 1
    {% endset %}
    {% do adapter.dispatch('refill', 'persona_access')('raw.week_extracts', week_extracts) %}
    {% set missing = required | reject('in', run_query("select feed from raw.week_extracts").columns[0].values()) | list %}
    {% if missing and not flags.EMPTY %}
        {{ exceptions.raise_compiler_error(
            "Nothing of " ~ missing | join(', ') ~ " is loaded for " ~ as_of_date ~ " or before. "
            ~ "Run `persona-access load`, or choose a later as_of_date."
        ) }}
    {% endif %}
    {{ log("Week as of " ~ as_of_date, info=true) }}
{% endmacro %}


{% macro default__refill(table, sql) %}
    {% do run_query("drop table if exists " ~ table) %}
    {% do run_query("create table " ~ table ~ " as " ~ sql) %}
{% endmacro %}


{% macro postgres__refill(table, sql) %}
    {#- Views read the table, and would have to be dropped with it. -#}
    {% do run_query("create table if not exists " ~ table ~ " as " ~ sql ~ " with no data") %}
    {% do run_query("delete from " ~ table ~ "; insert into " ~ table ~ " " ~ sql) %}
{% endmacro %}


{% macro as_of_date() -%}
    {#- The business date of the run as a SQL literal. The only place where models learn it. -#}
    cast('{{ fixed_as_of_date() }}' as date)
{%- endmacro %}


{% macro fixed_as_of_date() -%}
    {%- if var('as_of_date', none) -%}
        {{ return(var('as_of_date')) }}
    {%- elif execute and env_var('PERSONA_ACCESS_AS_OF_DATE', '') -%}
        {#- Asked by a hundred nodes: spare them the query. -#}
        {{ return(env_var('PERSONA_ACCESS_AS_OF_DATE')) }}
    {%- elif execute -%}
        {%- set dates = run_query("select max(as_of_date) from raw.week_extracts").columns[0].values() -%}
        {{ return(dates[0] or '0001-01-01') }}
    {%- endif -%}
    {{ return('0001-01-01') }}
{%- endmacro %}


{% macro is_current_extract(feed) -%}
    {#-
    True for the rows of the one extract of a feed that counts for this week. Literals, not a join:
    an engine can then leave all other weeks' files unopened.
    -#}
    {%- set extract = namespace(date='0001-01-01', version=0) -%}
    {%- if execute -%}
        {%- for row in run_query(
            "select extract_date, version from raw.week_extracts where feed = '" ~ feed ~ "'"
        ).rows -%}
            {%- set extract.date = row[0] -%}
            {%- set extract.version = row[1] -%}
        {%- endfor -%}
    {%- endif -%}
    {{ is_extract(extract.date, extract.version) }}
{%- endmacro %}


{% macro is_extract(date, version) -%}
    {#- True for the rows of this extract. -#}
    {{ adapter.dispatch('is_extract', 'persona_access')(date, version) }}
{%- endmacro %}


{% macro default__is_extract(date, version) -%}
    extract_date = cast('{{ date }}' as date) and version = {{ version }}
{%- endmacro %}


{% macro duckdb__is_extract(date, version) -%}
    {#-
    The empty contract, version 0, is kept in: where a condition leaves but one file, DuckDB takes its
    number of row groups from the first of all, which has none, and reads millions of rows in one thread.
    -#}
    (({{ default__is_extract(date, version) }}) or version = 0)
{%- endmacro %}
