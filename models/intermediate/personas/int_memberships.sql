with

members as (

    select * from {{ ref('stg_personas__members') }}
    where brid is not null

),

read_as_before as (

    select * from {{ ref('int_rows_read_as_before') }}
    where as_of_date = {{ as_of_date() }} and feed = 'persona_members'

),

memberships as (

    select
        members.brid,
        members.persona_id,
        members.file_name,
        members.row_number,
        case
            when read_as_before.row_number is not null then read_as_before.known_start_date
            else members.valid_from
        end as valid_from,
        case
            when read_as_before.row_number is not null then read_as_before.known_end_date
            else members.valid_to
        end as valid_to
    from members
    left join read_as_before
        on
            members.file_name = read_as_before.file_name
            and members.row_number = read_as_before.row_number

)

select * from memberships
