-- One rule for the approvals of all seeds: somebody whom HR knows, on a day that has come.
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

people as (

    select brid from {{ ref('int_employee_sightings') }}
    group by 1

),

newest_file as (

    select max(extract_date) as extract_date
    from {{ ref('stg_loader__loads') }}
    where load_status = 'loaded'

),

checked as (

    -- No model knows today; what is approved a month after the newest file is not approved yet.
    select
        decisions.seed_name,
        decisions.decision_id,
        case when people.brid is null then 'approved_by' else 'approved_on' end as column_name,
        case
            when people.brid is null then decisions.approved_by
            else cast(decisions.approved_on as {{ dbt.type_string() }})
        end as value_found,
        case
            when people.brid is null
                then 'HR has never had this BRID, so nobody answers for the decision.'
            when
                {{ dbt.datediff('newest_file.extract_date', 'decisions.approved_on', 'day') }} > 31
                then 'That day is still to come.'
        end as reason
    from decisions
    cross join newest_file
    left join people on decisions.approved_by = people.brid

),

unsound as (

    select * from checked
    where reason is not null

)

select * from unsound
