-- One row for each recipient: the totals of the list, and whether anything needs an answer now.
create or replace temp table recipients as
select
    recipient,
    any_value(recipient_brid) as told_brid,
    any_value(reviewer_brid) as answered_for,
    bool_or(is_delegate) as is_delegate,
    any_value(recipient_name) as recipient_name,
    any_value(reviewer_name) as reviewer_name,
    any_value(delegated_from) as delegated_from,
    any_value(delegated_to) as delegated_to,
    any_value(recipient_email) as recipient_email,
    any_value(as_of_date) as as_of_date,
    count(*) as n_lines,
    min(section) as first_section,
    count(*) filter (where section = 0) as n_listed,
    count(*) filter (where section = 0 and listed_as = 'new') as n_new,
    count(*) filter (where section = 0 and listed_as = 'overdue') as n_now_overdue,
    count(*) filter (where section = 0 and listed_as = 'again') as n_again,
    count(*) filter (where section = 2 and is_undecided) as n_to_certify,
    count(*) filter (where section = 1) as n_earlier,
    count(*) filter (where section = 1 and is_overdue) as n_earlier_overdue,
    n_listed > 0 or n_to_certify > 0 as is_sent,
    -- The texts of this many lines are created at once.
    cast(floor(
        sum(count(*)) over (order by max(recipient_brid) nulls last, recipient)
        / {{ parameter.lines_at_once }}
    ) as integer) as batch
from lines
group by recipient
order by max(recipient_brid) nulls last, recipient
