-- The content of each feed's file in a week, in file order, and the truth about all weeks.
-- The background spells some keys as real systems do: leading zeros, a letter B, capitals, aliases.

create macro hr_headcount(week) as table
    select * exclude (first_week, last_week)
    from (
        from background_hr
        union all by name
        from cast_hr
    )
    where week between first_week and last_week
    order by all;

-- There are millions of grants: they were sorted once, as numbers, and keep that order because no
-- step here joins or sorts; names come from a list. The fixtures follow.
create macro iam_app_registry(week) as table
    select
        case
            when application_no = getvariable('aliased_application_no') and pair_number % 10 = 0
                then getvariable('alias')
            when pair_number % 97 = 0 then upper(getvariable('application_ids')[application_no])
            else getvariable('application_ids')[application_no]
        end as application_id,
        getvariable('application_names')[application_no] as application_name,
        case pair_number
        % 199 when 0 then '00' || brid when 1 then 'B' || brid else brid::varchar end
            as brid,
        case when is_privileged then 'adm-' else 'u-' end || brid as account_id,
        'active' as account_status,
        case when is_privileged then 'admin' else 'user' end as entitlement,
        is_privileged::varchar as is_privileged,
        granted_date::varchar as granted_date,
        null::varchar as expires_date,
        case
            when pair_number % 13 > 0 and as_of(week) - (pair_number % 30)::int >= granted_date
                then as_of(week) - (pair_number % 30)::int
        end::varchar as last_used_date,
        (1001 + application_no % 9)::varchar as application_owner_brid
    from grants
    where week between from_week and to_week
    union all by name
    select * exclude (first_week, last_week)
    from cast_grants
    where week between first_week and last_week;

create macro persona_list(week) as table
    select
        persona_id,
        persona_name,
        business_unit,
        application_id,
        application_name,
        -- An empty requirement means mandatory.
        case when requirement <> 'mandatory' or line % 5 > 0 then requirement end as requirement,
        (persona_id = getvariable('baseline'))::varchar as is_baseline
    from requirements
    inner join personas using (persona_id)
    inner join applications using (application_no)
    where week >= 0
    order by line;

create macro persona_members(week) as table
    with background as (
        select
            brid::varchar as brid,
            unnest([persona_id, second_persona_id]) as persona_id,
            greatest(hire_date, getvariable('first_week') - 200)::varchar as valid_from,
            null::varchar as valid_to
        from employees
        where
            is_listed
            and week >= case when event = 'joiner' then event_week else 0 end
            and week < case when event = 'leaver' then event_week else 999 end
    )

    from background
    where persona_id is not null
    union all by name
    select * exclude (first_week, last_week)
    from cast_members
    where week between first_week and last_week
    order by all;

create view truth as
with weeks as (
    select week from range(getvariable('n_weeks')) as numbers (week)
),

background as (
    select
        case_name,
        'pair' as kind,
        week,
        brid::varchar as brid,
        application_id,
        status,
        case
            when reason = 'lost_since_last_week' and week > from_week then 'never_granted'
            else reason
        end as reason,
        case
            when status = 'unassessed' then null
            -- IAM has 7 days to grant what is missing, from the first week that shows it.
            when status = 'missing' and 7 * (week - from_week) <= 7 then 'in_sla'
            -- A mover has 14 days from the day of the move, which is in the week before.
            when reason = 'former_persona' and 7 * (week - from_week + 1) <= 14 then 'in_grace'
            else 'open'
        end as disposition,
        'Background: ' || replace(replace(case_name, 'background_', ''), '_', ' ') || '.'
            as explanation
    from background_findings
    inner join weeks on week between from_week and to_week
    inner join applications using (application_no)
),

planted as (
    -- IAM also has 7 days to grant access that is missing in the first week of all.
    select
        * exclude (first_week, last_week) replace (
            case
                when status = 'missing' and disposition = 'open' and first_week = 0 and week <= 1
                    then 'in_sla'
                else disposition
            end as disposition
        )
    from cast_truth
    inner join weeks on week between first_week and last_week
)

select
    case_name,
    kind,
    as_of(week) as as_of_date,
    brid,
    application_id,
    status,
    reason,
    orphan_detail,
    disposition,
    fact,
    explanation
from (
    from background
    union all by name
    from planted
)
order by all;
