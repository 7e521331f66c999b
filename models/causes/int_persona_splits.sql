with

unit_compared as (

    -- Own access: nearly all of the unit hold it, and hardly any other member does. Foreign access:
    -- listed, but hardly anybody in the unit holds it; the unit's new persona does not list it.
    select
        *,
        (
            n_holders >= n_members * {{ var('persona_most_share') }}
            and n_other_holders <= n_others * (1 - {{ var('persona_most_share') }})
        ) as is_own,
        sum(
            case
                when
                    requirement = 'mandatory'
                    and n_holders <= n_members * (1 - {{ var('persona_most_share') }})
                    then n_members - n_holders
                else 0
            end
        ) over (partition by persona_id, cost_center) as n_missing_foreign
    from {{ ref('int_persona_unit_holders') }}
    where
        n_members >= {{ var('cause_min_findings') }} and n_others >= {{ var('cause_min_findings') }}

),

splits as (

    select
        'split' as proposal_kind,
        persona_id,
        cast(null as {{ dbt.type_string() }}) as other_persona_id,
        cast(null as {{ dbt.type_string() }}) as management_level,
        cost_center,
        {{ dbt.listagg("application_id", "' | '", "order by application_id") }}
            as application_ids,
        max(n_members) as n_members,
        sum(n_holders) * {{ as_double(1) }} / sum(n_members) as support,
        cast(null as numeric(12, 2)) as lift,
        1 as n_weeks,
        sum(case when requirement is null then n_holders else 0 end) + max(n_missing_foreign)
            as n_settled,
        sum(case when requirement is null then n_members - n_holders else 0 end) as n_blessed
    from unit_compared
    where is_own
    group by 1, 2, 3, 4, 5

)

select * from splits
