{{ config(tags='macro_unit_test') }}
with

cases (requirements, requirement, expected) as (

    values
    ('optional alone', 'optional', 'optional'),
    ('mandatory alone', 'mandatory', 'mandatory'),
    ('prohibited alone', 'prohibited', 'prohibited'),
    ('mandatory and optional', 'mandatory', 'mandatory'),
    ('mandatory and optional', 'optional', 'mandatory'),
    ('prohibited and optional', 'optional', 'prohibited'),
    ('prohibited and optional', 'prohibited', 'prohibited'),
    ('prohibited and mandatory', 'prohibited', 'prohibited'),
    ('prohibited and mandatory', 'mandatory', 'prohibited'),
    ('all three', 'optional', 'prohibited'),
    ('all three', 'mandatory', 'prohibited'),
    ('all three', 'prohibited', 'prohibited'),
    ('optional and nothing', 'optional', 'optional'),
    ('optional and nothing', null, 'optional'),
    ('nothing', null, null)

),

computed as (

    select
        requirements,
        expected,
        {{ merge_requirements('requirement') }} as actual
    from cases
    group by 1, 2

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
