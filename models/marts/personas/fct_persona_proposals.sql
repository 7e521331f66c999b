{#- The number of applications that either of two personas lists: their sum less the shared ones.
-#} {%- set n_either -%}
    (qualities.n_listed + second_personas.n_listed)
    / (1 + qualities.shared_application_share * {{ as_double(1) }})
{%- endset -%}
with

rejections as (

    select * from {{ ref('int_proposal_rejections') }}

),

qualities as (

    select * from {{ ref('fct_persona_quality') }}
    where as_of_date = {{ as_of_date() }}

),

alike_lists as (

    -- Each pair is listed once. Members of both get the applications of either list.
    select
        'merge' as proposal_kind,
        qualities.persona_id,
        qualities.most_alike_persona_id as other_persona_id,
        cast(null as {{ dbt.type_string() }}) as management_level,
        cast(null as {{ dbt.type_string() }}) as cost_center,
        cast(null as {{ dbt.type_string() }}) as application_ids,
        qualities.n_members + second_personas.n_members as n_members,
        qualities.shared_application_share * {{ as_double(1) }} as support,
        cast(null as numeric(12, 2)) as lift,
        1 as n_weeks,
        0 as n_settled,
        cast(
            round(
                ({{ n_either }} - qualities.n_listed) * qualities.n_members
                + ({{ n_either }} - second_personas.n_listed) * second_personas.n_members
            ) as {{ dbt.type_bigint() }}
        ) as n_blessed
    from qualities
    inner join qualities as second_personas
        on qualities.most_alike_persona_id = second_personas.persona_id
    where
        qualities.shared_application_share >= {{ var('persona_most_share') }}
        and qualities.n_members > 0
        and second_personas.n_members > 0
        and (
            qualities.persona_id < second_personas.persona_id
            or second_personas.most_alike_persona_id <> qualities.persona_id
        )

),

proposals as (

    select * from {{ ref('int_persona_list_signs') }}

    union all

    select * from alike_lists

    union all

    select * from {{ ref('int_persona_unit_signs') }}

    union all

    select * from {{ ref('int_persona_splits') }}

),

identified as (

    select
        *,
        concat_ws(
            ':', proposal_kind, persona_id, other_persona_id, management_level, cost_center,
            case when proposal_kind in ('add', 'drop') then application_ids end
        ) as proposal_id
    from proposals

),

open_proposals as (

    -- A rejected proposal returns only with more support than it had when it was rejected.
    select
        {{ as_of_date() }} as as_of_date,
        identified.proposal_id,
        cast(
            row_number() over (
                order by
                    identified.n_settled desc, identified.n_blessed,
                    identified.support desc, identified.proposal_id
            ) as {{ dbt.type_bigint() }}
        ) as proposal_rank,
        identified.proposal_kind,
        identified.persona_id,
        identified.other_persona_id,
        identified.management_level,
        identified.cost_center,
        identified.application_ids,
        cast(identified.n_members as {{ dbt.type_bigint() }}) as n_members,
        cast(identified.support as numeric(7, 6)) as support,
        cast(identified.lift as numeric(12, 2)) as lift,
        cast(identified.n_weeks as {{ dbt.type_int() }}) as n_weeks,
        cast(identified.n_settled as {{ dbt.type_bigint() }}) as n_settled,
        cast(identified.n_blessed as {{ dbt.type_bigint() }}) as n_blessed
    from identified
    left join rejections on identified.proposal_id = rejections.proposal_id
    where
        rejections.proposal_id is null
        or cast(identified.support as numeric(7, 6)) > rejections.rejected_support

)

select * from open_proposals
