{% macro record_week_inputs() %}
    {#-
    Records the inputs of a build, one row for each: files, decisions, code, settings, versions.
    Auditors ask for them, and a later build can find out whether one has changed. This table keeps
    every build, whereas runs.week_builds keeps only those whose rows are in the warehouse.
    -#}
    {% do run_query(
        "create table if not exists runs.week_inputs (as_of_date date, invocation_id "
        ~ dbt.type_string() ~ ", started_at timestamp, input_kind " ~ dbt.type_string() ~ ", input_name "
        ~ dbt.type_string() ~ ", input_value " ~ dbt.type_string() ~ ", sha256 "
        ~ dbt.type_string() ~ ")"
    ) %}
    {% do run_query(
        "insert into runs.week_inputs select " ~ as_of_date() ~ ", '" ~ invocation_id
        ~ "', cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')
        ~ "' as timestamp), inputs.* from (" ~ adapter.dispatch('week_inputs', 'persona_access')() ~ ") as inputs"
    ) %}
{% endmacro %}


{% macro default__week_inputs() %}
    {{ file_inputs() }}
    union all
    {{ setting_inputs() }}
{% endmacro %}


{% macro duckdb__week_inputs() %}
    {{ default__week_inputs() }}
    union all
    select 'decisions', parse_filename(filename), null, sha256(content)
    from read_blob('{{ env_var('PERSONA_ACCESS_SEEDS', 'seeds') }}/*.csv')
    union all
    {# By depth: DuckDB's `**` does not follow links, and a project can link to its models. #}
    select
        'code', 'models, macros, snapshots, settings', null,
        sha256(string_agg(sha256(content), ',' order by parse_filename(filename), sha256(content)))
    from read_blob(
        ['models/*/*/*.sql', 'macros/*/*.sql', 'snapshots/*.yml', 'dbt_project.yml']
    )
{% endmacro %}


{% macro file_inputs() %}
    {#- A feed with several sources has a row for each, `feed/source`. #}
    select
        'file' as input_kind,
        case
            when extracts.source = extracts.feed then extracts.feed
            else extracts.feed || '/' || extracts.source
        end as input_name,
        extracts.load_id as input_value,
        loads.file_sha256 as sha256
    from raw.week_extracts as extracts
    inner join raw.load_ledger as loads on extracts.load_id = loads.load_id
    union all
    select 'mapping', extracts.source, null, loads.mapping_sha256
    from raw.week_extracts as extracts
    inner join raw.load_ledger as loads on extracts.load_id = loads.load_id
    where coalesce(loads.mapping_sha256, '') <> ''
{% endmacro %}


{% macro setting_inputs() %}
    {# The settings of the build: its commit if `persona-access` ran it, vars, versions. #}
    {% set said = {
        'commit': env_var('PERSONA_ACCESS_COMMIT', ''),
        'vars': tojson(invocation_args_dict.get('vars') or {}, sort_keys=true),
        'dbt': dbt_version,
    } %}
    {% for name, value in said.items() %}
        {% if not loop.first %}union all{% endif %}
        select 'run', '{{ name }}', nullif({{ text_literal(value) }}, ''), null
    {% endfor %}
{% endmacro %}
