with

mapping_rules as (

    select
        rule_id,
        rule_version,
        effect,
        management_level,
        cost_center,
        persona_id,
        coalesce(valid_from, cast('0001-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('stg_decisions__mapping_rules') }}

),

faults as (

    select
        rule_id,
        rule_version,
        'effect' as column_name,
        effect as value_found,
        'It is neither assign nor exclude.' as reason
    from mapping_rules
    where effect not in ('assign', 'exclude')

    union all

    select
        rule_id,
        rule_version,
        'management_level' as column_name,
        management_level as value_found,
        'A star stands for every level and stands alone.' as reason
    from mapping_rules
    where management_level like '%*%' and management_level <> '*'

    union all

    select
        rule_id,
        rule_version,
        'cost_center' as column_name,
        cost_center as value_found,
        'A star is the last sign of a prefix, or stands alone.' as reason
    from mapping_rules
    where cost_center like '%*%_'

    union all

    select
        rule_id,
        rule_version,
        'persona_id' as column_name,
        persona_id as value_found,
        'Only an exclude rule may name every persona.' as reason
    from mapping_rules
    where persona_id = '*' and effect = 'assign'

    union all

    select
        older_versions.rule_id,
        newer_versions.rule_version,
        'valid_from' as column_name,
        cast(newer_versions.valid_from as {{ dbt.type_string() }}) as value_found,
        'Version ' || older_versions.rule_version || ' applies on the same days; end it before.'
            as reason
    from mapping_rules as older_versions
    inner join mapping_rules as newer_versions
        on
            older_versions.rule_id = newer_versions.rule_id
            and older_versions.rule_version < newer_versions.rule_version
            and older_versions.valid_from <= newer_versions.valid_to
            and older_versions.valid_to >= newer_versions.valid_from

)

select * from faults
