with

cases (delivered, expected) as (

    values
    ('active', 'active'),
    (' Active ', 'active'),
    ('On Leave', 'on_leave'),
    ('on-leave', 'on_leave'),
    ('ON_LEAVE', 'on_leave'),
    ('', null),
    (' ', null),
    (null, null)

),

computed as (

    select
        *,
        {{ to_word('delivered') }} as actual
    from cases

),

differing as (

    select * from computed
    where actual is distinct from expected

)

select * from differing
