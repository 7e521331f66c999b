-- The inputs of feedback.sql, empty at first: an installation may have no seed and no warehouse.
create or replace temporary table reviews_as_written (
    brid varchar,
    persona_id varchar,
    verdict varchar,
    valid_from varchar,
    valid_to varchar,
    approved_by varchar,
    approved_on varchar
);

create or replace temporary table answers_as_given (
    decision_id varchar,
    brid varchar,
    persona_id varchar,
    persona_verdict varchar,
    answered_date date
);
