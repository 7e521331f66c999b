with

spellings as (

    select
        application_spelling,
        application_name,
        application_owner_brid,
        is_source_late
    from {{ ref('stg_iam__application_spellings') }}

),

application_keys as (

    select
        application_spelling,
        application_id
    from {{ ref('int_application_keys') }}
    group by 1, 2

),

persona_requirements as (

    select
        application_id,
        application_name
    from {{ ref('int_persona_requirements') }}

),

aliases as (

    select application_id from {{ ref('int_application_aliases') }}

),

retired_applications as (

    select application_id from {{ ref('int_retired_applications') }}

),

in_iam as (

    select
        application_keys.application_id,
        min(spellings.application_name) as application_name,
        min(spellings.application_owner_brid) as owner_brid,
        bool_and(coalesce(spellings.is_source_late, false)) as is_source_late
    from spellings
    inner join application_keys
        on spellings.application_spelling = application_keys.application_spelling
    group by 1

),

in_persona_list as (

    select
        application_id,
        min(application_name) as application_name,
        count(*) as n_personas
    from persona_requirements
    group by 1

),

in_aliases as (

    select application_id from aliases
    group by 1

),

joined as (

    select
        application_id,
        coalesce(in_iam.application_name, in_persona_list.application_name) as application_name,
        in_iam.owner_brid,
        -- An application that only a late source names does not count as reported: its absence
        -- there proves nothing.
        in_iam.application_id is not null and not in_iam.is_source_late as is_in_iam,
        in_persona_list.n_personas is not null as is_modelled,
        -- An id without name, alias, persona or retirement is an unexplained spelling.
        (
            in_iam.application_name is not null
            or in_persona_list.n_personas is not null
            or in_aliases.application_id is not null
            or retired_applications.application_id is not null
        ) as is_known,
        coalesce(in_persona_list.n_personas, 0) as n_personas
    from in_iam
    full join in_persona_list using (application_id)
    full join in_aliases using (application_id)
    full join retired_applications using (application_id)

)

select * from joined
