"""SQL of the attribution: tables step_0, step_1, ... hold the verdicts after each substitution."""

from __future__ import annotations

from collections.abc import Sequence

STEP = """
create table step_{number} as
select
    brid,
    application_id,
    reconciliation_status,
    reconciliation_reason,
    disposition
from warehouse_of_step.marts.fct_access_reconciliation
where as_of_date = $week
"""

# What differs between the first and the last step, and the coarsest thing that does.
CHANGES = """
create table changes as
select
    brid,
    application_id,
    coalesce(before.reconciliation_status, 'no row') as status_before,
    coalesce(after.reconciliation_status, 'no row') as status_after,
    before.reconciliation_reason as reason_before,
    after.reconciliation_reason as reason_after,
    before.disposition as disposition_before,
    after.disposition as disposition_after,
    case
        when status_before <> status_after then 'status'
        when reason_before is distinct from reason_after then 'reason'
        when disposition_before is distinct from disposition_after then 'disposition'
    end as change_kind
from step_0 as before
full join step_{last} as after using (brid, application_id)
where change_kind is not null
"""

ATTRIBUTED = """
create table status_changes as
with

steps as (

    {steps}

),

states as (

    select
        changes.brid,
        changes.application_id,
        steps.number,
        steps.cause,
        -- Of a change of status only the status counts, and so on: the rest may wander after it.
        [
            coalesce(steps.reconciliation_status, 'no row'),
            if(change_kind <> 'status', coalesce(steps.reconciliation_reason, ''), ''),
            if(change_kind = 'disposition', coalesce(steps.disposition, ''), '')
        ] as state
    from changes
    inner join steps using (brid, application_id)

),

turns as (

    select
        *,
        lag(state) over (partition by brid, application_id order by number) as state_before
    from states

),

causes as (

    select
        brid,
        application_id,
        arg_max(cause, number) as cause
    from turns
    where number > 0 and state is distinct from state_before
    group by 1, 2

)

select
    changes.*,
    causes.cause,
    $previous_date::date as previous_date,
    $as_of_date::date as as_of_date
from changes
inner join causes using (brid, application_id)
"""

SUMMARY = """
select
    cause,
    count(*) filter (where change_kind = 'status') as statuses,
    count(*) filter (where change_kind = 'reason') as reasons,
    count(*) filter (where change_kind = 'disposition') as dispositions,
    count(distinct brid) as people
from status_changes
group by 1
order by statuses desc, reasons desc, dispositions desc, cause
"""

FLIPS = """
select
    cause,
    status_before,
    reason_before,
    status_after,
    reason_after,
    count(*) as pairs
from status_changes
where change_kind = 'status'
group by all
order by pairs desc, cause, status_before, status_after, reason_before, reason_after
"""


def attribution(causes: Sequence[str]) -> str:
    """Return the statement that finds the cause of each change; causes in order of the steps."""
    each = [
        f"""
    select
        {number} as number,
        '{cause}' as cause,
        changes.brid,
        changes.application_id,
        step_{number}.reconciliation_status,
        step_{number}.reconciliation_reason,
        step_{number}.disposition
    from changes
    left join step_{number} using (brid, application_id)
    """  # noqa: S608 - numbers and causes of our own
        for number, cause in enumerate(causes)
    ]
    return ATTRIBUTED.format(steps="union all".join(each))
