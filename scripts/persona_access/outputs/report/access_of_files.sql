-- The access of all people, with the number of their file: as numbers, because the texts together
-- would take gigabytes.
create or replace temp table access_of_files as
select
    people_in_order.person_number,
    people_in_order.file_number,
    cast(list_position(
        ['missing', 'excess', 'unassessed', 'match'], access_of_week.reconciliation_status
    ) as tinyint) as status_place,
    cast(application_numbers._number as integer) as application_number,
    cast(verdicts.verdict as integer) as verdict,
    cast(access_of_week.status_since_date - date '1970-01-01' as integer) as status_since_date,
    cast(access_of_week.granted_date - date '1970-01-01' as integer) as granted_date,
    cast(access_of_week.last_used_date - date '1970-01-01' as integer) as last_used_date,
    cast(access_of_week.last_expected_date - date '1970-01-01' as integer) as last_expected_date,
    access_of_week.days_since_end,
    access_of_week.waiver_id
from fct_access_reconciliation as access_of_week
inner join people_in_order on access_of_week.brid = people_in_order.brid
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
where access_of_week.as_of_date = (select week.as_of_date from week);

-- Numbers within a file, so that a new application or verdict changes only files that have it.
create or replace temp table applications_of_files as
select
    file_number,
    application_number,
    cast(
        row_number() over (partition by file_number order by application_number) - 1 as integer
    ) as application_place
from (
    select distinct
        file_number,
        application_number
    from access_of_files
) as applications;

create or replace temp table verdicts_of_files as
select
    file_number,
    verdict,
    cast(row_number() over (partition by file_number order by verdict) - 1 as integer)
        as verdict_place
from (
    select distinct
        file_number,
        verdict
    from access_of_files
) as verdicts;
