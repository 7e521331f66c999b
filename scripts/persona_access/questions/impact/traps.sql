-- Access that was unassessed and is now excess, also under the application of an alias.
create table traps as
with

new_aliases as (

    select
        application_spelling,
        application_id
    from work.aliases
    except
    select
        application_spelling,
        application_id
    from base.aliases

),

no_longer_unassessed as (

    select
        status_changes.brid,
        status_changes.application_id as application_before,
        status_changes.reason_before,
        coalesce(new_aliases.application_id, status_changes.application_id) as application_id
    from status_changes
    left join new_aliases
        on
            status_changes.application_id = new_aliases.application_spelling
            and status_changes.status_after = 'no row'
    where status_changes.status_before = 'unassessed'

)

select
    case
        when no_longer_unassessed.application_before <> application_id
            then 'spelling explained by a new alias'
        when no_longer_unassessed.reason_before = 'application_not_modelled'
            then 'application modelled for the first time'
        when no_longer_unassessed.reason_before = 'application_unknown'
            then 'application known for the first time'
        else 'person with a persona for the first time'
    end as cause,
    application_id,
    brid,
    no_longer_unassessed.application_before,
    no_longer_unassessed.reason_before,
    status_changes.reason_after,
    status_changes.disposition_after
from no_longer_unassessed
inner join status_changes using (brid, application_id)
where status_changes.status_after = 'excess'
