{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}
with

finding_causes as (

    select * from {{ ref('fct_finding_causes') }}
    where as_of_date = {{ as_of_date() }} and cause_kind <> 'single'

),

effects as (

    select * from {{ ref('int_cause_effects') }}

),

suggestions as (

    select
        application_id,
        spelling,
        n_shared,
        n_missing
    from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }}

),

alternatives_ranked as (

    -- Of those who miss an application, most hold this one.
    select
        application_id,
        spelling,
        n_shared,
        n_missing,
        row_number() over (partition by application_id order by n_shared desc, spelling)
            as alternative_place
    from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }} and suggestion_kind = 'alternative'

),

alternatives as (

    select * from alternatives_ranked
    where alternative_place = 1

),

snoozes as (

    select
        cause_id,
        snoozed_until_date,
        snooze_reason
    from {{ ref('int_cause_snoozes') }}

),

finding_reviewers as (

    select
        brid,
        application_id,
        reviewer_brid
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }} and finding_state <> 'closed'

),

finding_risks as (

    select
        finding_id,
        case risk_level
            when 'critical' then 1 when 'high' then 2 when 'medium' then 3 else 4
        end as risk_place
    from {{ ref('fct_review_items') }}

),

persona_owners as (

    select
        persona_id,
        owner_brid
    from {{ ref('int_persona_owners') }}

),

application_reviewers as (

    select
        application_id,
        reviewer_brid
    from {{ ref('int_application_reviewers') }}

),

weeks_before as (

    select
        cause_id,
        min(as_of_date) as first_seen_date,
        count(*) filter (where cause_state = 'closed') as n_times_closed
    from {{ this }}
    where as_of_date < {{ as_of_date() }}
    group by 1

),

causes_before as (

    select * from {{ this }}
    where as_of_date = {{ previous_date }} and cause_state <> 'closed'

),

kinds (cause_kind, cause_action, action_role) as (

    values
    ('offboarding_incomplete', 'remove_all_access', 'access_team'),
    ('access_before_start', 'remove_until_start', 'line_manager'),
    ('move_incomplete', 'remove_old_access', 'line_manager'),
    ('rule_moved_people', 'review_rule', 'mapping_owner'),
    ('spelling', 'add_alias', 'access_team'),
    ('application_replaced', 'replace_in_list', 'persona_owner'),
    ('application_retired', 'retire_application', 'application_owner'),
    ('requirement_not_real', 'make_optional', 'persona_owner'),
    ('requirement_of_other_units', 'make_optional', 'persona_owner'),
    ('requirement_absent', 'add_to_list_or_revoke', 'persona_owner'),
    ('provisioning_gap', 'provision', 'access_team'),
    ('provisioning_batch', 'provision', 'access_team'),
    ('access_lost_together', 'restore_access', 'access_team'),
    ('assignment_not_real', 'review_rule', 'mapping_owner'),
    ('orphan_cluster', 'name_owner_or_close', 'application_owner'),
    ('feed_fault', 'correct_feed', 'feed_owner'),
    ('persona_unknown', 'map_people', 'mapping_owner'),
    ('prohibited_held', 'revoke', 'line_manager'),
    ('peer_outlier', 'revoke_or_list', 'application_owner'),
    ('person_without_access', 'provision_person', 'access_team'),
    ('person', 'one_request', 'line_manager')

),

