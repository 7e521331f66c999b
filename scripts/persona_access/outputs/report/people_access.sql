-- Everybody's access as JSON: the number of the application, that of the verdict, and dates as days
-- since 1970. The last three values are left out where all of them are null.
create or replace temp macro day_number(day) as
coalesce(cast(day - date '1970-01-01' as varchar), 'null');

create or replace temp table verdicts as
with

verdicts_of_week as (

    select distinct
        reconciliation_status,
        reconciliation_reason,
        orphan_detail,
        disposition,
        requirement,
        persona_ids,
        is_privileged
    from fct_access_reconciliation
    where as_of_date = (select week.as_of_date from week)

)

select
    *,
    row_number() over (
        order by
            reconciliation_status,
            reconciliation_reason,
            orphan_detail,
            disposition,
            requirement,
            persona_ids,
            is_privileged
    ) - 1 as verdict
from verdicts_of_week;

create or replace temp table access_texts as
with

access as (

    select
        access_of_week.brid,
        access_of_week.reconciliation_status,
        application_numbers._number as application_number,
        verdicts.verdict,
        day_number(access_of_week.status_since_date) as since_day,
        day_number(access_of_week.granted_date) as granted_day,
        day_number(access_of_week.last_used_date) as used_day,
        case
            when
                access_of_week.last_expected_date is not null
                or access_of_week.days_since_end is not null
                or access_of_week.waiver_id is not null
                then concat(
                    ',', day_number(access_of_week.last_expected_date),
                    ',', coalesce(cast(access_of_week.days_since_end as varchar), 'null'),
                    ',', coalesce(to_json(access_of_week.waiver_id), 'null')
                )
        end as seldom
    from fct_access_reconciliation as access_of_week
    inner join application_numbers
        on access_of_week.application_id = application_numbers.application_id
    inner join verdicts
        on
            access_of_week.reconciliation_status is not distinct from verdicts.reconciliation_status
            and access_of_week.reconciliation_reason
            is not distinct from verdicts.reconciliation_reason
            and access_of_week.orphan_detail is not distinct from verdicts.orphan_detail
            and access_of_week.disposition is not distinct from verdicts.disposition
            and access_of_week.requirement is not distinct from verdicts.requirement
            and access_of_week.persona_ids is not distinct from verdicts.persona_ids
            and access_of_week.is_privileged is not distinct from verdicts.is_privileged
    where access_of_week.as_of_date = (select week.as_of_date from week)

)

select
    brid,
    count(*) as n_rows,
    string_agg(
        concat(
            '[', application_number, ',', verdict, ',', since_day, ',', granted_day, ',', used_day,
            seldom, ']'
        ),
        ','
        order by
            list_position(['missing', 'excess', 'unassessed', 'match'], reconciliation_status),
            application_number
    ) as access_text
from access
group by brid;

-- Filled by one statement a table of the page: everybody's rows of it as JSON.
create or replace temp table person_sections (
    brid varchar, place integer, section_name varchar, section varchar
);
