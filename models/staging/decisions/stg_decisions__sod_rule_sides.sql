with

source as (

    select * from {{ ref('sod_rule_sides') }}

),

cleaned as (

    select
        {{ clean_text('sod_rule_id') }} as sod_rule_id,
        lower({{ clean_text('side') }}) as side,
        {{ normalise_application_id(clean_text('application_id')) }} as application_spelling,
        {{ clean_text('persona_id') }} as persona_id
    from source

),

named as (

    select
        sod_rule_id,
        side,
        case when persona_id is null then 'application' else 'persona' end as held_kind,
        coalesce(persona_id, application_spelling) as held_id,
        persona_id is not null and application_spelling is not null as is_ambiguous
    from cleaned

)

select * from named