counted as (

    select
        finding_causes.cause_id,
        finding_causes.cause_kind,
        finding_causes.subject_brid,
        finding_causes.subject_persona_id,
        finding_causes.subject_application_id,
        finding_causes.subject_detail,
        count(*) as n_findings,
        count(*) filter (where finding_causes.finding_type = 'missing') as n_missing,
        count(*) filter (where finding_causes.finding_type = 'excess') as n_excess,
        count(*) filter (where finding_causes.finding_state = 'suspended') as n_suspended,
        count(*) filter (where finding_causes.opened_date = {{ as_of_date() }}) as n_new,
        count(distinct finding_causes.brid) as n_people,
        count(distinct finding_causes.application_id) as n_applications,
        min(finding_causes.opened_date) as oldest_finding_date,
        max(finding_causes.n_peer_holders) as n_peer_holders,
        max(finding_causes.n_peers) as n_peers,
        max(case when finding_causes.finding_type = 'excess' then 1 else 0 end) as n_self,
        min(finding_reviewers.reviewer_brid) as reviewer_brid,
        min(finding_risks.risk_place) as risk_place,
        case
            when
                count(*) = count(finding_causes.persona_id)
                and min(finding_causes.persona_id) = max(finding_causes.persona_id)
                then min(finding_causes.persona_id)
        end as only_persona_id
    from finding_causes
    left join finding_reviewers
        on
            finding_causes.brid = finding_reviewers.brid
            and finding_causes.application_id = finding_reviewers.application_id
    left join finding_risks on finding_causes.finding_id = finding_risks.finding_id
    group by 1, 2, 3, 4, 5, 6

),

described as (

    select
        counted.*,
        -- What one persona asks of all of them is about that persona.
        case
            when counted.cause_kind in ('access_lost_together', 'provisioning_batch')
                then counted.only_persona_id
            else counted.subject_persona_id
        end as about_persona_id,
        kinds.cause_action,
        kinds.action_role,
        case kinds.action_role
            when 'persona_owner' then persona_owners.owner_brid
            when 'application_owner' then application_reviewers.reviewer_brid
            when 'line_manager' then counted.reviewer_brid
        end as action_brid,
        -- The figure that supports it: so many, of so many.
        case
            when counted.cause_kind in ('spelling', 'application_replaced')
                then suggestions.n_shared
            when counted.cause_kind = 'requirement_of_other_units'
                then coalesce(alternatives.n_shared, counted.n_findings)
            when
                counted.subject_persona_id is not null
                or counted.cause_kind = 'peer_outlier'
                or (
                    counted.only_persona_id is not null
                    and counted.cause_kind in ('access_lost_together', 'provisioning_batch')
                )
                then counted.n_peer_holders + counted.n_self
        end as n_supporting,
        case
            when counted.cause_kind in ('spelling', 'application_replaced')
                then suggestions.n_missing
            when counted.cause_kind = 'requirement_of_other_units'
                then coalesce(alternatives.n_missing, counted.n_peers + 1)
            when
                counted.subject_persona_id is not null
                or counted.cause_kind = 'peer_outlier'
                or (
                    counted.only_persona_id is not null
                    and counted.cause_kind in ('access_lost_together', 'provisioning_batch')
                )
                then counted.n_peers + 1
        end as n_considered,
        case
            when counted.cause_kind = 'requirement_of_other_units' then alternatives.spelling
        end as alternative_application_id,
        coalesce(effects.n_ending, counted.n_findings) as n_ending,
        coalesce(effects.n_opening, 0) as n_opening,
        effects.cause_id is not null as has_patch,
        effects.proposed_persona_id
    from counted
    inner join kinds on counted.cause_kind = kinds.cause_kind
    left join effects on counted.cause_id = effects.cause_id
    left join suggestions
        on
            counted.subject_application_id = suggestions.application_id
            and counted.subject_detail = suggestions.spelling
    left join alternatives on counted.subject_application_id = alternatives.application_id
    left join persona_owners on counted.subject_persona_id = persona_owners.persona_id
    left join application_reviewers
        on counted.subject_application_id = application_reviewers.application_id

),

ranked as (

    select
        *,
        case risk_place
            when 1 then 'critical' when 2 then 'high' when 3 then 'medium' else 'low'
        end as risk_level,
        row_number() over (
            order by risk_place, n_findings - n_opening desc, cause_id
        ) as cause_rank
    from described

),

