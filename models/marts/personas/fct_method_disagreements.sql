with

candidates as (

    select * from {{ ref('int_persona_candidates') }}

),

winners as (

    select
        brid,
        persona_id,
        assignment_method,
        source_id
    from candidates
    where candidate_outcome = 'won'

),

winning_sets as (

    select
        brid,
        min(assignment_method) as winning_method,
        min(source_id) as winning_source_id,
        {{ dbt.listagg(
            measure="persona_id",
            delimiter_text="' | '",
            order_by_clause="order by persona_id",
        ) }} as winning_persona_ids
    from winners
    group by 1

),

losers as (

    -- Only a candidate that could have won by itself counts as a second opinion.
    select
        brid,
        persona_id,
        assignment_method,
        source_id,
        confidence
    from candidates
    where candidate_outcome = 'lost_to_stronger_source'

),

disagreements as (

    select
        {{ as_of_date() }} as as_of_date,
        losers.brid,
        losers.assignment_method as losing_method,
        losers.source_id as losing_source_id,
        losers.persona_id as losing_persona_id,
        losers.confidence as losing_confidence,
        winning_sets.winning_method,
        winning_sets.winning_source_id,
        winning_sets.winning_persona_ids
    from losers
    inner join winning_sets on losers.brid = winning_sets.brid
    left join winners
        on
            losers.brid = winners.brid
            and losers.persona_id = winners.persona_id
    where winners.brid is null

)

select * from disagreements
