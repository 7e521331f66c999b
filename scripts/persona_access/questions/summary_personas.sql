-- The personas with the most open findings, with their numbers over the weeks.
with

weeks as (

    select * from reporting.rpt_personas
    where as_of_date <= {{ parameter.week }}

),

counted as (

    select
        persona_id,
        list(n_open order by as_of_date) as open_by_week
    from weeks
    group by persona_id

)

select
    weeks.persona_id as persona,
    weeks.persona_name,
    weeks.owner_brid as owner,
    weeks.n_employees as people,
    weeks.n_open as open_findings,
    weeks.n_missing as missing,
    weeks.n_excess as excess,
    weeks.match_rate as required_in_place,
    weeks.excess_rate,
    counted.open_by_week
from weeks
inner join counted on weeks.persona_id = counted.persona_id
where weeks.as_of_date = {{ parameter.week }} and weeks.n_open > 0
order by open_findings desc, required_in_place, persona
limit {{ parameter.n_worst }}
