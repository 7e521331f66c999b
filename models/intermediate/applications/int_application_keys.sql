with

spellings as (

    select
        application_as_delivered,
        application_spelling
    from {{ ref('stg_iam__application_spellings') }}
    where application_spelling is not null
    group by 1, 2

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

resolved as (

    select
        spellings.application_as_delivered,
        spellings.application_spelling,
        coalesce(aliases.application_id, spellings.application_spelling) as application_id
    from spellings
    left join aliases on spellings.application_spelling = aliases.application_spelling

),

keyed as (

    select
        application_as_delivered,
        application_spelling,
        application_id,
        cast(dense_rank() over (order by application_id) as {{ dbt.type_int() }})
            as application_key
    from resolved

)

select * from keyed
