-- Each page counts in its own way, but all count the same findings.
with

finding_weeks as (

    select
        count(*) filter (where finding_state = 'open') as n_open_findings,
        count(*) filter (where finding_state = 'suspended') as n_suspended,
        count(*) filter (where is_overdue) as n_overdue
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

counted as (

    {% for page in ['week', 'application', 'cost_center', 'manager', 'employee'] %}
        {% if not loop.first %}union all{% endif %}
        select
            'fct_reconciliation_by_{{ page }}' as page,
            coalesce(sum(n_open + n_waived + n_in_grace + n_in_sla), 0) as n_open_findings,
            coalesce(sum(n_suspended), 0) as n_suspended,
            coalesce(sum(n_overdue), 0) as n_overdue
        from {{ ref('fct_reconciliation_by_' ~ page) }}
        where as_of_date = {{ as_of_date() }}
    {% endfor %}

),

broken as (

    select
        counted.page,
        counted.n_open_findings,
        finding_weeks.n_open_findings as n_open_findings_followed,
        counted.n_suspended,
        finding_weeks.n_suspended as n_suspended_followed,
        counted.n_overdue,
        finding_weeks.n_overdue as n_overdue_followed
    from counted
    cross join finding_weeks
    where
        counted.n_open_findings <> finding_weeks.n_open_findings
        or counted.n_suspended <> finding_weeks.n_suspended
        or counted.n_overdue <> finding_weeks.n_overdue

)

select * from broken
