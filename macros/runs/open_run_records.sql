{% macro open_run_records() %}
    {#-
    Runs at the start of every build and makes the records of `persona-access run` readable: the
    gates that were lifted for each week, and the result of each run.
    -#}
    {% if execute %}
        {% do run_query("create schema if not exists runs") %}
        {% do adapter.dispatch('attach_run_records', 'persona_access')() %}
    {% endif %}
{% endmacro %}


{% macro default__attach_run_records() %}
    {% for name, columns in run_record_columns().items() %}
        {% do run_query("create or replace view runs." ~ name ~ " as " ~ no_rows(columns)) %}
    {% endfor %}
{% endmacro %}


{% macro duckdb__attach_run_records() %}
    {% for name, columns in run_record_columns().items() %}
        {% set files = home_path() ~ "/" ~ run_record_folders()[name] ~ "/*.json" %}
        {% set n_files = run_query("select count(*) from glob('" ~ files ~ "')").rows[0][0] %}
        {% set types = [] %}
        {% for column, type in columns.items() %}
            {% do types.append(column ~ ": '" ~ type ~ "'") %}
        {% endfor %}
        {% do run_query(
            "create or replace view runs." ~ name ~ " as " ~ (
                "select * from read_json('" ~ files ~ "', columns = {" ~ types | join(', ') ~ "})"
                if n_files > 0 else no_rows(columns)
            )
        ) %}
    {% endfor %}
{% endmacro %}


{% macro spark__attach_run_records() %}
    {% for name, columns in run_record_columns().items() %}
        {% do attach_files('runs.' ~ name, columns, 'json', home_path() ~ '/' ~ run_record_folders()[name]) %}
    {% endfor %}
{% endmacro %}


{% macro postgres__attach_run_records() %}
    {% for name, columns in run_record_columns().items() %}
        {% do read_records('runs.' ~ name, columns, run_record_folders()[name]) %}
    {% endfor %}
{% endmacro %}


{% macro run_record_folders() %}
    {{ return({'accepted_gates': 'accepted_gates', 'weekly_runs': 'runs'}) }}
{% endmacro %}


{% macro run_record_columns() %}
    {#- The records of runs: table, then column and type. Lists and details stay JSON text. -#}
    {% set text = dbt.type_string() %}
    {{ return({
        'accepted_gates': {
            'as_of_date': 'date', 'gate': text, 'because': text, 'accepted_by': text,
            'accepted_at': text,
        },
        'weekly_runs': {
            'run_id': text, 'started_at': text, 'ended_at': text, 'due_date': 'date',
            'as_of_date': 'date', 'result': text, 'step': text, 'error': text, 'release': text,
            'commit': text, 'versions': text, 'process': text, 'step_seconds': text,
            'files': text, 'late_feeds': text, 'weeks': text, 'failed_tests': text,
            'gates': text, 'accepted': text,
        },
    }) }}
{% endmacro %}


{% macro gate_is_closed(gate) -%}
    {#- Whether a gate is closed: nobody lifted it for the week of this build. -#}
    {{ gate }} not in (
        select gate
        from {{ source('runs', 'accepted_gates') }}
        where as_of_date = {{ as_of_date() }} and gate is not null
    )
{%- endmacro %}


{% macro accepted_before() %}
    {#- Query: for each gate, the last week before this one for which somebody lifted it. -#}
    select
        gate,
        max(as_of_date) as accepted_date
    from {{ ref('stg_runs__accepted_gates') }}
    where as_of_date < {{ as_of_date() }}
    group by gate
{% endmacro %}


{% macro loads_to_compare() %}
    {#-
    Query: the loads whose values the gate `column_values` compares. An extract that still counts was
    accepted with the week that had it first.
    -#}
    select
        loads.load_id,
        loads.feed,
        loads.source_name,
        loads.file_name,
        loads.is_in_force
    from {{ ref('stg_loader__loads') }} as loads
    left join ({{ accepted_before() }}) as accepted
        on accepted.gate = 'column_values' and loads.extract_date <= accepted.accepted_date
    where not loads.is_in_force or accepted.gate is null
{% endmacro %}


{% macro share_of_feed(setting) -%}
    {#- The share that a var sets for a feed: its own, or the default. -#}
    {%- set shares = var(setting) -%}
    case
        {%- for feed, share in shares.items() if feed != 'default' %}
        when feed = '{{ feed }}' then {{ share }}
        {%- endfor %}
        when true then {{ shares.default }}
    end
{%- endmacro %}
