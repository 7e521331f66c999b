-- Data that the pages of people share: verdicts with their numbers, and rows of other tables.
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

-- One statement for each table of the page fills it: the rows of all people as JSON.
create or replace temp table person_sections (
    brid varchar, place integer, section_name varchar, section varchar
);
