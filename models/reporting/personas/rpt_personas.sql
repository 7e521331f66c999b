with

counts as (

    select * from {{ ref('fct_reconciliation_by_persona') }}

),

personas as (

    select * from {{ ref('dim_personas') }}

),

quality as (

    select * from {{ ref('fct_persona_quality') }}

),

employees as (

    select
        brid,
        full_name
    from {{ ref('dim_employees') }}

),

described as (

    -- The name and the owner of a persona are known only for the week computed last.
    select
        counts.as_of_date,
        counts.persona_id,
        personas.persona_name,
        personas.business_unit,
        personas.owner_brid,
        owners.full_name as owner_name,
        personas.is_baseline,
        personas.is_in_persona_list,
        personas.is_reached_by_rule,
        personas.n_mandatory_applications,
        personas.n_optional_applications,
        personas.n_prohibited_applications,
        counts.n_employees,
        {% for name in status_count_names() %}
            counts.{{ name }},
        {% endfor %}
        counts.match_rate,
        {{ excess_rate('counts') }} as excess_rate,
        quality.n_listed,
        quality.listed_held_share,
        quality.held_listed_share,
        quality.n_listed_held_by_nobody,
        quality.n_unlisted_held_by_most,
        quality.member_stability,
        quality.most_alike_persona_id,
        quality.shared_application_share,
        quality.shared_member_share
    from counts
    left join personas on counts.persona_id = personas.persona_id
    left join quality
        on counts.as_of_date = quality.as_of_date and counts.persona_id = quality.persona_id
    left join employees as owners on personas.owner_brid = owners.brid

)

select * from described
