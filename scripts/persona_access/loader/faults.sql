-- One row for each bad row or value, in the columns of the quarantine.
create or replace temp table faults (
    row_number bigint, column_name varchar, value varchar, reason varchar,
    message varchar, brid varchar, application_id varchar, account_id varchar,
    quarantined_part varchar, raw_line varchar
)
