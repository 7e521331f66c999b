{% macro fix_week(as_of_date) %}
    {#-
    Writes raw.week_extracts: the as-of date of this build, which the macro decide_week chose, and for
    each feed the current extract; of a feed that accumulates, the files since the week before.
    -#}
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
        where ranked.recency = 1 and {{ is_replaced_feed('ranked.feed') }}
        union all
        select
            cast('{{ as_of_date }}' as date),
            feed,
            extract_date,
            version,
            load_id
        from raw.load_ledger
        where
            load_status = 'loaded'
            and not {{ is_replaced_feed('feed') }}
            and extract_date <= cast('{{ as_of_date }}' as date)
            and extract_date > cast('{{ week_before(as_of_date) }}' as date)
    {% endset %}
    {% do adapter.dispatch('refill', 'persona_access')('raw.week_extracts', week_extracts) %}
    {% set missing = feeds(is_required=true) | reject('in', run_query("select feed from raw.week_extracts").columns[0].values()) | list %}
    {% if missing and not flags.EMPTY %}
        {{ exceptions.raise_compiler_error(
            "Nothing of " ~ missing | join(', ') ~ " is loaded for " ~ as_of_date ~ " or before. "
            ~ "Run `persona-access load`, or choose a later as_of_date."
        ) }}
    {% endif %}
    {{ log("Week as of " ~ as_of_date, info=true) }}
{% endmacro %}


{% macro is_replaced_feed(feed) -%}
    {#- Whether a feed is one whose newest extract replaces those before it, as SQL over its name. -#}
    {%- set accumulating = feeds(accumulates=true) if execute else [] -%}
    {{ feed }} not in ('', '{{ accumulating | join("', '") }}')
{%- endmacro %}


{% macro week_before(as_of_date) -%}
    {#- The complete week before this one as text; the beginning of time for the first. -#}
    {{ return((complete_weeks() | select('lt', as_of_date | string) | list | last) or '0001-01-01') }}
{%- endmacro %}


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
    {%- if execute and flags.WHICH not in ('build', 'run', 'snapshot', 'test') -%}
        {{ return(week_of_the_warehouse()) }}
    {%- elif var('as_of_date', none) -%}
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


{% macro week_of_the_warehouse() -%}
    {#- The week for commands that run no hook, such as `dbt compile`: the one that was fixed last. -#}
    {%- set fixed = run_query("select max(as_of_date) from raw.week_extracts").columns[0].values()[0] | string -%}
    {%- set requested = requested_as_of_date() -%}
    {%- if requested and requested != fixed -%}
        {{ exceptions.raise_compiler_error(
            "`dbt " ~ flags.WHICH ~ "` fixes no week, and the warehouse stands at " ~ fixed ~ ", not at "
            ~ requested ~ ": leave as_of_date and PERSONA_ACCESS_AS_OF_DATE out."
        ) }}
    {%- endif -%}
    {{ return(fixed if fixed != 'None' else '0001-01-01') }}
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


{% macro previous_extract(feed) -%}
    {#- Date and newest version of the extract before the one that counts for this week. -#}
    {%- set extract = namespace(date='0001-01-01', version=0) -%}
    {%- if execute -%}
        {%- set query -%}
            select loads.extract_date, max(loads.version) as version
            from raw.load_ledger as loads
            where
                loads.load_status = 'loaded'
                and loads.feed = '{{ feed }}'
                and loads.extract_date = (
                    select max(earlier.extract_date)
                    from raw.load_ledger as earlier
                    inner join raw.week_extracts as week on earlier.feed = week.feed
                    where
                        earlier.load_status = 'loaded'
                        and earlier.feed = '{{ feed }}'
                        and earlier.extract_date < week.extract_date
                )
            group by loads.extract_date
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- set extract.date = row[0] -%}
            {%- set extract.version = row[1] -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(extract) }}
{%- endmacro %}


{% macro is_previous_extract(feed) -%}
    {#- True for the rows of the extract before the one that counts for this week. -#}
    {%- set extract = previous_extract(feed) -%}
    {{ is_extract(extract.date, extract.version) }}
{%- endmacro %}


{% macro previous_load_id(feed) -%}
    {#- The load of the extract before the one that counts for this week, as a literal. -#}
    {%- set extract = previous_extract(feed) -%}
    '{{ feed }}_{{ extract.date }}_v{{ extract.version }}'
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
