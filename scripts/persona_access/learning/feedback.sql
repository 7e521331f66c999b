-- Reviewed personas, one row per person and persona: approved reviews of the seed that are
-- in force, and answers of reviewers.
--
-- If they differ, the seed counts, because two people approved it, and the whole contradicting
-- answer is ignored. Of several answers on one pair, the newest counts. On the same day, and within
-- the seed, a rejection counts.
with reviews as (
    select
        normalised_brid(brid) as brid,
        cleaned(persona_id) as persona_id,
        lower(cleaned(verdict)) as verdict
    from reviews_as_written
    where
        cleaned(approved_by) is not null
        and cleaned(approved_on) is not null
        and coalesce(try_cast(cleaned(valid_from) as date) <= {{ parameter.day }}, true)
        and coalesce(try_cast(cleaned(valid_to) as date) >= {{ parameter.day }}, true)
),

decided as (
    select
        brid,
        persona_id,
        max(verdict) as verdict
    from reviews
    where verdict in ('confirmed', 'rejected') and brid is not null and persona_id is not null
    group by brid, persona_id
),

answers as (
    select
        decision_id,
        brid,
        persona_id,
        persona_verdict,
        answered_date
    from answers_as_given
    where answered_date <= {{ parameter.day }}
),

contradicting as (
    select distinct
        answers.decision_id,
        answers.brid
    from answers
    inner join decided
        on
            answers.brid = decided.brid
            and answers.persona_id = decided.persona_id
            and answers.persona_verdict <> decided.verdict
),

answered as (
    select
        answers.brid,
        answers.persona_id,
        answers.persona_verdict as verdict
    from answers
    anti join contradicting on answers.decision_id = contradicting.decision_id
    anti join decided
        on answers.brid = decided.brid and answers.persona_id = decided.persona_id
    qualify row_number() over (
        partition by answers.brid, answers.persona_id
        order by answers.answered_date desc, answers.persona_verdict desc
    ) = 1
)

select
    brid,
    persona_id,
    verdict,
    false as is_answer
from decided

union all

select
    brid,
    persona_id,
    verdict,
    true as is_answer
from answered

union all

select
    brid,
    null as persona_id,
    'contradicts_the_seed' as verdict,
    true as is_answer
from contradicting