followed as (

    select
        {{ as_of_date() }} as as_of_date,
        ranked.cause_id,
        ranked.cause_kind,
        case when snoozes.cause_id is not null then 'snoozed' else 'open' end as cause_state,
        ranked.risk_level,
        ranked.cause_rank,
        ranked.subject_brid,
        ranked.about_persona_id as subject_persona_id,
        ranked.subject_application_id,
        ranked.subject_detail,
        coalesce(weeks_before.first_seen_date, {{ as_of_date() }}) as first_seen_date,
        coalesce(causes_before.opened_date, {{ as_of_date() }}) as opened_date,
        cast(null as date) as closed_date,
        coalesce(weeks_before.n_times_closed, 0) as n_times_reopened,
        ranked.n_findings,
        ranked.n_missing,
        ranked.n_excess,
        ranked.n_suspended,
        ranked.n_new,
        ranked.n_people,
        ranked.n_applications,
        ranked.oldest_finding_date,
        ranked.n_supporting,
        ranked.n_considered,
        ranked.alternative_application_id,
        ranked.cause_action,
        ranked.action_role,
        ranked.action_brid,
        ranked.n_ending,
        ranked.n_opening,
        ranked.has_patch,
        ranked.proposed_persona_id,
        snoozes.snoozed_until_date,
        snoozes.snooze_reason
    from ranked
    left join weeks_before on ranked.cause_id = weeks_before.cause_id
    left join causes_before on ranked.cause_id = causes_before.cause_id
    left join snoozes on ranked.cause_id = snoozes.cause_id

    union all

    -- What explains nothing any more is closed: once, with what was last known of it.
    select
        {{ as_of_date() }} as as_of_date,
        causes_before.cause_id,
        causes_before.cause_kind,
        'closed' as cause_state,
        causes_before.risk_level,
        null as cause_rank,
        causes_before.subject_brid,
        causes_before.subject_persona_id,
        causes_before.subject_application_id,
        causes_before.subject_detail,
        causes_before.first_seen_date,
        causes_before.opened_date,
        {{ as_of_date() }} as closed_date,
        causes_before.n_times_reopened,
        0 as n_findings,
        0 as n_missing,
        0 as n_excess,
        0 as n_suspended,
        0 as n_new,
        0 as n_people,
        0 as n_applications,
        causes_before.oldest_finding_date,
        causes_before.n_supporting,
        causes_before.n_considered,
        causes_before.alternative_application_id,
        causes_before.cause_action,
        causes_before.action_role,
        causes_before.action_brid,
        0 as n_ending,
        0 as n_opening,
        causes_before.has_patch,
        causes_before.proposed_persona_id,
        null as snoozed_until_date,
        null as snooze_reason
    from causes_before
    left join ranked on causes_before.cause_id = ranked.cause_id
    where ranked.cause_id is null

),

typed as (

    select
        as_of_date,
        cause_id,
        cause_kind,
        cause_state,
        risk_level,
        cast(cause_rank as {{ dbt.type_int() }}) as cause_rank,
        subject_brid,
        subject_persona_id,
        subject_application_id,
        subject_detail,
        first_seen_date,
        opened_date,
        closed_date,
        cast(n_times_reopened as {{ dbt.type_int() }}) as n_times_reopened,
        {% for name in [
            'n_findings', 'n_missing', 'n_excess', 'n_suspended', 'n_new', 'n_people',
            'n_applications'
        ] -%}
            cast({{ name }} as {{ dbt.type_bigint() }}) as {{ name }},
        {% endfor -%}
        oldest_finding_date,
        cast(n_supporting as {{ dbt.type_bigint() }}) as n_supporting,
        cast(n_considered as {{ dbt.type_bigint() }}) as n_considered,
        alternative_application_id,
        cause_action,
        action_role,
        action_brid,
        cast(n_ending as {{ dbt.type_bigint() }}) as n_ending,
        cast(n_opening as {{ dbt.type_bigint() }}) as n_opening,
        has_patch,
        proposed_persona_id,
        snoozed_until_date,
        snooze_reason
    from followed

)

select * from typed
