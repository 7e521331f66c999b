-- Each item in the form that its reviewer reads. `section`: items that need an answer now, items
-- still open from earlier lists, items to certify.
create or replace temp table lines as
with

items as (

    select
        *,
        case
            when item_kind = 'certification' then 2
            when listed_as is null then 1
            else 0
        end as section,
        recipient_role = 'delegate' as is_delegate,
        -- A delegate has one list for each reviewer whom they replace.
        case
            when recipient_role = 'delegate' then concat(recipient_brid, '_for_', reviewer_brid)
            else coalesce(recipient_brid, 'nobody')
        end as recipient,
        file_row_number as place
    from read_parquet({{ parameter.items }}, file_row_number = true)

),

worded as (

    select
        items.*,
        coalesce(items.finding_type, items.item_kind) as kind,
        coalesce(
            items.reconciliation_reason = 'leaver' and items.days_since_end is not null, false
        ) as is_leaver,
        concat(
            'Left ', items.days_since_end, if(items.days_since_end = 1, ' day', ' days'),
            ' ago, but still holds it.'
        ) as left_days_ago,
        coalesce(orphans.text, reasons.text) as reason_in_general,
        actions.text as action_text,
        roles.text as role_text,
        listed.text as listed_text,
        states.text as state_text,
        rejections.text as rejection_text
    from items
    left join words as orphans
        on orphans.topic = 'orphan' and items.orphan_detail = orphans.value
    left join words as reasons
        on reasons.topic = 'reason' and items.reconciliation_reason = reasons.value
    left join words as actions
        on actions.topic = 'action' and items.reconciliation_reason = actions.value
    left join words as roles
        on roles.topic = 'role' and items.recipient_role = roles.value
    left join words as listed
        on listed.topic = 'listed' and coalesce(items.listed_as, '') = listed.value
    left join words as states
        on states.topic = 'state' and items.decision_state = states.value
    left join words as rejections
        on rejections.topic = 'rejection' and items.rejection_reason = rejections.value

)

select
    recipient,
    recipient_brid,
    is_delegate,
    reviewer_name,
    delegated_from,
    delegated_to,
    section,
    place,
    as_of_date,
    is_overdue,
    is_privileged,
    listed_as,
    decision is null as is_undecided,
    recipient_name,
    recipient_email,
    kind,
    coalesce(application_name, application_id) as application,
    coalesce(full_name, brid) as who,
    -- What is decided at once: one cause, however many applications it concerns.
    case
        when section < 2 and cause_title is not null
            then concat(upper(kind[1]), kind[2:], ', one cause: ', cause_title)
        else concat(
            upper(kind[1]), kind[2:], ', ',
            coalesce(application_name, application_id), ': ',
            if(section = 2, concat('certification ', campaign_id), reason_in_general)
        )
    end as group_name,
    if(section = 2, 'Certify', listed_text) as why,
    -- The columns of the list in their order begin here.
    if(is_delegate, recipient_brid, null) as decided_by,
    listed_text as why_listed,
    concat(upper(risk_level[1]), risk_level[2:]) as risk,
    brid,
    full_name,
    application_id,
    application_name,
    concat(upper(kind[1]), kind[2:]) as kind_shown,
    case
        when section = 2 then concat('Part of the certification ', campaign_id, '.')
        else concat(
            if(is_leaver, left_days_ago, reason_in_general),
            if(
                is_leaver and last_used_date > as_of_date - days_since_end,
                ' It was used since.',
                ''
            ),
            if(n_times_waiver_ended > 0, ' A waiver has ended.', ''),
            case
                when n_times_reopened = 1 then ' It came back (1 earlier finding).'
                when n_times_reopened > 1
                    then concat(' It came back (', n_times_reopened, ' earlier findings).')
            end
        )
    end as reason,
    persona_ids,
    case
        when n_peers > 0
            then concat(n_peer_holders, ' of ', n_peers, ' others in ', peer_persona_id, ' hold it')
    end as peers,
    opened_date,
    age_days,
    due_date,
    if(is_overdue, 'yes', 'no') as overdue,
    if(is_privileged, 'yes', 'no') as privileged,
    last_used_date,
    role_text,
    if(section = 2, 'Confirm that it is still needed, or have it removed.', action_text) as action,
    cause_title,
    nullif(
        concat_ws(
            '; ',
            case
                when decision is not null
                    then concat(
                        upper(decision[1]), replace(decision[2:], '_', ' '), ', ', answered_date,
                        ': ', state_text
                    )
            end,
            case
                when rejection_reason is not null
                    then concat(
                        upper(rejected_decision[1]), replace(rejected_decision[2:], '_', ' '),
                        ', ', rejected_date, ', does not count: ', rejection_text
                    )
            end
        ),
        ''
    ) as decided_so_far,
    item_id,
    strftime(as_of_date, '%Y-%m-%d') as list_week,
    reviewer_brid,
    case
        when is_delegate then cast({{ part.delegate_code }} as varchar)
        when reviewer_brid is not null then cast({{ part.code }} as varchar)
    end as list_code
from worded
order by recipient_brid nulls last, recipient, section, place;
