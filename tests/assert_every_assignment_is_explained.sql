with

assignments as (

    select
        brid,
        persona_id,
        assignment_method,
        source_id,
        unresolved_reason,
        losing_candidates
    from {{ ref('fct_persona_assignments') }}
    where as_of_date = {{ as_of_date() }}

),

mappings as (

    select
        mapping_id,
        assured_precision
    from {{ ref('stg_decisions__pretrained_mappings') }}

),

employees as (

    select
        brid,
        is_employed
    from {{ ref('dim_employees') }}

),

losers as (

    select brid from {{ ref('int_persona_candidates') }}
    where candidate_outcome <> 'won'
    group by 1

),

answers as (

    -- A persona that everybody holds does not show who somebody is.
    select
        brid,
        count(*) filter (where assignment_method = 'none') as n_reasons,
        count(*) filter (where assignment_method <> 'none') as n_personas
    from assignments
    where assignment_method <> 'baseline'
    group by 1

),

unexplained as (

    select
        assignments.brid,
        assignments.persona_id,
        assignments.assignment_method,
        case
            when (assignments.persona_id is null) <> (assignments.assignment_method = 'none')
                then 'No persona means no method, and the other way round.'
            when
                (assignments.unresolved_reason is not null)
                <> (assignments.assignment_method = 'none')
                then 'Who has no persona has a reason, and nobody else.'
            when
                assignments.assignment_method not in ('none', 'baseline')
                and assignments.source_id is null
                then 'A persona names the row that gave it.'
            when
                assignments.assignment_method = 'pretrained'
                and coalesce(mappings.assured_precision, 0) < {{ var('pretrained_min_precision') }}
                then 'A pre-trained mapping below the threshold is a suggestion only.'
            when losers.brid is not null and assignments.losing_candidates is null
                then 'Candidates that lost stay visible.'
        end as law
    from assignments
    left join losers on assignments.brid = losers.brid
    left join mappings on assignments.source_id = mappings.mapping_id

    union all

    select
        employees.brid,
        cast(null as {{ dbt.type_string() }}) as persona_id,
        cast(null as {{ dbt.type_string() }}) as assignment_method,
        case
            when employees.is_employed and answers.brid is null
                then 'Everybody employed has a persona or the reason why not.'
            when not employees.is_employed and answers.brid is not null
                then 'Only people who work here have a persona.'
            when answers.n_reasons > 0 and answers.n_personas + answers.n_reasons > 1
                then 'Nobody has both a persona and a reason for none.'
        end as law
    from employees
    left join answers on employees.brid = answers.brid

),

broken as (

    select * from unexplained
    where law is not null

)

select * from broken
