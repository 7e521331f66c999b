-- The access of the people of a range of files in the order of their pages. Every place is found;
-- DuckDB would first combine all applications with all verdicts of a file if the joins were inner.
create or replace temp table access_in_order as
select
    access_of_files.person_number,
    applications_of_files.application_place,
    verdicts_of_files.verdict_place,
    access_of_files.status_since_date,
    access_of_files.granted_date,
    access_of_files.last_used_date,
    access_of_files.last_expected_date,
    access_of_files.days_since_end,
    access_of_files.waiver_id
from access_of_files
left join applications_of_files
    on
        access_of_files.file_number = applications_of_files.file_number
        and access_of_files.application_number = applications_of_files.application_number
left join verdicts_of_files
    on
        access_of_files.file_number = verdicts_of_files.file_number
        and access_of_files.verdict = verdicts_of_files.verdict
where access_of_files.file_number between {{ parameter.first_file }} and {{ parameter.last_file }}
order by
    access_of_files.person_number,
    access_of_files.status_place,
    applications_of_files.application_place
