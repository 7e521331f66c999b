with

candidates as (

    select
        account_brid,
        candidate_brid,
        account_id,
        found_date,
        probability,
        agreeing_fields,
        is_suggested
    from {{ ref('stg_decisions__account_candidates') }}

),

employees as (

    select
        brid,
        full_name,
        employment_state
    from {{ ref('int_employees') }}

),

described as (

    -- A person who left is a candidate, too, and may no longer be in the headcount.
    select
        candidates.account_brid,
        candidates.candidate_brid,
        candidates.account_id,
        candidates.found_date,
        candidates.probability,
        candidates.agreeing_fields,
        candidates.is_suggested,
        employees.full_name as candidate_name,
        coalesce(employees.employment_state, 'not_in_hr') as candidate_state
    from candidates
    left join employees on candidates.candidate_brid = employees.brid

)

select * from described
