with

findings as (

    select
        brid,
        application_id,
        finding_type,
        opened_date,
        reconciliation_reason,
        coalesce(is_privileged, false) as is_privileged,
        due_date,
        reviewer_brid,
        coalesce(reviewer_role, 'nobody') as reviewer_role,
        concat_ws(
            ':', brid, application_id, finding_type,
            cast(opened_date as {{ dbt.type_string() }})
        ) as item_id
    from {{ ref('fct_finding_weeks') }}
    where
        as_of_date = {{ as_of_date() }}
        and finding_state = 'open'
        and disposition = 'open'

),

certifications_listed as (

    select * from {{ ref('int_certification_items') }}

),

application_reviewers as (

    select * from {{ ref('int_application_reviewers') }}

),

{{ registry_extracts() }},

reassignments as (

    select
        item_id,
        reviewer_brid,
        new_reviewer_brid
    from {{ ref('int_review_answers') }}
    where is_newest and decision = 'not_mine'

),

handed_to as (

    -- Whoever was given an item may hand it on; int_review_answers says how often, and never back.
    select
        reassignments.item_id,
        reassignments.reviewer_brid,
        coalesce(
            {% for step in range(var('reassignments_allowed') - 1, 0, -1) %}
                after_{{ step }}.new_reviewer_brid,
            {% endfor %}
            reassignments.new_reviewer_brid
        ) as new_reviewer_brid
    from reassignments
    {% for step in range(1, var('reassignments_allowed')) %}
        {% set before = 'reassignments' if loop.first else 'after_' ~ (step - 1) %}
        left join reassignments as after_{{ step }}
            on
                reassignments.item_id = after_{{ step }}.item_id
                and {{ before }}.new_reviewer_brid = after_{{ step }}.reviewer_brid
    {% endfor %}

),

findings_listed as (

    -- An owner who is the reviewer, too, gets the finding once; one without either is nobody's.
    select
        item_id,
        'finding' as item_kind,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        is_privileged,
        due_date,
        reviewer_brid,
        reviewer_role
    from findings

    union all

    select
        findings.item_id,
        'finding' as item_kind,
        null as campaign_id,
        findings.brid,
        findings.application_id,
        findings.finding_type,
        findings.reconciliation_reason,
        findings.is_privileged,
        findings.due_date,
        application_reviewers.reviewer_brid,
        'application_owner' as reviewer_role
    from findings
    inner join application_reviewers
        on findings.application_id = application_reviewers.application_id
    where
        -- Nobody reviews their own access.
        application_reviewers.reviewer_brid <> findings.brid
        and application_reviewers.reviewer_brid <> coalesce(findings.reviewer_brid, '')

),

listed as (

    select * from findings_listed

    union all

    select * from certifications_listed

),

handed_on as (

    select
        listed.item_id,
        listed.item_kind,
        listed.campaign_id,
        listed.brid,
        listed.application_id,
        listed.finding_type,
        listed.reconciliation_reason,
        listed.is_privileged,
        listed.due_date,
        coalesce(handed_to.new_reviewer_brid, listed.reviewer_brid) as reviewer_brid,
        case
            when handed_to.new_reviewer_brid is not null then 'reassigned'
            else listed.reviewer_role
        end as reviewer_role
    from listed
    left join handed_to
        on
            listed.item_id = handed_to.item_id
            and listed.reviewer_brid = handed_to.reviewer_brid

),

ranked as (

    select
        *,
        row_number() over (
            partition by item_id, reviewer_brid
            order by case reviewer_role when 'application_owner' then 0 else 1 end, reviewer_role
        ) as role_rank
    from handed_on

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        ranked.reviewer_brid,
        ranked.reviewer_role,
        ranked.item_id,
        ranked.item_kind,
        ranked.campaign_id,
        ranked.brid,
        ranked.application_id,
        ranked.finding_type,
        ranked.reconciliation_reason,
        ranked.is_privileged,
        ranked.due_date,
        extracts.load_id as registry_load_id
    from ranked
    cross join extracts
    where ranked.role_rank = 1

)

select * from described
