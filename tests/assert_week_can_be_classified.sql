-- Gates without an earlier week, so that they stop a first week, too.
{% set shares = var('week_max_shares') %}

with

weeks as (

    select
        as_of_date,
        n_employees,
        n_unresolved_employees
    from {{ ref('fct_reconciliation_by_week') }}

),

week as (

    select
        n_employees,
        n_unresolved_employees
    from weeks
    where as_of_date = {{ as_of_date() }}

),

accepted as (

    {{ accepted_before() }}

),

level as (

    -- An accepted share stays accepted until it grows by a tenth.
    select max(weeks.n_unresolved_employees * 1.1e0 / weeks.n_employees) as max_share
    from weeks
    inner join accepted
        on weeks.as_of_date = accepted.accepted_date and accepted.gate = 'unresolved_share'
    where weeks.n_employees > 0

),

loads as (

    select
        feed,
        source_name,
        file_name,
        sum(n_rows_read) as n_rows
    from {{ ref('stg_loader__loads') }}
    where is_in_force
    group by feed, source_name, file_name

),

sources as (

    select
        feed,
        source_name,
        sum(n_rows) as n_rows
    from loads
    group by feed, source_name

),

unreadable_keys as (

    select
        feed,
        file_name,
        row_number
    from {{ ref('fct_quarantined_rows') }}
    where
        quarantine_stage in ('loader', 'key')
        and column_name in ('brid', 'application_id', 'persona_id')
    group by feed, file_name, row_number

),

rows_ranked as (

    -- For each source: a small region that lost its keys must not hide behind a large one.
    select
        loads.feed,
        loads.source_name,
        cast(unreadable_keys.row_number as {{ dbt.type_string() }}) as example,
        row_number() over (
            partition by loads.feed, loads.source_name
            order by unreadable_keys.file_name, unreadable_keys.row_number
        ) as place
    from unreadable_keys
    inner join loads
        on
            unreadable_keys.feed = loads.feed
            and unreadable_keys.file_name = loads.file_name

),

people_ranked as (

    select
        brid as example,
        row_number() over (order by brid) as place
    from {{ ref('fct_reconciliation_by_employee') }}
    where as_of_date = {{ as_of_date() }} and unresolved_reason is not null

),

row_examples as (

    select
        feed,
        source_name,
        count(*) as n_found,
        {{ dbt.listagg(
            measure="case when place <= 10 then example end",
            delimiter_text="' '",
            order_by_clause="order by place",
        ) }} as examples
    from rows_ranked
    group by feed, source_name

),

people_examples as (

    select {{ dbt.listagg(
        measure="example", delimiter_text="' '", order_by_clause="order by place"
    ) }} as examples
    from people_ranked
    where place <= 10

),

measured as (

    select
        'no_employees' as gate,
        'hr_headcount' as feed,
        'hr_headcount' as source_name,
        n_employees as n_found,
        0 as n_all,
        cast(null as {{ dbt.type_numeric() }}) as max_share,
        cast(null as {{ dbt.type_string() }}) as examples
    from week
    where n_employees = 0

    union all

    select
        'unresolved_share' as gate,
        'hr_headcount' as feed,
        'hr_headcount' as source_name,
        week.n_unresolved_employees as n_found,
        week.n_employees as n_all,
        greatest({{ shares.unresolved_share }}, coalesce(level.max_share, 0)) as max_share,
        people_examples.examples
    from week
    cross join level
    cross join people_examples

    union all

    select
        'unreadable_keys' as gate,
        row_examples.feed,
        row_examples.source_name,
        row_examples.n_found,
        sources.n_rows as n_all,
        {{ shares.unreadable_keys }} as max_share,
        row_examples.examples
    from row_examples
    inner join sources
        on row_examples.feed = sources.feed and row_examples.source_name = sources.source_name

),

beyond as (

    -- With only a few people, a share proves little, unless it is most of them.
    select * from measured
    where
        (
            max_share is null
            or (
                n_found > max_share * n_all
                and (n_found >= {{ var('week_min_count') }} or n_found * 2 > n_all)
            )
        )
        and {{ gate_is_closed('gate') }}

)

select * from beyond
