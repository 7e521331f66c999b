{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected) as (

    values
    ('active', 'active'),
    (' Active ', 'active'),
    ('On Leave', 'on_leave'),
    ('on-leave', 'on_leave'),
    ('ON_LEAVE', 'on_leave'),
    ('OnLeave', 'on_leave'),
    ('on  leave', 'on_leave'),
    ('some thing', 'some_thing'),
    ('', null),
    (' ', null),
    (null, null)

),

computed as (

    select
        *,
        {{ to_word('delivered', words=['on_leave']) }} as actual
    from cases

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
