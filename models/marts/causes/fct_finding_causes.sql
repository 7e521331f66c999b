{#-
A greedy weighted cover: the cause with the largest gain takes its findings, then the next. A cause
that is the best for each of its findings comes next regardless of the others, so every round takes
all such causes at once; remaining findings go to their best cause.
-#}
with

evidence as (

    select * from {{ ref('int_cause_evidence') }}

),

causes_before as (

    select cause_id from {{ this }}
    where
        as_of_date = {{ previous_as_of_date(ref('int_employee_weeks')) }}
        and cause_kind <> 'single'
    group by 1

),

candidates as (

    -- The cause of last week keeps a finding, unless another explains clearly more.
    select
        candidates.finding_number,
        dense_rank() over (order by candidates.cause_id) as cause_number,
        candidates.cause_id,
        candidates.cause_kind,
        candidates.subject_brid,
        candidates.subject_persona_id,
        candidates.subject_application_id,
        candidates.subject_detail,
        candidates.strength + case when causes_before.cause_id is not null then 5 else 0 end
            as strength,
        candidates.n_opening,
        case
            when
                candidates.cause_kind in (
                    'offboarding_incomplete', 'access_before_start', 'move_incomplete',
                    'feed_fault', 'persona_unknown'
                )
                then 1
            -- Two findings of one person are one request already.
            when
                candidates.cause_kind in (
                    'spelling', 'application_replaced', 'prohibited_held', 'person'
                )
                then 2
            else {{ var('cause_min_findings') }}
        end as n_least
    from {{ ref('int_cause_candidates') }} as candidates
    left join causes_before on candidates.cause_id = causes_before.cause_id

),

{{ greedy_cover('candidates', n_rounds=4) }},

counted as (

    select
        finding_number,
        cause_number,
        n_least,
        count(*) over (partition by cause_number) as n_findings
    from chosen

),

explained as (

    select
        candidates.*,
        counted.n_findings
    from counted
    inner join candidates
        on
            counted.finding_number = candidates.finding_number
            and counted.cause_number = candidates.cause_number
    -- A cause whose findings others mostly took explains too little to count.
    where counted.n_findings >= counted.n_least

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        evidence.brid,
        evidence.application_id,
        evidence.finding_type,
        evidence.finding_id,
        evidence.finding_state,
        evidence.opened_date,
        coalesce(explained.cause_id, concat_ws(':', 'single', evidence.finding_id)) as cause_id,
        coalesce(explained.cause_kind, 'single') as cause_kind,
        explained.subject_brid,
        explained.subject_persona_id,
        explained.subject_application_id,
        explained.subject_detail,
        evidence.persona_id,
        evidence.n_peers,
        evidence.n_peer_holders
    from evidence
    left join explained on evidence.finding_number = explained.finding_number

)

select * from described
