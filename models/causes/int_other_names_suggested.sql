with

added_up as (

    -- Each person supports one suggestion: once the best has taken the holders of a name, or the
    -- people who miss an application, none are left for another.
    select
        application_id,
        spelling,
        suggestion_kind,
        n_missing,
        n_holders,
        n_shared,
        missing_share,
        holder_share,
        overlap_share,
        is_same_letters,
        suggestion_kind = 'alternative' as is_alternative,
        sum(n_shared) over (
            partition by spelling, suggestion_kind = 'alternative'
            order by is_same_letters desc, overlap_share desc, application_id
            rows between unbounded preceding and current row
        ) as n_of_spelling,
        sum(n_shared) over (
            partition by application_id, suggestion_kind = 'alternative'
            order by is_same_letters desc, overlap_share desc, spelling
            rows between unbounded preceding and current row
        ) as n_of_application
    from {{ ref('int_other_names_contrasted') }}

),

suggested as (

    select * from added_up
    where is_alternative or (n_of_spelling <= n_holders and n_of_application <= n_missing)

),

shaped as (

    select
        *,
        case
            when count(*) over (partition by application_id, is_alternative) > 1 then 'split'
            when count(*) over (partition by spelling, is_alternative) > 1 then 'merge'
            else 'one_to_one'
        end as suggestion_shape
    from suggested

)

select * from shaped
