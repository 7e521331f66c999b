{% macro open_raw_layer() %}
    {#- Runs at the start of every build: makes the raw layer readable and fixes the week. -#}
    {% if execute %}
        {% do check_seed_folder() %}
        {% do adapter.dispatch('attach_raw_layer', 'persona_access')() %}
        {% do fix_week() %}
        {% do create_self_reading_tables() %}
    {% endif %}
{% endmacro %}


{% macro check_seed_folder() %}
    {#-
    dbt writes what it compiled to target/ joined with the path of the seed, so a seed folder outside
    the project would be overwritten with SQL. Refused here, before the first seed is read.
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
    {{ env_var('PERSONA_ACCESS_HOME', 'data') }}/raw
{%- endmacro %}


{% macro default__attach_raw_layer() %}
    {#- Other engines get their raw tables from whoever loads them; there is nothing to attach. -#}
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
    {% set encryption = parquet_encryption() %}
    {% do run_query("create schema if not exists raw") %}
    {% do run_query(
        "create or replace view raw.quarantined_rows as select * from read_parquet('"
        ~ path ~ "/quarantined_rows/*.parquet'" ~ encryption ~ ")"
    ) %}
    {% set ledger_files = path ~ "/load_ledger/*.json" %}
    {% set has_ledger = run_query("select count(*) from glob('" ~ ledger_files ~ "')").rows[0][0] > 0 %}
    {% set ledger_columns = [
        ('load_id', 'varchar'), ('feed', 'varchar'), ('extract_date', 'date'),
        ('version', 'bigint'), ('load_status', 'varchar'), ('file_name', 'varchar'),
        ('file_sha256', 'varchar'), ('file_bytes', 'bigint'), ('n_rows_read', 'bigint'),
        ('n_rows_loaded', 'bigint'), ('n_rows_quarantined', 'bigint'), ('reason', 'varchar'),
        ('is_restatement', 'boolean'), ('loaded_at', 'timestamp'), ('loader_version', 'varchar'),
    ] %}
    {% if has_ledger %}
        {% set columns = [] %}
        {% for name, type in ledger_columns %}
            {% do columns.append(name ~ ": '" ~ type ~ "'") %}
        {% endfor %}
        {% do run_query(
            "create or replace table raw.load_ledger as select * from read_json('" ~ ledger_files
            ~ "', columns = {" ~ columns | join(', ') ~ "})"
        ) %}
    {% else %}
        {% set columns = [] %}
        {% for name, type in ledger_columns %}
            {% do columns.append(name ~ ' ' ~ type) %}
        {% endfor %}
        {% do run_query("create or replace table raw.load_ledger (" ~ columns | join(', ') ~ ")") %}
    {% endif %}
    {#-
    DuckDB guesses the size of a feed from its first file, which is the empty contract: it would hold
    five million grants in memory to look up a few names. The ledger knows better.
    -#}
    {% set n_rows = {} %}
    {% for row in run_query(
        "select feed, max(n_rows_loaded) from raw.load_ledger where load_status = 'loaded' group by 1"
    ).rows %}
        {% do n_rows.update({row[0]: row[1]}) %}
    {% endfor %}
    {% for feed in feeds() %}
        {% do run_query(
            "create or replace view raw." ~ feed ~ " as select * from read_parquet('"
            ~ path ~ "/" ~ feed ~ "/*/*/rows.parquet', hive_partitioning = true, "
            ~ "hive_types = {extract_date: date, version: bigint}, explicit_cardinality = "
            ~ n_rows.get(feed, 0) ~ encryption ~ ")"
        ) %}
    {% endfor %}
{% endmacro %}


{% macro feeds(is_required=none) %}
    {#- Names of the feeds that the sources declare; with is_required only those (not) optional. -#}
    {% set names = [] %}
    {% for source_node in graph.sources.values() if source_node.config.meta.feed %}
        {% set feed_is_required = not source_node.config.meta.feed.is_optional %}
        {% if is_required is none or is_required == feed_is_required %}
            {% do names.append(source_node.name) %}
        {% endif %}
    {% endfor %}
    {{ return(names | sort) }}
{% endmacro %}
