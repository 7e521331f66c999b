{% set attributes = [
    'job_title', 'cost_center', 'management_level', 'department', 'worker_type', 'manager_brid',
] %}

with

mappings as (

    select
        {{ as_of_date() }} as as_of_date,
        mapping_id,
        persona_id,
        looks_at,
        management_level_key as management_level,
        cost_center_key as cost_center,
        cost_center_prefix_key as cost_center_prefix,
        department_key as department,
        job_title_key as job_title,
        worker_type_key as worker_type,
        manager_key as manager_brid,
        support,
        hits,
        confidence,
        assured_precision,
        newcomer_precision,
        runner_up_persona_id,
        assurance_group,
        training_id,
        learned_until_date
    from {{ ref('int_pretrained_mappings') }}

),

phrased as (

    select
        mapping_id,
        replace(replace(replace(looks_at, '_brid', ''), '_', ' '), '+', ', ') as attributes_text,
        '+' || looks_at || '+' as looks_at_text,
        cast(support as {{ dbt.type_string() }}) as support_text,
        cast(hits as {{ dbt.type_string() }}) as hits_text,
        case
            when confidence >= 0.995 then 'more than 99'
            else
                'about '
                || cast(cast(round(100 * confidence, 0) as integer) as {{ dbt.type_string() }})
        end as confidence_text,
        cast(cast(round(100 * assured_precision, 0) as integer) as {{ dbt.type_string() }})
            as assured_text,
        coalesce(' among people like these (' || assurance_group || ')', '') as group_text
    from mappings

),

explained as (

    -- Each row explains its origin in words that a manager understands without the documentation.
    select
        mappings.*,
        case
            when mappings.support = 0
                then
                    'Inferred from parts: nobody whose persona is known has all of the same '
                    || phrased.attributes_text
            else
                phrased.hits_text || ' of ' || phrased.support_text || ' people with the same '
                || phrased.attributes_text || ' hold it'
        end
        || '. With those who are only similar, ' || phrased.confidence_text
        || ' in 100 such people hold it. '
        || case
            when mappings.assured_precision >= {{ var('pretrained_min_precision') }}
                then
                    'Sure enough to assign: at least ' || phrased.assured_text
                    || ' in 100 such answers are right'
            else
                'Suggested only: it is not assured that '
                || '{{ (100 * var('pretrained_min_precision')) | round | int }}'
                || ' in 100 such answers are right'
        end
        || phrased.group_text
        || case
            when
                mappings.assured_precision >= {{ var('pretrained_min_precision') }}
                and mappings.newcomer_precision < {{ var('pretrained_min_precision') }}
                then '. Suggested only to newcomers: too few of them show how often it is right'
            else ''
        end
        || '. Not looked at: '
        {% for name in attributes %}
            || case
                when phrased.looks_at_text like '%+{{ name }}+%' then ''
                else '{{ name.removesuffix('_brid') | replace('_', ' ') }}, '
            end
        {% endfor %}
        || 'access that people hold, years of service. It changes with what HR says of the person, '
        || 'for one person by an approved override, and at the next training by answers in '
        || 'persona_feedback.csv.' as explanation
    from mappings
    inner join phrased on mappings.mapping_id = phrased.mapping_id

)

select * from explained
