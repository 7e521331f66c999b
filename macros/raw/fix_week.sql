{% macro fix_week(as_of_date) %}
    {#-
    Writes raw.week_extracts: the as-of date of this build, which the macro decide_week chose, and for
    each source of each feed the current extract; for a feed that accumulates, the files since the
    week before. The newest load of a feed lists its sources.
    -#}
    {% do run_query("create schema if not exists raw") %}
    {% set week_extracts %}
        with
        loads as (
            select * from ({{ source_loads() }}) as source_loads
            where extract_date <= cast('{{ as_of_date }}' as date)
        ),
        newest as (
            select
                feed,
                feed_sources,
                required_sources,
                row_number() over (
                    partition by feed order by extract_date desc, version desc
                ) as recency
            from loads
        ),
        ranked as (
            select
                loads.*,
                {{ is_listed('loads.source', 'newest.required_sources') }} as is_source_required,
                row_number() over (
                    partition by loads.feed, loads.source
                    order by loads.extract_date desc, loads.version desc
                ) as recency
            from loads
            inner join newest on loads.feed = newest.feed and newest.recency = 1
            where
                {{ is_listed('loads.source', 'newest.feed_sources') }}
                and {{ is_replaced_feed('loads.feed') }}
        )
        select
            cast('{{ as_of_date }}' as date) as as_of_date,
            feed,
            extract_date,
            version,
            load_id,
            source,
            is_source_required,
            max_age_days
        from ranked
        where recency = 1
        union all
        select
            cast('{{ as_of_date }}' as date),
            feed,
            extract_date,
            version,
            load_id,
            source,
            true,
            max_age_days
        from loads
        where
            not {{ is_replaced_feed('feed') }}
            and extract_date > cast('{{ week_before(as_of_date) }}' as date)
    {% endset %}
    {% do adapter.dispatch('refill', 'persona_access')('raw.week_extracts', week_extracts) %}
    {% set missing = missing_sources(as_of_date) %}
    {% if missing and not flags.EMPTY %}
        {{ exceptions.raise_compiler_error(
            "Nothing of " ~ missing | join(', ') ~ " is loaded for " ~ as_of_date ~ " or before. "
            ~ "Run `persona-access load`, or choose a later as_of_date."
        ) }}
    {% endif %}
    {{ log("Week as of " ~ as_of_date, info=true) }}
{% endmacro %}


{% macro is_replaced_feed(feed) -%}
    {#- Whether the newest extract of a feed replaces the earlier ones, as SQL over the feed's name.
    -#} {%- set accumulating = feeds(accumulates=true) if execute else [] -%} {{ feed }} not in ('',
    '{{ accumulating | join("', '") }}')
{%- endmacro %}


{% macro week_before(as_of_date) -%}
    {#- The previous complete week as text; a date before all others for the first week. -#} {{
    return((complete_weeks() | select('lt', as_of_date | string) | list | last) or '0001-01-01') }}
{%- endmacro %}


