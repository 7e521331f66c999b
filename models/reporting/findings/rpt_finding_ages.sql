with

findings as (

    select
        age,
        finding_type,
        disposition,
        is_overdue,
        is_privileged
    from {{ ref('rpt_findings') }}

),

ages (from_days, age) as (

    values
    {% for first_day, last_day, age in finding_ages() %}
        ({{ first_day }}, '{{ age }}'){% if not loop.last %},{% endif %}
    {% endfor %}

),

counted as (

    -- An age group without findings is a row of zeros; a closed finding has no age.
    select
        {{ as_of_date() }} as as_of_date,
        ages.from_days,
        ages.age,
        count(*) filter (where findings.finding_type = 'missing') as n_missing,
        count(*) filter (where findings.finding_type = 'excess') as n_excess,
        count(*) filter (where findings.is_overdue) as n_overdue,
        count(*) filter (where findings.is_privileged) as n_privileged,
        count(*) filter (where findings.disposition = 'waived') as n_waived
    from ages
    left join findings on ages.age = findings.age
    group by 1, 2, 3

)

select * from counted
