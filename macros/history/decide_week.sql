{% macro decide_week() %}
    {#-
    Runs at the start of every dbt command and is the one place that decides which week it computes:
    fixes the week in raw.week_extracts, or refuses the command before anything is written. Replays
    work on a copy of the warehouse, where any week may be computed again.
    -#}
    {% if execute and flags.WHICH in ('build', 'run', 'snapshot', 'seed', 'test') %}
        {% set requested = requested_as_of_date() %}
        {% set newest = newest_week_held() %}
        {% if newest and not is_replay() %}
            {% do refuse_flags(newest) %}
        {% endif %}
        {% set week = chosen_week(requested, newest) %}
        {#- Seeds belong to no week: they never advance a built warehouse to the next one. -#}
        {% if flags.WHICH != 'seed' or newest in (none, week) %}
            {% do fix_week(week) %}
        {% endif %}
        {% if flags.WHICH != 'seed' %}
            {% do create_self_reading_tables() %}
            {% do open_written_tables() %}
            {% if not is_replay() %}
                {% do refuse_parents_of_another_week(week, newest) %}
            {% endif %}
            {% do forget_written_tables() %}
        {% endif %}
    {% endif %}
{% endmacro %}


{% macro requested_as_of_date() %}
    {#- The requested week as text, or none. -#}
    {% set requested = var('as_of_date', none) or env_var('PERSONA_ACCESS_AS_OF_DATE', '') %}
    {% if not requested %}
        {{ return(none) }}
    {% endif %}
    {% if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', requested | string) %}
        {{ exceptions.raise_compiler_error(
            "as_of_date is '" ~ requested ~ "'. Write the date of a loaded week as YYYY-MM-DD."
        ) }}
    {% endif %}
    {{ return(requested | string) }}
{% endmacro %}


{% macro is_replay() %}
    {#- Whether this command works on a copy of the warehouse that `persona-access` made. -#} {{
    return(env_var('PERSONA_ACCESS_REPLAY', '') != '' and env_var('PERSONA_ACCESS_REPLAY', '') ==
    target.path) }}
{% endmacro %}


{% macro refuse_flags(newest) %}
    {% set flag = '--empty' if flags.EMPTY else ('--full-refresh' if flags.FULL_REFRESH) %}
    {% if flag %}
        {{ exceptions.raise_compiler_error(
            flag ~ " would remove weeks: the warehouse holds every week up to " ~ newest ~ ". Leave "
            ~ flag ~ " out, build weeks again with `persona-access rebuild --from YYYY-MM-DD`, or set "
            ~ "PERSONA_ACCESS_WAREHOUSE to a file of its own."
        ) }}
    {% endif %}
{% endmacro %}


{% macro chosen_week(requested, newest) %}
    {#- The week of this command as text, or a refusal with the correct command. -#}
    {% if is_replay() and requested %}
        {{ return(requested) }}
    {% endif %}
    {% set complete = complete_weeks() %}
    {% if requested and newest and requested < newest %}
        {{ exceptions.raise_compiler_error(
            "The week " ~ newest ~ " is built already, and it rests on the weeks before it: build "
            ~ requested ~ " and all weeks after it in order with `persona-access rebuild "
            ~ "--from " ~ requested ~ "`."
            if requested in complete else
            "The week " ~ newest ~ " is built already, and " ~ requested ~ " is not a complete week: leave "
            ~ "as_of_date out, or build a loaded week and all after it with `persona-access rebuild "
            ~ "--from YYYY-MM-DD`." ~ nearest_weeks(complete, requested)
        ) }}
    {% endif %}
    {% if flags.WHICH == 'test' and newest and not requested %}
        {{ return(newest) }}
    {% endif %}
    {% if flags.EMPTY or flags.WHICH == 'seed' and not requested %}
        {{ return(requested or (complete | last) or '0001-01-01') }}
    {% endif %}
    {% if not complete %}
        {{ exceptions.raise_compiler_error(
            "No complete week is loaded: " ~ feeds(is_required=true) | join(', ') ~ " must each have an "
            ~ "extract within " ~ var('feed_max_age_days') ~ " days of each other, or within the "
            ~ "max_age_days of its source. Run `persona-access load`."
        ) }}
    {% endif %}
    {#- If a feed is missing, the gate feed_late stops a complete build and shows the rows. -#}
    {% set is_for_gate = flags.WHICH == 'build' and requested in delivery_dates() %}
    {% if requested and requested not in complete and requested != newest and not is_for_gate %}
        {{ exceptions.raise_compiler_error(
            "There is no complete week " ~ requested ~ ": no files of that date are loaded, or a "
            ~ "required feed is missing." ~ nearest_weeks(complete, requested) ~ " Run "
            ~ "`persona-access load` if its files have come, then `persona-access build`."
        ) }}
    {% endif %}
    {% set week = requested or (complete | last) %}
    {% if newest and week < newest %}
        {{ exceptions.raise_compiler_error(
            "The newest complete week is " ~ week ~ ", but " ~ newest ~ " is built: its files no "
            ~ "longer count. See `persona-access audit verify`, then build from the last loaded week on "
            ~ "with `persona-access rebuild --from " ~ week ~ "`."
        ) }}
    {% endif %}
    {{ return(week) }}
{% endmacro %}


{% macro delivery_dates() %}
    {#- The dates of all loaded extracts, as text. -#}
    {% set dates = [] %}
    {% for day in run_query(
        "select distinct extract_date from raw.load_ledger where load_status = 'loaded' and "
        ~ is_replaced_feed('feed')
    ).columns[0].values() %}
        {% do dates.append(day | string) %}
    {% endfor %}
    {{ return(dates) }}
{% endmacro %}


{% macro nearest_weeks(weeks, requested) %}
    {#- Returns a sentence with the complete weeks around a date. -#} {% set around = (weeks |
    select('lt', requested) | list)[-1:] + (weeks | select('gt', requested) | list)[:1] %} {{
    return(" The nearest complete weeks are " ~ around | join(' and ') ~ "." if around | length == 2
        else (" The nearest complete week is " ~ around[0] ~ "." if around else "")) }}
{% endmacro %}


{% macro complete_weeks() %}
    {#-
    Every as-of date that can be computed, oldest first, as text: the extract dates on which each
    required source of each required feed has an extract that is not too old, limited to the dates
    of the feed in the var week_feed if it is set; and the weeks for which a late feed was accepted.
    If a date has only extracts of sources with a longer allowed age than feed_max_age_days, such as
    a monthly list, it is a week only if the other sources gave none for that long.
    -#}
    {% set max_age = var('feed_max_age_days') %}
    {% set required = feeds(is_required=true) %}
    {% set week_feed = var('week_feed') %}
    {% if week_feed and week_feed not in required %}
        {{ exceptions.raise_compiler_error(
            "week_feed is '" ~ week_feed ~ "' in dbt_project.yml. Name a required feed, "
            ~ required | join(', ') ~ ", or null for the dates of all feeds."
        ) }}
    {% endif %}
    {% set query %}
        with
        loads as (
            select * from ({{ source_loads() }}) as source_loads
        ),
        candidates as (
            select
                extract_date as as_of_date,
                min(max_age_days) as max_age_days
            from loads
            where {{ is_replaced_feed('feed') }}{{ " and feed = '" ~ week_feed ~ "'" if week_feed }}
            group by extract_date
        ),
        declared as (
            select
                candidates.as_of_date,
                loads.feed,
                loads.required_sources,
                row_number() over (
                    partition by candidates.as_of_date, loads.feed
                    order by loads.extract_date desc, loads.version desc
                ) as recency
            from candidates
            inner join loads on loads.extract_date <= candidates.as_of_date
            where loads.feed in ('{{ required | join("', '") }}')
        ),
        fresh as (
            select
                declared.as_of_date,
                declared.feed,
                declared.required_sources,
                count(distinct case
                    when
                        {{ is_listed('loads.source', 'declared.required_sources') }}
                        and {{ dbt.datediff('loads.extract_date', 'declared.as_of_date', 'day') }}
                        <= loads.max_age_days
                        then loads.source
                end) as n_fresh
            from declared
            inner join loads
                on declared.feed = loads.feed and loads.extract_date <= declared.as_of_date
            where declared.recency = 1
            group by declared.as_of_date, declared.feed, declared.required_sources
        ),
        complete as (
            select as_of_date
            from fresh
            where n_fresh >= length(required_sources) - length(replace(required_sources, ',', '')) - 1
            group by as_of_date
            having count(*) = {{ required | length }}
        ),
        rated as (
            select
                complete.as_of_date,
                candidates.max_age_days,
                max(case when candidates.max_age_days <= {{ max_age }} then complete.as_of_date end)
                    over (
                        order by complete.as_of_date
                        rows between unbounded preceding and 1 preceding
                    ) as week_before
            from complete
            inner join candidates on complete.as_of_date = candidates.as_of_date
        )
        select as_of_date
        from rated
        where
            max_age_days <= {{ max_age }}
            or week_before is null
            or {{ dbt.datediff('week_before', 'as_of_date', 'day') }} > max_age_days
        union
        select as_of_date
        from runs.accepted_gates
        where gate = 'feed_late' and as_of_date is not null
        order by as_of_date
    {% endset %}
    {% set weeks = [] %}
    {% for week in run_query(query).columns[0].values() %}
        {% do weeks.append(week | string) %}
    {% endfor %}
    {{ return(weeks) }}
{% endmacro %}


{% macro newest_week_held() %}
    {#-
    The newest week of an attempted complete build, or with rows in a weekly table, as text; none
    before the first.
    -#}
    {% do open_week_builds() %}
    {% set dates = ["select max(as_of_date) as as_of_date from runs.week_builds"] %}
    {% for node in graph.nodes.values() if node.config.materialized == 'weekly' %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if relation %}
            {% do dates.append("select max(as_of_date) as as_of_date from " ~ relation) %}
        {% endif %}
    {% endfor %}
    {% set newest = run_query(
        "select max(as_of_date) from (" ~ dates | join(" union all ") ~ ") as weeks"
    ).columns[0].values()[0] | string %}
    {#- An empty build of an empty warehouse has no week. -#}
    {{ return(newest if newest not in ('None', '0001-01-01') else none) }}
{% endmacro %}
