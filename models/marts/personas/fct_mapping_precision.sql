with

candidates as (

    select * from {{ ref('int_persona_candidates') }}

),

mappings as (

    select
        mapping_id,
        coalesce(assurance_group, 'unknown') as assurance_group,
        assured_precision,
        newcomer_precision,
        learned_until_date
    from {{ ref('int_pretrained_mappings') }}

),

arrivals as (

    select * from {{ ref('int_employee_arrivals') }}

),

first_listed as (

    select
        brid,
        min(as_of_date) as first_listed_date,
        min(min(as_of_date)) over () as first_week
    from {{ ref('fct_persona_assignments') }}
    where assignment_method = 'persona_list'
    group by 1

),

listed as (

    select * from candidates
    where assignment_method = 'persona_list' and candidate_outcome = 'won'

),

would_assign as (

    -- The persona that a mapping would have assigned if the persona list had not named the person
    -- since.
    select
        candidates.brid,
        candidates.persona_id,
        mappings.learned_until_date,
        case when arrivals.is_newcomer then 'newcomers, ' else '' end
        || mappings.assurance_group as assurance_group,
        case
            when arrivals.is_newcomer then mappings.newcomer_precision
            else mappings.assured_precision
        end as assured_precision
    from candidates
    inner join mappings on candidates.source_id = mappings.mapping_id
    left join arrivals on candidates.brid = arrivals.brid
    where
        candidates.assignment_method = 'pretrained'
        and candidates.candidate_outcome = 'lost_to_stronger_source'

),

reviewed as (

    select
        would_assign.assurance_group,
        would_assign.assured_precision,
        would_assign.learned_until_date,
        case when listed.brid is null then 0 else 1 end as is_right
    from would_assign
    inner join first_listed on would_assign.brid = first_listed.brid
    left join listed
        on would_assign.brid = listed.brid and would_assign.persona_id = listed.persona_id
    -- For people of the first week, it is unknown whether the training had them, too.
    where
        first_listed.first_listed_date > would_assign.learned_until_date
        and first_listed.first_listed_date > first_listed.first_week

),

counted as (

    select
        assurance_group,
        max(learned_until_date) as learned_until_date,
        cast(count(*) as {{ dbt.type_int() }}) as n_people,
        cast(sum(is_right) as {{ dbt.type_int() }}) as n_right,
        cast(avg(assured_precision) as numeric(5, 4)) as assured_precision
    from reviewed
    group by 1

),

measured as (

    select
        {{ as_of_date() }} as as_of_date,
        assurance_group,
        learned_until_date,
        n_people,
        n_right,
        cast(n_right * 1.0 / n_people as numeric(5, 4)) as share_right,
        assured_precision,
        -- Two standard errors below the assured share, over enough people, is more than noise.
        n_people >= {{ var('pretrained_min_newly_known') }}
        and n_right + 2 * sqrt(n_people * assured_precision * (1 - assured_precision))
        < n_people * assured_precision as is_below_assured
    from counted

)

select * from measured
