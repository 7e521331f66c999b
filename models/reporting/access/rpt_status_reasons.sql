with

access as (

    select
        as_of_date,
        brid,
        reconciliation_status,
        reconciliation_reason,
        disposition
    from {{ ref('fct_access_reconciliation') }}

),

counted as (

    select
        as_of_date,
        reconciliation_status,
        reconciliation_reason,
        count(*) as n_pairs,
        count(distinct brid) as n_people,
        {% for disposition in ['open', 'waived', 'in_grace', 'in_sla'] %}
            count(*) filter (where disposition = '{{ disposition }}')
                as n_{{ disposition }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from access
    group by 1, 2, 3

)

select * from counted
