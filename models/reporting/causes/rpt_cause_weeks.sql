with

weeks as (

    select as_of_date from {{ ref('fct_reconciliation_by_week') }}

),

finding_causes as (

    select
        as_of_date,
        cause_kind,
        opened_date
    from {{ ref('fct_finding_causes') }}

),

causes as (

    select
        as_of_date,
        cause_state,
        opened_date,
        n_findings,
        n_new
    from {{ ref('fct_root_causes') }}

),

findings_counted as (

    select
        as_of_date,
        count(*) as n_findings,
        count(*) filter (where cause_kind = 'single') as n_single,
        count(*) filter (where opened_date = as_of_date) as n_new_findings,
        count(*) filter (where cause_kind = 'single' and opened_date = as_of_date) as n_new_single
    from finding_causes
    group by 1

),

causes_counted as (

    select
        as_of_date,
        count(*) filter (where cause_state <> 'closed') as n_causes,
        count(*) filter (where cause_state = 'snoozed') as n_snoozed_causes,
        count(*) filter (where cause_state = 'closed') as n_closed_causes,
        count(*) filter (where cause_state <> 'closed' and opened_date = as_of_date)
            as n_new_causes,
        -- An existing cause is news again only if many more findings join it.
        count(*) filter (
            where
            cause_state = 'open'
            and opened_date < as_of_date
            and n_new >= {{ var('cause_alert_findings') }}
        ) as n_grown_causes,
        count(*) filter (
            where
            cause_state = 'open'
            and case when opened_date = as_of_date then n_findings else n_new end
            >= {{ var('cause_alert_findings') }}
        ) as n_alerting_causes,
        sum(n_findings) as n_explained
    from causes
    group by 1

),

joined as (

    select
        weeks.as_of_date,
        cast(coalesce(causes_counted.n_causes, 0) as {{ dbt.type_bigint() }}) as n_causes,
        cast(coalesce(causes_counted.n_explained, 0) as {{ dbt.type_bigint() }}) as n_explained,
        cast(coalesce(findings_counted.n_single, 0) as {{ dbt.type_bigint() }}) as n_single,
        cast(coalesce(findings_counted.n_findings, 0) as {{ dbt.type_bigint() }}) as n_findings,
        cast(coalesce(causes_counted.n_new_causes, 0) as {{ dbt.type_bigint() }}) as n_new_causes,
        cast(coalesce(causes_counted.n_grown_causes, 0) as {{ dbt.type_bigint() }})
            as n_grown_causes,
        cast(coalesce(findings_counted.n_new_findings, 0) as {{ dbt.type_bigint() }})
            as n_new_findings,
        cast(coalesce(findings_counted.n_new_single, 0) as {{ dbt.type_bigint() }}) as n_new_single,
        cast(
            coalesce(causes_counted.n_new_causes, 0)
            + coalesce(causes_counted.n_grown_causes, 0)
            + coalesce(findings_counted.n_new_single, 0) as {{ dbt.type_bigint() }}
        ) as n_news,
        cast(coalesce(causes_counted.n_closed_causes, 0) as {{ dbt.type_bigint() }})
            as n_closed_causes,
        cast(coalesce(causes_counted.n_snoozed_causes, 0) as {{ dbt.type_bigint() }})
            as n_snoozed_causes,
        cast(coalesce(causes_counted.n_alerting_causes, 0) as {{ dbt.type_bigint() }})
            as n_alerting_causes
    from weeks
    left join findings_counted on weeks.as_of_date = findings_counted.as_of_date
    left join causes_counted on weeks.as_of_date = causes_counted.as_of_date

)

select * from joined
