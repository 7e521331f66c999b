with

delegates as (

    select * from {{ ref('stg_decisions__review_delegates') }}

),

employees as (

    select brid from {{ ref('int_employees') }}
    where is_employed

),

named as (

    -- Until the lists of the next week: a delegate from Wednesday on needs a list on Monday.
    select
        delegates.reviewer_brid,
        delegates.delegate_brid,
        case when count(*) = count(delegates.valid_from) then min(delegates.valid_from) end
            as valid_from,
        case when count(*) = count(delegates.valid_to) then max(delegates.valid_to) end as valid_to
    from delegates
    inner join employees on delegates.delegate_brid = employees.brid
    where
        (
            delegates.valid_from is null
            or delegates.valid_from <= {{ dbt.dateadd('day', 6, as_of_date()) }}
        )
        and (delegates.valid_to is null or delegates.valid_to >= {{ as_of_date() }})
        and delegates.reviewer_brid <> delegates.delegate_brid
    group by 1, 2

)

select * from named
