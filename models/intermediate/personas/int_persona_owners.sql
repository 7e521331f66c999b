with

persona_owners as (

    select
        persona_id,
        owner_brid
    from {{ ref('stg_decisions__persona_owners') }}
    where is_in_force

),

owners as (

    select
        persona_id,
        min(owner_brid) as owner_brid
    from persona_owners
    group by 1

)

select * from owners
