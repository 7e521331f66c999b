with

in_question as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        status_since_date
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }}
        and (
            reconciliation_status in ('missing', 'excess')
            or (
                reconciliation_status = 'unassessed'
                and reconciliation_reason <> 'non_human_registered'
            )
        )

),

applications as (

    select
        application_id,
        is_modelled,
        n_holders
    from {{ ref('dim_applications') }}

),

employees as (

    select
        brid,
        persona_set_id,
        unresolved_reason
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

history as (

    select min(as_of_date) as first_date from {{ ref('int_application_weeks') }}

),

population as (

    select count(*) as n_people from employees

),

missing as (

    select
        brid,
        application_id,
        status_since_date
    from in_question
    where reconciliation_status = 'missing'

),

missed_applications as (

    select
        application_id,
        count(*) as n_missing
    from missing
    group by 1

),

unexpected as (

    -- What nobody expects of its holder: a name that no persona lists, or another's application.
    select
        brid,
        application_id as spelling,
        status_since_date
    from in_question
    where reconciliation_status = 'unassessed' or reconciliation_reason = 'never_expected'

),

shared_people as (

    -- Who lost the one and got the other in the same weeks may have been moved from it.
    select
        missing.application_id,
        unexpected.spelling,
        count(*) as n_shared,
        count(*) filter (
            where missing.status_since_date > history.first_date
            and {{ dbt.datediff(
                'missing.status_since_date', 'unexpected.status_since_date', 'day'
            ) }} between -14 and 14
        ) as n_together
    from missing
    inner join unexpected on missing.brid = unexpected.brid
    cross join history
    group by 1, 2

),

measured as (

    select
        shared_people.application_id,
        shared_people.spelling,
        shared_people.n_shared,
        shared_people.n_together,
        missed_applications.n_missing,
        spellings.n_holders,
        missed.n_holders as n_holders_of_missed,
        spellings.is_modelled as is_spelling_modelled,
        population.n_people,
        cast(
            cast(shared_people.n_shared as {{ dbt.type_numeric() }})
            / missed_applications.n_missing as numeric(7, 6)
        ) as missing_share,
        cast(
            cast(shared_people.n_shared as {{ dbt.type_numeric() }})
            / spellings.n_holders as numeric(7, 6)
        ) as holder_share,
        cast(
            cast(shared_people.n_shared as {{ dbt.type_numeric() }})
            / (missed_applications.n_missing + spellings.n_holders - shared_people.n_shared)
            as numeric(7, 6)
        ) as overlap_share,
        (
            translate(shared_people.application_id, '-_. /', '')
            = translate(shared_people.spelling, '-_. /', '')
        ) as is_same_letters
    from shared_people
    inner join missed_applications
        on shared_people.application_id = missed_applications.application_id
    inner join applications as missed on shared_people.application_id = missed.application_id
    inner join applications as spellings on shared_people.spelling = spellings.application_id
    cross join population

),

classified as (

    -- The right measure is one-sided: of those who miss the one, how many hold the other. What is
    -- split has no such name, but each of its parts is held by those who miss the whole. Holders
    -- beyond chance: of all people, fewer hold the one or miss the other.
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
            -- What they hold is no other name: most of its holders do not miss the application. But
            -- more of them hold it than of all people, by three standard deviations.
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

other_names as (

    select * from classified
    where suggestion_kind in ('alias', 'replacement')

),

names_in_question as (

    select application_id from other_names
    group by 1

    union

    select spelling as application_id from other_names
    group by 1

),

pairs as (

    select
        held.brid,
        held.application_id,
        held.reconciliation_status,
        held.is_granted
    from {{ ref('fct_access_reconciliation') }} as held
    inner join names_in_question
        on held.application_id = names_in_question.application_id
    where held.as_of_date = {{ as_of_date() }}

),

shared_sets as (

    select
        other_names.application_id,
        other_names.spelling,
        employees.persona_set_id
    from other_names
    inner join missing on other_names.application_id = missing.application_id
    inner join unexpected
        on
            other_names.spelling = unexpected.spelling
            and missing.brid = unexpected.brid
    inner join employees on missing.brid = employees.brid
    group by 1, 2, 3

),

contrasts as (

    -- Of those with the same personas who hold the application itself, few hold the other name as
    -- well: or it is only what all of them hold.
    select
        shared_sets.application_id,
        shared_sets.spelling,
        count(*) as n_same_holders,
        count(spelled.brid) as n_both
    from shared_sets
    inner join pairs as whole
        on shared_sets.application_id = whole.application_id and whole.is_granted
    inner join employees
        on
            whole.brid = employees.brid
            and shared_sets.persona_set_id = employees.persona_set_id
    left join pairs as spelled
        on
            shared_sets.spelling = spelled.application_id
            and whole.brid = spelled.brid
            and spelled.is_granted
    group by 1, 2

),

contrasted as (

    select other_names.*
    from other_names
    left join contrasts
        on
            other_names.application_id = contrasts.application_id
            and other_names.spelling = contrasts.spelling
    where
        coalesce(contrasts.n_same_holders, 0) < {{ var('cause_min_findings') }}
        or contrasts.n_both * 2 <= contrasts.n_same_holders * other_names.missing_share
        or other_names.is_same_letters

),

added_up as (

    -- People stand for one application each: once the best has taken the holders of a name, or
    -- those who miss an application, there are none left for another.
    select
        *,
        sum(n_shared) over (
            partition by spelling
            order by
                is_same_letters desc, overlap_share desc, application_id
            rows between unbounded preceding and current row
        ) as n_of_spelling,
        sum(n_shared) over (
            partition by application_id
            order by
                is_same_letters desc, overlap_share desc, spelling
            rows between unbounded preceding and current row
        ) as n_of_application
    from contrasted

),

suggested as (

    select * from added_up
    where n_of_spelling <= n_holders and n_of_application <= n_missing

    union all

    select
        classified.*,
        0 as n_of_spelling,
        0 as n_of_application
    from classified
    where classified.suggestion_kind = 'alternative'

),

set_requirements as (

    select
        persona_set_id,
        application_id,
        requirement
    from {{ ref('int_persona_set_requirements') }}
    where as_of_date = {{ as_of_date() }}

),

effects as (

    -- What an alias would do: the spelling's findings go, those who miss the application hold it,
    -- and whoever expects nothing of the kind holds it in excess.
    select
        suggested.application_id,
        suggested.spelling,
        count(*) filter (where spelled.reconciliation_status = 'excess')
        + count(*) filter (where whole.reconciliation_status = 'missing') as n_ending,
        count(*) filter (
            where whole.brid is null
            and set_requirements.requirement is distinct from 'optional'
            and (
                spelled.reconciliation_status = 'excess' or employees.unresolved_reason is null
            )
        ) as n_opening
    from suggested
    inner join pairs as spelled
        on suggested.spelling = spelled.application_id and spelled.is_granted
    left join pairs as whole
        on
            suggested.application_id = whole.application_id
            and spelled.brid = whole.brid
    left join employees on spelled.brid = employees.brid
    left join set_requirements
        on
            suggested.application_id = set_requirements.application_id
            and employees.persona_set_id = set_requirements.persona_set_id
    group by 1, 2

),

suggested_before as (

    select
        application_id,
        spelling,
        min(as_of_date) as first_suggested_date,
        count(*) as n_weeks
    from {{ this }}
    where as_of_date < {{ as_of_date() }}
    group by 1, 2

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        suggested.application_id,
        suggested.spelling,
        suggested.suggestion_kind,
        case
            when
                count(*) over (
                    partition by suggested.application_id, suggested.suggestion_kind = 'alternative'
                ) > 1
                then 'split'
            when
                count(*) over (
                    partition by suggested.spelling, suggested.suggestion_kind = 'alternative'
                ) > 1
                then 'merge'
            else 'one_to_one'
        end as suggestion_shape,
        cast(suggested.n_missing as {{ dbt.type_bigint() }}) as n_missing,
        cast(suggested.n_holders as {{ dbt.type_bigint() }}) as n_holders,
        cast(suggested.n_shared as {{ dbt.type_bigint() }}) as n_shared,
        suggested.missing_share,
        suggested.holder_share,
        suggested.overlap_share,
        suggested.is_same_letters,
        cast(effects.n_ending as {{ dbt.type_bigint() }}) as n_ending,
        cast(effects.n_opening as {{ dbt.type_bigint() }}) as n_opening,
        coalesce(suggested_before.first_suggested_date, {{ as_of_date() }})
            as first_suggested_date,
        cast(coalesce(suggested_before.n_weeks, 0) + 1 as {{ dbt.type_int() }})
            as n_weeks_suggested
    from suggested
    left join effects
        on
            suggested.application_id = effects.application_id
            and suggested.spelling = effects.spelling
    left join suggested_before
        on
            suggested.application_id = suggested_before.application_id
            and suggested.spelling = suggested_before.spelling

)

select * from described
