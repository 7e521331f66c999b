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
        {{ as_before('known_start_date', 'members.valid_from') }} as valid_from,
        {{ as_before('known_end_date', 'members.valid_to') }} as valid_to
    from members
    left join read_as_before
        on
            members.file_name = read_as_before.file_name
            and members.row_number = read_as_before.row_number

)

select * from memberships