{% macro source_loads() -%}
    {#-
    The accepted files, each with its source, the sources that its feed had, and the age in days up
    to which a week uses it: that of its source if declared, else feed_max_age_days.
    -#}
    select
        feed,
        coalesce(nullif(source, ''), feed) as source,
        coalesce(nullif(feed_sources, ''), ',' || coalesce(nullif(source, ''), feed) || ',')
            as feed_sources,
        case
            when coalesce(feed_sources, '') = '' then ',' || coalesce(nullif(source, ''), feed) || ','
            else coalesce(required_sources, '')
        end as required_sources,
        coalesce(max_age_days, {{ var('feed_max_age_days') }}) as max_age_days,
        extract_date,
        version,
        load_id
    from raw.load_ledger
    where load_status = 'loaded' and extract_date is not null
{%- endmacro %}


{% macro is_listed(name, names) -%}
    {#- True if a name is in a list such as `,one,other,`. -#}
    {{ dbt.position("',' || " ~ name ~ " || ','", names) }} > 0
{%- endmacro %}


{% macro missing_sources(as_of_date) %}
    {#- The required feeds, and required sources of feeds, without an extract in raw.week_extracts.
    -#} {% set found = {} %} {% for row in run_query("select feed, source from
    raw.week_extracts").rows %}
        {% do found.setdefault(row[0], []).append(row[1]) %}
    {% endfor %}
    {% set missing = feeds(is_required=true) | reject('in', found) | list %}
    {% set query %}
        select feed, required_sources
        from (
            select
                feed,
                required_sources,
                row_number() over (
                    partition by feed order by extract_date desc, version desc
                ) as recency
            from ({{ source_loads() }}) as source_loads
            where
                extract_date <= cast('{{ as_of_date }}' as date)
                and feed in ('{{ feeds(is_required=true) | join("', '") }}')
        ) as newest
        where recency = 1
        order by feed
    {% endset %}
    {% for row in run_query(query).rows %}
        {% for name in row[1].split(',') if name and name not in found.get(row[0], []) %}
            {% do missing.append(name ~ ' (' ~ row[0] ~ ')') %}
        {% endfor %}
    {% endfor %}
    {{ return(missing) }}
{% endmacro %}


{% macro default__refill(table, sql) %}
    {% do run_query("drop table if exists " ~ table) %}
    {% do run_query("create table " ~ table ~ " as " ~ sql) %}
{% endmacro %}


{% macro postgres__refill(table, sql) %}
    {#- Views read the table, and would have to be dropped with it. -#}
    {% do run_query("create table if not exists " ~ table ~ " as " ~ sql ~ " with no data") %}
    {#- Columns of later releases come last. -#}
    {% do run_query(
        "alter table " ~ table ~ " add column if not exists source text, "
        ~ "add column if not exists is_source_required boolean, "
        ~ "add column if not exists max_age_days bigint"
    ) %}
    {% do run_query("delete from " ~ table ~ "; insert into " ~ table ~ " " ~ sql) %}
{% endmacro %}


{% macro as_of_date() -%}
    {#- The business date of the run as a SQL literal. Models get the date only from here. -#}
    cast('{{ fixed_as_of_date() }}' as date)
{%- endmacro %}


{% macro fixed_as_of_date() -%}
    {%- if execute and flags.WHICH not in ('build', 'run', 'snapshot', 'test') -%}
        {{ return(week_of_the_warehouse()) }}
    {%- elif var('as_of_date', none) -%}
        {{ return(var('as_of_date')) }}
    {%- elif execute and env_var('PERSONA_ACCESS_AS_OF_DATE', '') -%}
        {#- A hundred nodes use it: avoid the query for each of them. -#}
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
    True for the rows of the extracts of a feed that count for this week, one for each source. With
    literals instead of a join, an engine can skip the files of all other weeks.
    -#}
    {%- set query -%}
        select extract_date, version from raw.week_extracts where feed = '{{ feed }}'
        order by extract_date, version
    {%- endset -%}
    {{ is_one_of(run_query(query).rows if execute else []) }}
{%- endmacro %}


{% macro is_one_of(extracts) -%}
    {#- True for the rows of these extracts, each a date and a version. -#}
    {%- if extracts | length < 2 -%}
        {{ is_extract(extracts[0][0], extracts[0][1]) if extracts else is_extract('0001-01-01', 0) }}
    {%- else -%}
        (
            {%- for extract in extracts -%}
                {{ is_extract(extract[0], extract[1]) }}{{ ' or ' if not loop.last }}
            {%- endfor -%}
        )
    {%- endif -%}
{%- endmacro %}


{% macro previous_extracts(feed) -%}
    {#- For each source: date, version and load of the extract before the one that counts for this
    week. -#} {%- set query -%}
        select extract_date, version, load_id
        from (
            select
                earlier.extract_date,
                earlier.version,
                earlier.load_id,
                row_number() over (
                    partition by earlier.source
                    order by earlier.extract_date desc, earlier.version desc
                ) as recency
            from ({{ source_loads() }}) as earlier
            inner join raw.week_extracts as week
                on earlier.feed = week.feed and earlier.source = week.source
            where earlier.feed = '{{ feed }}' and earlier.extract_date < week.extract_date
        ) as ranked
        where recency = 1
        order by extract_date, version
    {%- endset -%}
    {{ return(run_query(query).rows if execute else []) }}
{%- endmacro %}


{% macro is_previous_extract(feed) -%}
    {#- True for the rows of the extracts before those that count for this week. -#}
    {{ is_one_of(previous_extracts(feed)) }}
{%- endmacro %}


{% macro previous_load_ids(feed) -%}
    {#- The loads before those that count for this week, as literals in a list. -#}
    {%- set loads = previous_extracts(feed) -%}
    {%- for load in loads -%}'{{ load[2] }}'{{ ', ' if not loop.last }}{%- else -%}''{%- endfor -%}
{%- endmacro %}


{% macro is_of_late_source(feed) -%}
    {#-
    True for the rows of an optional source that is late: its old extract is still read, but rows
    missing from it prove nothing. The gate handles late sources that a week needs.
    -#}
    {%- set query -%}
        select load_id from raw.week_extracts
        where
            feed = '{{ feed }}'
            and not is_source_required
            and {{ dbt.datediff('extract_date', 'as_of_date', 'day') }} > max_age_days
        order by load_id
    {%- endset -%}
    {%- set loads = run_query(query).columns[0].values() if execute else [] -%}
    {%- if loads | length -%} load_id in ('{{ loads | join("', '") }}') {%- else -%} false {%- endif -%}
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
    The empty contract, version 0, is included: if a condition selects a single file, DuckDB takes
    the number of row groups from the first file, which has none, and reads millions of rows in one
    thread.
    -#}
    (({{ default__is_extract(date, version) }}) or version = 0)
{%- endmacro %}
