-- Every cause that a finding may have. `fct_finding_causes` decides between them.
with

suggestions as (

    select
        application_id,
        spelling,
        n_opening
    from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }}

),

candidates as (

    select * from {{ ref('int_person_causes') }}

    union all

    select * from {{ ref('int_application_causes') }}

    union all

    select * from {{ ref('int_spelling_causes') }}

    union all

    select * from {{ ref('int_requirement_causes') }}

    union all

    select * from {{ ref('int_assignment_causes') }}

),

identified as (

    -- A cause is the same from week to week if its kind and its subject are the same. The evidence
    -- can change whether a requirement is unreal or not provisioned yet, and whether a persona
    -- lacks an application.
    select
        finding_number,
        concat_ws(
            ':',
            case
                when
                    cause_kind in (
                        'requirement_not_real', 'requirement_of_other_units', 'provisioning_gap'
                    )
                    then 'requirement'
                when
                    cause_kind in ('requirement_absent', 'peer_outlier')
                    and subject_persona_id is null
                    then 'unexpected_access'
                else cause_kind
            end,
            subject_brid,
            subject_persona_id,
            subject_application_id,
            subject_detail
        ) as cause_id,
        cause_kind,
        subject_brid,
        subject_persona_id,
        subject_application_id,
        subject_detail
    from candidates

),

weighed as (

    select
        identified.*,
        case identified.cause_kind
            {%- for kind, strength in var('cause_strengths').items() %}
                when '{{ kind }}' then {{ strength }}
            {%- endfor %}
        end as strength,
        cast(coalesce(suggestions.n_opening, 0) as {{ dbt.type_int() }}) as n_opening
    from identified
    left join suggestions
        on
            identified.cause_kind in ('spelling', 'application_replaced')
            and identified.subject_application_id = suggestions.application_id
            and identified.subject_detail = suggestions.spelling

)

select * from weighed
