with

brids as (

    select * from {{ ref('int_brids') }}

),

brid_keys as (

    select
        brid,
        brid_key
    from {{ ref('int_brid_keys') }}
    group by 1, 2

),

persona_sets as (

    select
        persona_set_id,
        persona_set_key,
        count(*) filter (where requirement = 'mandatory') as n_mandatory
    from {{ ref('int_access_requirements') }}
    group by 1, 2

),

people as (

    select
        brid,
        brid_keys.brid_key,
        persona_sets.persona_set_key,
        coalesce(persona_sets.n_mandatory, 0) as n_mandatory,
        coalesce(brids.is_in_hr, false) as is_in_hr,
        brids.employment_state,
        brids.hire_date,
        brids.days_since_end,
        coalesce(brids.was_in_hr, false) as was_in_hr,
        coalesce(brids.is_hr_row_quarantined, false) as is_hr_row_quarantined,
        coalesce(brids.is_registered_non_human, false) as is_registered_non_human,
        coalesce(brids.is_listed_non_human, false) as is_listed_non_human,
        brids.unresolved_reason,
        coalesce(brids.is_source_late, false) as is_source_late
    from brids
    full join brid_keys using (brid)
    left join persona_sets on brids.persona_set_id = persona_sets.persona_set_id

)

select * from people
