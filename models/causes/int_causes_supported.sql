with

counted as (

    select
        cause_id,
        cause_kind,
        subject_brid,
        subject_persona_id,
        subject_application_id,
        subject_detail,
        about_persona_id,
        n_findings,
        n_missing,
        n_excess,
        n_suspended,
        n_new,
        n_people,
        n_applications,
        oldest_finding_date,
        n_peer_holders,
        n_peers,
        n_self,
        reviewer_brid,
        risk_place
    from {{ ref('int_causes_counted') }}

),

suggestions as (

    select
        application_id,
        spelling,
        suggestion_kind,
        n_shared,
        n_missing
    from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }}

),

alternatives as (

    -- The application that most of the people who miss this one hold comes first.
    select
        application_id,
        spelling,
        n_shared,
        n_missing,
        row_number() over (partition by application_id order by n_shared desc, spelling)
            as alternative_place
    from suggestions
    where suggestion_kind = 'alternative'

),

supported as (

    select
        counted.*,
        -- The number of supporters, and of all people considered.
        case
            when counted.cause_kind in ('spelling', 'application_replaced')
                then suggestions.n_shared
            when counted.cause_kind = 'requirement_of_other_units'
                then coalesce(alternatives.n_shared, counted.n_findings)
            when counted.about_persona_id is not null or counted.cause_kind = 'peer_outlier'
                then counted.n_peer_holders + counted.n_self
        end as n_supporting,
        case
            when counted.cause_kind in ('spelling', 'application_replaced')
                then suggestions.n_missing
            when counted.cause_kind = 'requirement_of_other_units'
                then coalesce(alternatives.n_missing, counted.n_peers + 1)
            when counted.about_persona_id is not null or counted.cause_kind = 'peer_outlier'
                then counted.n_peers + 1
        end as n_considered,
        case
            when counted.cause_kind = 'requirement_of_other_units' then alternatives.spelling
        end as alternative_application_id
    from counted
    left join suggestions
        on
            counted.subject_application_id = suggestions.application_id
            and counted.subject_detail = suggestions.spelling
    left join alternatives
        on
            counted.subject_application_id = alternatives.application_id
            and alternatives.alternative_place = 1

)

select * from supported
