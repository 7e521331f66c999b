-- Values that are not loaded as they are, and rows with a date before one that it must not precede.
create or replace temp table readings (
    column_name varchar, delivered varchar, reading varchar, n_rows bigint,
    is_cleaned boolean, is_nothing boolean, is_date_for_nothing boolean,
    reason varchar, message varchar, takes_row boolean
);

create or replace temp table contradictions (
    row_number bigint, column_name varchar, complaint varchar
);

-- Bad values, with the keys of their rows, at their places among the columns of the contract.
create or replace temp table bad_values (
    row_number bigint, place integer, column_name varchar, value varchar, reason varchar,
    message varchar, takes_row boolean, brid varchar, application_id varchar, account_id varchar
);

-- A value in a form for messages: short, without characters that would move the cursor, colour a
-- terminal or change the text direction.
create or replace temp macro shown(value) as
coalesce(
    regexp_replace(
        case when len(value) > 60 then left(value, 60) || '...' else value end,
        '[\x00-\x1F\x7F-\x9F\p{Cf}\x{2028}\x{2029}]', chr(65533), 'g'
    ),
    ''
);

-- The date of a value, as text; null if it is not a date. A time with a zone has the date of that
-- moment in the feed's zone.
create or replace temp macro day_of(value, time_zone, hour, zone) as
case
    when not coalesce(
        value like '____-__-__%' and try_cast(value[:10] as date) >= date '0001-01-01', false
    ) then null
    when len(value) = 10 then value
    when regexp_full_match(value[11:], '[ T]' || hour || zone)
        then strftime((try_cast(
            regexp_replace(
                regexp_replace(
                    replace(regexp_replace(value, '^(.{16})([^:]|$)', '\1:00\2'), ',', '.'),
                    ' ?(Z|UTC)$', '+00:00'
                ),
                ' ?([+-]\d\d):?([0-5]\d)?$', '\1:\2'
            ) as timestamptz
        ) at time zone time_zone)::date, '%Y-%m-%d')
    when regexp_full_match(value[11:], '[ T]' || hour) then value[:10]
end
