with

delegates as (

    select * from {{ ref('int_review_delegates') }}

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        reviewer_brid,
        delegate_brid,
        valid_from,
        valid_to
    from delegates

)

select * from described
