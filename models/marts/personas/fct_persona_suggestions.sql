with

unresolved_employees as (

    select
        brid,
        unresolved_reason
    from {{ ref('int_unresolved_employees') }}

),

employees as (

    select * from {{ ref('int_employees') }}

),

candidates as (

    select
        brid,
        persona_id,
        source_id,
        support,
        confidence,
        {{ why_not_assigned() }} as why_not
    from {{ ref('int_persona_candidates') }}
    where
        assignment_method = 'pretrained'
        and {{ is_suggestion() }}

),

access_suggestions as (

    select * from {{ ref('int_access_suggestions') }}

),

mappings as (

    select
        mapping_id,
        persona_id,
        explanation
    from {{ ref('dim_pretrained_mappings') }}

),

evidence as (

    select
        candidates.brid,
        candidates.persona_id,
        candidates.source_id as mapping_id,
        candidates.support,
        candidates.confidence,
        'learned' as suggested_by,
        candidates.why_not
        || case
            when candidates.persona_id = mappings.persona_id then mappings.explanation
            -- The description of a mapping is about its first persona.
            else
                'Less likely than ' || mappings.persona_id || ': about '
                || cast(cast(100 * candidates.confidence as integer) as {{ dbt.type_string() }})
                || ' in 100 people like these hold it.'
        end as explanation
    from candidates
    left join mappings on candidates.source_id = mappings.mapping_id

    union all

    -- Only suggested, never assigned: an assignment by access would turn all excess into required
    -- access.
    select
        brid,
        persona_id,
        cast(null as {{ dbt.type_string() }}) as mapping_id,
        n_shared as support,
        cast(null as numeric(5, 4)) as confidence,
        'access_held' as suggested_by,
        'Holds ' || cast(n_shared as {{ dbt.type_string() }}) || ' of the '
        || cast(n_listed as {{ dbt.type_string() }}) || ' applications that the persona lists, and '
        || cast(n_held - n_shared as {{ dbt.type_string() }})
        || ' others. Access may be wrong itself, so it only suggests.' as explanation
    from access_suggestions

),

suggested as (

    select
        {{ as_of_date() }} as as_of_date,
        unresolved_employees.brid,
        cast(
            row_number() over (
                partition by unresolved_employees.brid
                order by
                    case evidence.suggested_by when 'learned' then 1 else 2 end,
                    evidence.confidence desc,
                    evidence.persona_id
            ) as {{ dbt.type_int() }}
        ) as suggestion_rank,
        evidence.persona_id,
        evidence.suggested_by,
        evidence.confidence,
        evidence.support,
        evidence.mapping_id,
        evidence.explanation,
        unresolved_employees.unresolved_reason,
        employees.management_level,
        employees.cost_center
    from unresolved_employees
    inner join evidence on unresolved_employees.brid = evidence.brid
    inner join employees on unresolved_employees.brid = employees.brid

)

select * from suggested
