-- The rules in the decisions of the week that were in force on its date, with the number of people
-- that each decided.
with

rules as (

    select
        *,
        rule_id || ' v' || rule_version as source_id
    from mapping_rules
    where
        coalesce(try_cast(nullif(trim(valid_from), '') as date) <= {{ parameter.week }}, true)
        and coalesce(try_cast(nullif(trim(valid_to), '') as date) >= {{ parameter.week }}, true)

),

named as (

    select
        brid,
        unnest(string_split(source_id, ', ')) as source_id
    from marts.fct_persona_assignments
    where as_of_date = {{ parameter.week }} and assignment_method = 'rule'

),

used as (

    select
        source_id,
        count(distinct brid) as n_people
    from named
    group by source_id

),

joined as (

    select
        rules.*,
        coalesce(used.n_people, 0) as n_people
    from rules
    left join used on rules.source_id = used.source_id

)

select * exclude (source_id)
from joined
order by rule_id, rule_version
