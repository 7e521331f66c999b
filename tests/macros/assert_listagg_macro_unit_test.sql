{{ config(tags='macro_unit_test') }}
with

parts (case_id, place, tie_break, part) as (

    values
    (1, 10, 'b', 'ten b'),
    (1, 9, 'c', 'nine'),
    (1, 10, 'a', 'ten a'),
    (2, 1, 'B', 'capitals first'),
    (2, 1, 'a', 'then small letters'),
    (2, 1, 'ä', 'then the rest'),
    (3, 1, 'a', 'once'),
    (3, 1, 'a', 'once'),
    (4, 1, 'a', 'nothing is left out'),
    (4, 1, 'b', ''),
    (4, 1, 'c', null),
    (5, 1, 'a', null)

),

expected (case_id, expected_text) as (

    values
    (1, 'nine; ten a; ten b'),
    (2, 'capitals first; then small letters; then the rest'),
    (3, 'once; once'),
    (4, 'nothing is left out; '),
    (5, null)

),

computed as (

    select
        case_id,
        {{ dbt.listagg(
            measure='part',
            delimiter_text="'; '",
            order_by_clause='order by place, tie_break',
        ) }} as computed_text
    from parts
    group by 1

),

differing as (

    select
        expected.case_id,
        expected.expected_text,
        computed.computed_text
    from expected
    left join computed on expected.case_id = computed.case_id
    where computed.computed_text is distinct from expected.expected_text

)

select * from differing
