with

{{ employee_keys() }},

rule_candidates as (

    select
        coalesce(management_level_key, '') as management_level_key,
        coalesce(cost_center_key, '') as cost_center_key,
        coalesce(attributes_key, '') as attributes_key,
        persona_id,
        rule_outcome,
        {{ dbt.listagg(
            measure="rule_id || ' v' || rule_version",
            delimiter_text="', '",
            order_by_clause="order by rule_id, rule_version",
        ) }} as source_id
    from {{ ref('int_rule_candidates') }}
    group by 1, 2, 3, 4, 5

),

pretrained_candidates as (

    select * from {{ ref('int_pretrained_candidates') }}

),

arrivals as (

    select * from {{ ref('int_employee_arrivals') }}

),

rejections as (

    select
        brid,
        persona_id
    from {{ ref('stg_decisions__persona_feedback') }}
    where is_in_force and verdict = 'rejected'
    group by 1, 2

),

answers as (

    select
        employees.brid,
        rule_candidates.persona_id,
        'rule' as assignment_method,
        3 as method_rank,
        rule_candidates.source_id,
        cast(null as integer) as support,
        cast(null as numeric(5, 4)) as confidence,
        rule_candidates.rule_outcome as candidate_outcome
    from employees
    inner join rule_candidates
        on
            employees.management_level_key = rule_candidates.management_level_key
            and employees.cost_center_key = rule_candidates.cost_center_key
            and employees.attributes_key = rule_candidates.attributes_key

    union all

    select
        employees.brid,
        pretrained_candidates.persona_id,
        'pretrained' as assignment_method,
        4 as method_rank,
        pretrained_candidates.mapping_id as source_id,
        pretrained_candidates.support,
        pretrained_candidates.confidence,
        case
            when rejections.brid is not null then 'rejected'
            when
                pretrained_candidates.candidate_outcome = 'best' and arrivals.is_training_expired
                then 'training_expired'
            -- Newcomers are a separate assurance group, up to the date that evidence covers.
            when
                pretrained_candidates.candidate_outcome = 'best'
                and arrivals.is_newcomer
                and (
                    pretrained_candidates.newcomer_precision
                    < {{ var('pretrained_min_precision') }}
                    or arrivals.is_beyond_evidence
                )
                then 'joined_since'
            else pretrained_candidates.candidate_outcome
        end as candidate_outcome
    from employees
    inner join pretrained_candidates
        on
            employees.management_level_key = pretrained_candidates.management_level_key
            and employees.cost_center_key = pretrained_candidates.cost_center_key
            and employees.department_key = pretrained_candidates.department_key
            and employees.job_title_key = pretrained_candidates.job_title_key
            and employees.worker_type_key = pretrained_candidates.worker_type_key
            and employees.manager_key = coalesce(pretrained_candidates.manager_key, '')
            and employees.attributes_key = coalesce(pretrained_candidates.attributes_key, '')
    left join arrivals on employees.brid = arrivals.brid
    left join rejections
        on
            employees.brid = rejections.brid
            and pretrained_candidates.persona_id = rejections.persona_id

)

select * from answers
