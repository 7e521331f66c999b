-- The cause of a change is the step that gave the pair its last state.
create table status_changes as
with

causes_in_order as (

    select
        unnest({{ part.causes }}) as cause,
        unnest(range(len({{ part.causes }}))) as number

),

steps as (

    select
        causes_in_order.number,
        causes_in_order.cause,
        changes.brid,
        changes.application_id,
        changes.change_kind,
        statuses.reconciliation_status,
        statuses.reconciliation_reason,
        statuses.disposition
    from changes
    cross join causes_in_order
    left join {{ part.statuses }} as statuses using (number, brid, application_id)

),

states as (

    -- For a change of status, only the status counts, and so on: other columns can change in later
    -- steps.
    select
        brid,
        application_id,
        number,
        cause,
        [
            coalesce(reconciliation_status, 'no row'),
            if(change_kind <> 'status', coalesce(reconciliation_reason, ''), ''),
            if(change_kind = 'disposition', coalesce(disposition, ''), '')
        ] as state
    from steps

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
    cast({{ parameter.previous_date }} as date) as previous_date,
    cast({{ parameter.as_of_date }} as date) as as_of_date
from changes
inner join causes using (brid, application_id)
