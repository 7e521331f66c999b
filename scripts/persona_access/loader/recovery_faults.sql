-- Keys are at these places of the header, or null; after a broken quote, fields cannot be
-- separated, but the fields before it can.
insert into faults
with

faulty as (

    select
        row_number,
        line,
        opens_at,
        closes_at
    from swallowed
    union all
    select
        loose.row_number,
        loose.line,
        null,
        null
    from loose
    inner join joined on loose.starts_at = joined.row_number
    where
        not joined.is_row
        and loose.row_number not in (select swallowed.row_number from swallowed)

),

with_fields as (

    select
        *,
        regexp_full_match(line, getvariable('any_row')) as is_sound,
        fields_of(line) as fields,
        string_split(split_part(line, '"', 1), getvariable('delimiter')) as fields_before,
        case
            when opens_at is not null or not is_sound then 'broken_quote'
            when len(fields) < getvariable('n_fields') then 'too_few_fields'
            else 'too_many_fields'
        end as reason
    from faulty
    where trim(line, ' ' || chr(9)) <> ''

),

with_keys as (

    select
        *,
        list_transform(
            {{ parameter.places_of_keys }}::bigint[],
            lambda place: nullif(trim(case
                when is_sound then fields[place]
                when len(fields_before) > place then fields_before[place]
            end), '')
        ) as keys
    from with_fields

)

select
    row_number,
    null as column_name,
    null as value,
    reason,
    case
        when opens_at is not null
            then format(
                'A quote opened on line {} is closed on line {}, across whole rows, so the lines '
                || 'between cannot be separated.',
                opens_at, closes_at
            )
        when reason = 'broken_quote'
            then 'A quote is not closed, or is in a place where quotes are not allowed.'
        else format(
            'The row does not fit the header: it has {} of {} fields.',
            len(fields), getvariable('n_fields')
        )
    end as message,
    keys[1] as brid,
    keys[2] as application_id,
    keys[3] as account_id,
    'row' as quarantined_part,
    line as raw_line
from with_keys
