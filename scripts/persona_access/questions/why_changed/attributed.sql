-- The cause of a change is the step that gave the pair its last state.
create table status_changes as
with

steps as (

    {% for cause in part.causes %}
        select
            {{ loop.index0 }} as number,
            '{{ cause }}' as cause,
            changes.brid,
            changes.application_id,
            changes.change_kind,
            step_{{ loop.index0 }}.reconciliation_status,
            step_{{ loop.index0 }}.reconciliation_reason,
            step_{{ loop.index0 }}.disposition
        from changes
        left join step_{{ loop.index0 }} using (brid, application_id)
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

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
