-- In how many weeks half of a persona's members held an unlisted application, and its lift now.
with

employed as (

    select count(distinct brid) as n_employed
    from marts.fct_persona_assignments
    where as_of_date = {{ parameter.week }}

)

select
    pairs.persona_id,
    pairs.application_id,
    count(*) filter (where pairs.n_holders * 2 >= pairs.n_members) as n_weeks,
    max(
        round(
            pairs.n_holders / pairs.n_members * employed.n_employed / pairs.n_employed_holders, 2
        )
    ) filter (where pairs.as_of_date = {{ parameter.week }}) as lift
from marts.fct_persona_applications as pairs
cross join employed
where
    pairs.requirement is null
    and pairs.as_of_date > {{ parameter.week }} - to_days(cast({{ parameter.days }} as integer))
    and pairs.as_of_date <= {{ parameter.week }}
group by 1, 2
