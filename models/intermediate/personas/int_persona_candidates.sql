with

named as (

    select
        brid,
        persona_id,
        'override' as assignment_method,
        1 as method_rank,
        override_id as source_id
    from {{ ref('stg_decisions__persona_overrides') }}
    where is_in_force

    union all

    select
        brid,
        persona_id,
        'persona_list' as assignment_method,
        2 as method_rank,
        file_name as source_id
    from {{ ref('int_memberships') }}
    where {{ is_in_force('valid_from', 'valid_to') }}

),

candidates as (

    select
        employees.brid,
        named.persona_id,
        named.assignment_method,
        named.method_rank,
        min(named.source_id) as source_id,
        cast(null as integer) as support,
        cast(null as numeric(5, 4)) as confidence,
        'best' as candidate_outcome
    from {{ ref('int_employees') }} as employees
    inner join named on employees.brid = named.brid
    where employees.is_employed
    group by 1, 2, 3, 4

    union all

    select
        brid,
        persona_id,
        assignment_method,
        method_rank,
        source_id,
        support,
        confidence,
        candidate_outcome
    from {{ ref('int_profile_answers') }}

),

answering_methods as (

    -- The first source that answers wins. A tie is an answer, too: no weaker source may break it.
    select
        brid,
        min(method_rank) as method_rank
    from candidates
    where candidate_outcome in ('best', 'ambiguous')
    group by 1

),

classified as (

    select
        candidates.brid,
        candidates.persona_id,
        candidates.assignment_method,
        candidates.method_rank,
        candidates.source_id,
        candidates.support,
        candidates.confidence,
        case
            when candidates.candidate_outcome <> 'best' then candidates.candidate_outcome
            when candidates.method_rank = answering_methods.method_rank then 'won'
            else 'lost_to_stronger_source'
        end as candidate_outcome
    from candidates
    left join answering_methods on candidates.brid = answering_methods.brid

)

select * from classified
