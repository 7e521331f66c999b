-- Two spellings of one persona would divide its requirements, so everybody would have excess by one
-- spelling and missing access by the other.
with

requirements as (

    select persona_id from {{ ref('stg_personas__requirements') }}
    where persona_id is not null
    group by 1

),

keyed as (

    select
        persona_id,
        replace({{ lower_case('persona_id') }}, ' ', '') as persona_key
    from requirements

),

counted as (

    select
        persona_key,
        count(*) as n_spellings,
        min(persona_id) as one_spelling,
        max(persona_id) as another_spelling
    from keyed
    group by 1

),

broken as (

    select
        one_spelling,
        another_spelling,
        'The persona list writes one persona in two ways. Use one of them in all rows.' as reason
    from counted
    where n_spellings > 1

)

select * from broken
