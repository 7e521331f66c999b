with

aliases as (

    select
        application_spelling,
        application_id,
        coalesce(valid_from, cast('0001-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('stg_decisions__application_aliases') }}

),

faults as (

    select
        aliases.application_spelling as decision_id,
        'application_id' as column_name,
        aliases.application_id as value_found,
        'The alias also stands for ' || rivals.application_id || ' on the same days.' as reason
    from aliases
    inner join aliases as rivals
        on
            aliases.application_spelling = rivals.application_spelling
            and aliases.application_id < rivals.application_id
            and aliases.valid_from <= rivals.valid_to
            and aliases.valid_to >= rivals.valid_from

    union all

    -- Aliases are resolved once, so a chain would stop half-way.
    select
        aliases.application_spelling as decision_id,
        'application_id' as column_name,
        aliases.application_id as value_found,
        'It is an alias itself, of ' || targets.application_id || '; name the application.'
            as reason
    from aliases
    inner join aliases as targets
        on
            aliases.application_id = targets.application_spelling
            and aliases.valid_from <= targets.valid_to
            and aliases.valid_to >= targets.valid_from

)

select * from faults
