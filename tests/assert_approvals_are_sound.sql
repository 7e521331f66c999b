-- One rule for the approvals of all seeds: by a person whom HR knows, on a day that is not in the
-- future.
{% set seeds = {
    'mapping_rules': "rule_id || ' v' || rule_version",
    'persona_overrides': 'override_id',
    'application_aliases': 'application_spelling',
    'waivers': 'waiver_id',
    'non_human_accounts': 'brid',
    'retired_applications': 'application_spelling',
    'persona_owners': 'persona_id',
    'review_delegates': 'reviewer_brid',
    'exception_policy': 'policy_id',
    'review_campaigns': 'campaign_id',
    'cause_snoozes': 'cause_id',
    'proposal_rejections': 'proposal_id',
    'account_owners': 'account_brid',
    'persona_feedback': "brid || ' ' || persona_id",
    'sod_rules': 'sod_rule_id',
    'sod_mitigations': "sod_rule_id || ' ' || brid",
    'persona_list_amendments': "persona_id || ' ' || application_spelling",
} %}

with

decisions as (

    {% for seed, id in seeds.items() %}
        {% if not loop.first %}union all{% endif %}
        select
            '{{ seed }}' as seed_name,
            {{ id }} as decision_id,
            approved_by,
            approved_on
        from {{ ref('stg_decisions__' ~ seed) }}
        where is_in_force
    {% endfor %}

),

sightings as (

    select * from {{ ref('int_employee_sightings') }}

),

people as (

    select brid from sightings
    group by 1

),

employees as (

    select * from {{ ref('int_employees') }}

),

employee_weeks as (

    select * from {{ ref('int_employee_weeks') }}

),

newest_file as (

    select max(extract_date) as extract_date
    from {{ ref('stg_loader__loads') }}
    where load_status = 'loaded'

),

approvals as (

    select
        approved_by,
        approved_on
    from decisions
    group by 1, 2

),

headcount_dates as (

    select as_of_date from employee_weeks
    group by 1

),

dated as (

    select
        approvals.approved_by,
        approvals.approved_on,
        max(headcount_dates.as_of_date) as known_date
    from approvals
    left join headcount_dates on approvals.approved_on > headcount_dates.as_of_date
    group by 1, 2

),

approvals_of_leavers as (

    -- By the date that HR gives, or by the headcount before that day. A person who left afterwards
    -- was entitled to approve, and so is a person who came back in between.
    select
        dated.approved_by,
        dated.approved_on
    from dated
    left join employees on dated.approved_by = employees.brid
    left join sightings
        on
            dated.approved_by = sightings.brid
            and dated.known_date >= sightings.as_of_date
    left join employee_weeks
        on
            dated.approved_by = employee_weeks.brid
            and dated.known_date = employee_weeks.as_of_date
    where
        case
            when employees.is_employed and employees.hire_date > dated.known_date
                then employees.hire_date > dated.approved_on
            when employees.employment_state = 'ended' and employees.termination_date is not null
                then employees.termination_date < dated.approved_on
            else
                employee_weeks.employment_state = 'ended'
                or (sightings.brid is not null and employee_weeks.brid is null)
        end

),

checked as (

    -- Models do not read the clock; an approval a month after the newest file is in the future.
    select
        decisions.seed_name,
        decisions.decision_id,
        case
            when people.brid is null or approvals_of_leavers.approved_by is not null
                then 'approved_by'
            else 'approved_on'
        end as column_name,
        case
            when people.brid is null or approvals_of_leavers.approved_by is not null
                then decisions.approved_by
            else cast(decisions.approved_on as {{ dbt.type_string() }})
        end as value_found,
        case
            when people.brid is null
                then 'HR has never had this BRID, so nobody answers for the decision.'
            when approvals_of_leavers.approved_by is not null
                then 'This person had left before the day of the approval.'
            when
                {{ dbt.datediff('newest_file.extract_date', 'decisions.approved_on', 'day') }} > 31
                then 'That day is still to come.'
        end as reason
    from decisions
    cross join newest_file
    left join people on decisions.approved_by = people.brid
    left join approvals_of_leavers
        on
            decisions.approved_by = approvals_of_leavers.approved_by
            and decisions.approved_on = approvals_of_leavers.approved_on

),

unsound as (

    select * from checked
    where reason is not null

)

select * from unsound
