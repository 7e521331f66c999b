{% set previous_date = previous_as_of_date(this) %}

with

sod_rule_sides as (

    select * from {{ ref('int_sod_rule_sides') }}

),

sod_rules as (

    select
        sod_rule_id,
        sod_rule_name,
        severity,
        owner_brid
    from {{ ref('stg_decisions__sod_rules') }}

),

access_held as (

    -- A row that cannot be read does not prove that access is gone: presumed access counts.
    select
        brid,
        application_id,
        reconciliation_status = 'match' as is_expected
    from {{ ref('int_access_classified') }}
    where is_granted

),

personas_held as (

    select
        brid,
        persona_id
    from {{ ref('int_persona_assignments') }}
    where persona_id is not null

),

mitigations as (

    select
        sod_rule_id,
        brid,
        min(mitigating_control) as mitigating_control,
        max(valid_to) as mitigated_until
    from {{ ref('stg_decisions__sod_mitigations') }}
    where is_in_force
    group by 1, 2

),

violations_before as (

    select
        sod_rule_id,
        sod_rule_name,
        severity,
        owner_brid,
        brid,
        held_of_a,
        held_of_b,
        is_by_design,
        opened_date
    from {{ this }}
    where as_of_date = {{ previous_date }} and violation_state <> 'closed'

),

held as (

    select
        sod_rule_sides.sod_rule_id,
        sod_rule_sides.side,
        access_held.brid,
        access_held.application_id as held_id,
        access_held.is_expected
    from sod_rule_sides
    inner join access_held on sod_rule_sides.held_id = access_held.application_id
    where sod_rule_sides.held_kind = 'application'

    union

    select
        sod_rule_sides.sod_rule_id,
        sod_rule_sides.side,
        personas_held.brid,
        personas_held.persona_id as held_id,
        true as is_expected
    from sod_rule_sides
    inner join personas_held on sod_rule_sides.held_id = personas_held.persona_id
    where sod_rule_sides.held_kind = 'persona'

),

sides_held as (

    select
        sod_rule_id,
        side,
        brid,
        {{ dbt.listagg("held_id", "' | '", "order by held_id") }} as held_ids,
        bool_and(is_expected) as is_expected
    from held
    group by 1, 2, 3

),

violations_now as (

    select
        side_a.sod_rule_id,
        sod_rules.sod_rule_name,
        sod_rules.severity,
        sod_rules.owner_brid,
        side_a.brid,
        side_a.held_ids as held_of_a,
        side_b.held_ids as held_of_b,
        side_a.is_expected and side_b.is_expected as is_by_design
    from sides_held as side_a
    inner join sides_held as side_b
        on
            side_a.sod_rule_id = side_b.sod_rule_id
            and side_a.brid = side_b.brid
            and side_b.side = 'b'
    inner join sod_rules on side_a.sod_rule_id = sod_rules.sod_rule_id
    where side_a.side = 'a'

),

followed as (

    select
        coalesce(violations_now.sod_rule_id, violations_before.sod_rule_id) as sod_rule_id,
        coalesce(violations_now.sod_rule_name, violations_before.sod_rule_name) as sod_rule_name,
        coalesce(violations_now.severity, violations_before.severity) as severity,
        coalesce(violations_now.owner_brid, violations_before.owner_brid) as owner_brid,
        coalesce(violations_now.brid, violations_before.brid) as brid,
        coalesce(violations_now.held_of_a, violations_before.held_of_a) as held_of_a,
        coalesce(violations_now.held_of_b, violations_before.held_of_b) as held_of_b,
        coalesce(violations_now.is_by_design, violations_before.is_by_design) as is_by_design,
        coalesce(violations_before.opened_date, {{ as_of_date() }}) as opened_date,
        violations_now.brid is null as is_over
    from violations_now
    full join violations_before
        on
            violations_now.sod_rule_id = violations_before.sod_rule_id
            and violations_now.brid = violations_before.brid

),

stated as (

    select
        {{ as_of_date() }} as as_of_date,
        followed.sod_rule_id,
        followed.sod_rule_name,
        followed.severity,
        followed.owner_brid,
        followed.brid,
        followed.held_of_a,
        followed.held_of_b,
        followed.is_by_design,
        case
            when followed.is_over then 'closed'
            when mitigations.brid is not null then 'mitigated'
            else 'open'
        end as violation_state,
        mitigations.mitigating_control,
        mitigations.mitigated_until,
        followed.opened_date,
        cast(
            {{ dbt.datediff('followed.opened_date', as_of_date(), 'day') }} as {{ dbt.type_int() }}
        ) as n_days_open
    from followed
    left join mitigations
        on
            followed.sod_rule_id = mitigations.sod_rule_id
            and followed.brid = mitigations.brid

)

select * from stated
