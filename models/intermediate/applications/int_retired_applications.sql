with

retired_applications as (

    select application_spelling from {{ ref('stg_decisions__retired_applications') }}
    where is_in_force

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

resolved as (

    select
        coalesce(aliases.application_id, retired_applications.application_spelling)
            as application_id
    from retired_applications
    left join aliases on retired_applications.application_spelling = aliases.application_spelling
    group by 1

)

select * from resolved
