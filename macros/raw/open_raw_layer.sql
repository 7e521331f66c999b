{% macro open_raw_layer() %}
    {#- Runs at the start of every build: makes the raw layer readable. -#}
    {% if execute %}
        {% do check_seed_folder() %}
        {% do adapter.dispatch('attach_raw_layer', 'persona_access')() %}
    {% endif %}
{% endmacro %}


{% macro check_seed_folder() %}
    {#-
    dbt writes compiled SQL to target/ joined with the path of the seed, so it would overwrite a
    seed folder outside the project. Such a folder is refused here, before the first seed is read.
    -#}
    {% set folder = env_var('PERSONA_ACCESS_SEEDS', 'seeds') %}
    {% if folder.startswith('/') or '..' in folder or ':' in folder %}
        {{ exceptions.raise_compiler_error(
            "PERSONA_ACCESS_SEEDS is '" ~ folder ~ "'. Name a folder inside the project, relative to "
            ~ "its root, for example 'seeds'."
        ) }}
    {% endif %}
{% endmacro %}


{% macro raw_layer_path() -%}
    {{ home_path() }}/raw
{%- endmacro %}


{% macro home_path() -%}
    {#- The location of this installation's files, as the engine sees it. -#}
    {{ adapter.dispatch('home_path', 'persona_access')() }}
{%- endmacro %}


{% macro default__home_path() -%}
    {{ env_var('PERSONA_ACCESS_HOME', 'data') }}
{%- endmacro %}


{% macro spark__home_path() -%}
    {%- set home = default__home_path() -%}
    {%- if not home.startswith('/') and '://' not in home -%}
        {{ exceptions.raise_compiler_error(
            "PERSONA_ACCESS_HOME is '" ~ home ~ "', and Spark would look for it beside its own "
            ~ "tables: give the whole path, or an address such as s3a://bucket/persona-access."
        ) }}
    {%- endif -%}
    {{ home }}
{%- endmacro %}


{% macro default__attach_raw_layer() %}
    {#- On other engines, another tool loads the raw tables; there is nothing to attach. -#}
{% endmacro %}


{% macro duckdb__attach_raw_layer() %}
    {% set path = raw_layer_path() %}
    {% set probe = "select count(*) as n from glob('" ~ path ~ "/quarantined_rows/*.parquet')" %}
    {% if run_query(probe).rows[0][0] == 0 %}
        {{ exceptions.raise_compiler_error(
            "No raw layer in '" ~ path ~ "'. Run `persona-access load` first, or set "
            ~ "PERSONA_ACCESS_HOME to the folder that holds it."
        ) }}
    {% endif %}
    {% do run_query("create schema if not exists raw") %}
    {#- Files of earlier releases lack columns. -#}
    {% do run_query(
        "create or replace view raw.quarantined_rows as "
        ~ landed_files_query(path ~ "/quarantined_rows/*.parquet")
    ) %}
    {% set ledger_files = path ~ "/load_ledger/*.json" %}
    {% set has_ledger = run_query("select count(*) from glob('" ~ ledger_files ~ "')").rows[0][0] > 0 %}
    {% set columns = source_columns('load_ledger') %}
    {% if has_ledger %}
        {% set types = [] %}
        {% for name, type in columns.items() %}
            {% do types.append(name ~ ": '" ~ type ~ "'") %}
        {% endfor %}
        {% do run_query(
            "create or replace table raw.load_ledger as select * from read_json('" ~ ledger_files
            ~ "', columns = {" ~ types | join(', ') ~ "})"
        ) %}
    {% else %}
        {% do run_query("create or replace table raw.load_ledger (" ~ column_list(columns) ~ ")") %}
    {% endif %}
    {#-
    DuckDB estimates the size of a feed from its first file, which is the empty contract, and would
    hold five million grants in memory to look up a few names. The ledger has the real size.
    -#}
    {% set n_rows = {} %}
    {% for row in run_query(
        "select feed, max(n_rows_loaded) from raw.load_ledger where load_status = 'loaded' group by 1"
    ).rows %}
        {% do n_rows.update({row[0]: row[1]}) %}
    {% endfor %}
    {% for feed in feeds() %}
        {% set columns = source_columns(feed) %}
        {% set options = ", hive_partitioning = true, hive_types = {extract_date: date, version: bigint}" %}
        {#- Files without attributes lack that column; looking into each file costs a few milliseconds. -#}
        {% set query = landed_files_query(
            path ~ "/" ~ feed ~ "/*/*/rows.parquet",
            options ~ ", explicit_cardinality = " ~ n_rows.get(feed, 0), 'attributes' in columns
        ) %}
        {#- Without any file of the feed, the view has none of its columns and is refused below. -#}
        {% do run_query("create or replace view raw." ~ feed ~ " as " ~ (query or
        no_rows({'nothing': 'bigint'}))) %}
    {% endfor %}
    {% do refuse_earlier_raw_layer(path) %}
{% endmacro %}


{% macro refuse_earlier_raw_layer(path) %}
    {#- An earlier release had fewer feeds and columns; `load` adds them. The views show the
    existing columns. -#} {% set found = {} %} {% for row in run_query(
        "select table_name, column_name from duckdb_columns() "
        ~ "where database_name = current_database() and schema_name = 'raw'"
    ).rows %}
        {% do found.setdefault(row[0], []).append(row[1]) %}
    {% endfor %}
    {% for feed in feeds() %}
        {% for column in source_columns(feed) if column not in found[feed] %}
            {{ exceptions.raise_compiler_error(
                "The raw layer in '" ~ path ~ "' is of an earlier release: it has no " ~ feed ~ "." ~ column
                ~ ". Run `persona-access load` once, also without new files, and then this command again."
            ) }}
        {% endfor %}
    {% endfor %}
{% endmacro %}


{% macro landed_files_query(files, options='', may_differ=true) %}
    {#-
    The query of all Parquet files of a pattern; '' when there are none. If files can differ in
    their columns, they are united by name. DuckDB 1.5 fails with an internal error if it unites
    encrypted files itself, so encrypted files with the same columns are read together.
    -#}
    {% set encryption = parquet_encryption() %}
    {% set found = run_query("select file from glob('" ~ files ~ "') order by 1").columns[0].values() %}
    {% if not found %}
        {{ return('') }}
    {% elif not (may_differ and encryption) %}
        {% set by_name = ", union_by_name = true" if may_differ else "" %}
        {{ return("select * from read_parquet('" ~ files ~ "'" ~ options ~ by_name ~ encryption ~ ")") }}
    {% endif %}
    {% set files_by_columns = {} %}
    {% for file in found %}
        {% set quoted = "'" ~ file | replace("'", "''") ~ "'" %}
        {% set columns = run_query("describe from read_parquet(" ~ quoted ~ encryption ~ ")").columns[0].values() %}
        {% do files_by_columns.setdefault(columns | join(','), []).append(quoted) %}
    {% endfor %}
    {% set queries = [] %}
    {% for same in files_by_columns.values() %}
        {% do queries.append("select * from read_parquet([" ~ same | join(", ") ~ "]" ~ options ~ encryption ~ ")") %}
    {% endfor %}
    {{ return(queries | join(" union all by name ")) }}
{% endmacro %}


{% macro spark__attach_raw_layer() %}
    {% set path = raw_layer_path() %}
    {% do run_query("create schema if not exists raw") %}
    {% do attach_files('raw.quarantined_rows', source_columns('quarantined_rows'), 'parquet', path ~ '/quarantined_rows') %}
    {% do attach_files('raw.ledger_files', source_columns('load_ledger'), 'json', path ~ '/load_ledger') %}
    {# Every other hook and test uses it: hundreds of small files are read only once. #} {% do
    run_query("drop table if exists raw.load_ledger") %} {% do run_query("create table
    raw.load_ledger using parquet as select * from raw.ledger_files") %} {% for feed in feeds() %}
        {% do attach_files('raw.' ~ feed, source_columns(feed), 'parquet', path ~ '/' ~ feed, ['extract_date', 'version']) %}
    {% endfor %}
{% endmacro %}


{% macro postgres__attach_raw_layer() %}
    {#- The tables exist: PostgreSQL cannot read Parquet, so `copy_raw_layer.py` copied the rows.
    -#} {% if adapter.get_relation(target.database, 'raw', 'records') is none %}
        {{ exceptions.raise_compiler_error(
            "No raw layer in the database '" ~ target.database ~ "'. Run deploy/postgres/copy_raw_layer.py "
            ~ "after `persona-access load`."
        ) }}
    {% endif %}
    {% set is_fit %}
        select 'Z' < 'a' and current_setting('server_encoding') = 'UTF8'
    {% endset %}
    {% if not run_query(is_fit).rows[0][0] %}
        {{ exceptions.raise_compiler_error(
            "The database '" ~ target.database ~ "' sorts texts differently from DuckDB. Make one as "
            ~ "docs/postgres.md shows: encoding UTF8, locale C."
        ) }}
    {% endif %}
    {% do read_records('raw.load_ledger', source_columns('load_ledger'), 'load_ledger') %}
    {% do open_marts_to_readers() %}
{% endmacro %}


{% macro attach_files(table, columns, format, path, partitions=[]) %}
    {#- Registers a folder of files as a Spark table with these columns, from scratch each time; the
    folder can be empty or missing. -#} {% do run_query("drop table if exists " ~ table) %} {% do
    run_query(
        "create table " ~ table ~ " (" ~ column_list(columns) ~ ") using " ~ format
        ~ (" options (multiline true)" if format == 'json' else "")
        ~ (" partitioned by (" ~ partitions | join(", ") ~ ")" if partitions else "")
        ~ " location '" ~ path ~ "'"
    ) %}
    {% if partitions %}
        {% do run_query("msck repair table " ~ table) %}
    {% endif %}
{% endmacro %}


{% macro read_records(view, columns, folder) %}
    {#- Creates a view of the records that `copy_raw_layer.py` copied from a folder of the home, one
    JSON object for each row. -#} {% set values = [] %} {% for name, type in columns.items() %}
        {% do values.append("cast(record ->> '" ~ name ~ "' as " ~ api.Column.translate_type(type) ~ ") as " ~ name) %}
    {% endfor %}
    {% do run_query(
        "create or replace view " ~ view ~ " as select " ~ values | join(", ")
        ~ " from raw.records where folder = '" ~ folder ~ "'"
    ) %}
{% endmacro %}


{% macro source_columns(table) %}
    {#- The columns that the sources declare for a table of the raw layer: name and type. -#} {% set
    columns = {} %} {% for source_node in graph.sources.values() if source_node.schema == 'raw' and
    source_node.name == table %}
        {% for column in source_node.columns.values() %}
            {% do columns.update({column.name: column.data_type}) %}
        {% endfor %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{% macro column_list(columns) %}
    {#- Columns and their types as a `create table` lists them. -#}
    {% set listed = [] %}
    {% for name, type in columns.items() %}
        {% do listed.append(name ~ ' ' ~ type) %}
    {% endfor %}
    {{ return(listed | join(', ')) }}
{% endmacro %}


{% macro feeds(is_required=none, accumulates=none) %}
    {#-
    Names of the feeds that the sources declare; is_required selects only required (or only
    optional) feeds, accumulates only feeds whose files add up (or do not).
    -#}
    {% set names = [] %}
    {% for source_node in graph.sources.values() if source_node.config.meta.feed %}
        {% set feed = source_node.config.meta.feed %}
        {% if is_required in (none, not feed.is_optional)
            and accumulates in (none, feed.accumulates | default(false)) %}
            {% do names.append(source_node.name) %}
        {% endif %}
    {% endfor %}
    {{ return(names | sort) }}
{% endmacro %}


{% macro no_rows(columns) %}
    {#- A query with these columns, name and type, that never returns a row. -#}
    select
        {% for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    where false
{% endmacro %}
