with

measured as (

    select
        application_id,
        spelling,
        n_shared,
        n_together,
        n_missing,
        n_holders,
        n_holders_of_missed,
        is_spelling_modelled,
        n_people,
        is_same_letters,
        cast(cast(n_shared as {{ dbt.type_numeric() }}) / n_missing as numeric(7, 6))
            as missing_share,
        cast(cast(n_shared as {{ dbt.type_numeric() }}) / n_holders as numeric(7, 6))
            as holder_share,
        cast(
            cast(n_shared as {{ dbt.type_numeric() }}) / (n_missing + n_holders - n_shared)
            as numeric(7, 6)
        ) as overlap_share
    from {{ ref('int_other_names_measured') }}

),

classified as (

    -- The right measure is one-sided: the share of people missing one application who hold the
    -- other. An application that was split has no such name, but the people who miss the whole hold
    -- each of its parts. The holders exceed chance if the shares among all people are smaller.
    select
        *,
        case
            when
                (
                    (
                        missing_share >= {{ var('alias_suggestion_min_overlap') }}
                        and holder_share >= {{ var('alias_suggestion_min_holder_share') }}
                    )
                    or (
                        holder_share >= {{ var('alias_suggestion_min_overlap') }}
                        and n_shared >= {{ var('cause_min_findings') }}
                        and n_holders_of_missed * 4 <= n_missing
                    )
                )
                and (n_shared >= 2 or is_same_letters)
                and (
                    not is_spelling_modelled
                    or n_together * 2 >= n_shared
                    or is_same_letters
                )
                and (n_shared * n_people >= 2 * n_missing * n_holders or is_same_letters)
                then case when is_spelling_modelled then 'replacement' else 'alias' end
            -- The held application is not another name if most of its holders do not miss the
            -- application. It is an alternative if the share of holders exceeds that of all people
            -- by three standard deviations.
            when
                missing_share >= {{ var('alias_suggestion_min_overlap') }}
                and n_shared >= {{ var('cause_min_findings') }}
                and n_shared * n_people > n_missing * n_holders
                and power(n_shared * n_people - n_missing * n_holders, 2)
                >= 9.0e0 * n_missing * n_holders * (n_people - n_holders)
                then 'alternative'
        end as suggestion_kind
    from measured

),

suggestions as (

    select * from classified
    where suggestion_kind is not null

)

select * from suggestions
