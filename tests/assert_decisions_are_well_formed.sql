-- The requirements of each seed for its rows. The test reads seeds, not staging: staging turns
-- unreadable values into null, and the message must show the original value.
{% set seeds = {
    'mapping_rules': {
        'id': "rule_id || ' v' || rule_version",
        'required': [
            'rule_id', 'rule_version', 'effect', 'management_level', 'cost_center', 'persona_id',
            'owner', 'author',
        ],
        'brids': ['owner', 'author', 'approved_by'],
        'may_not_approve': ['author'],
        'is_id_unique': true,
    },
    'persona_overrides': {
        'id': 'override_id',
        'required': ['override_id', 'brid', 'persona_id', 'requested_by'],
        'brids': ['brid', 'requested_by', 'approved_by'],
        'may_not_approve': ['brid', 'requested_by'],
        'is_id_unique': true,
    },
    'application_aliases': {
        'id': 'alias',
        'required': ['alias', 'application_id'],
        'brids': ['approved_by'],
        'may_not_approve': [],
        'is_id_unique': false,
    },
    'waivers': {
        'id': 'waiver_id',
        'required': ['waiver_id', 'brid', 'application_id', 'valid_to', 'requested_by'],
        'brids': ['requested_by', 'approved_by'],
        'holders': ['brid'],
        'may_not_approve': ['brid', 'requested_by'],
        'is_id_unique': true,
    },
    'retired_applications': {
        'id': 'application_id',
        'required': ['application_id', 'requested_by'],
        'brids': ['requested_by', 'approved_by'],
        'may_not_approve': ['requested_by'],
        'is_id_unique': false,
    },
    'non_human_accounts': {
        'id': 'brid',
        'required': ['brid', 'purpose', 'owner_brid'],
        'brids': ['owner_brid', 'approved_by'],
        'holders': ['brid'],
        'may_not_approve': ['owner_brid'],
        'is_id_unique': false,
    },
    'persona_feedback': {
        'id': "brid || ' ' || persona_id",
        'required': ['brid', 'persona_id', 'verdict', 'requested_by'],
        'brids': ['brid', 'requested_by', 'approved_by'],
        'may_not_approve': ['brid', 'requested_by'],
        'is_id_unique': false,
        'words': {'verdict': ['confirmed', 'rejected']},
    },
    'cause_snoozes': {
        'id': 'cause_id',
        'required': ['cause_id', 'valid_to', 'requested_by'],
        'brids': ['requested_by', 'approved_by'],
        'may_not_approve': ['requested_by'],
        'is_id_unique': false,
    },
    'account_owners': {
        'id': 'account_brid',
        'required': ['account_brid', 'owner_brid', 'requested_by'],
        'brids': ['owner_brid', 'requested_by', 'approved_by'],
        'may_not_approve': ['requested_by', 'owner_brid'],
        'is_id_unique': true,
    },
    'proposal_rejections': {
        'id': 'proposal_id',
        'required': ['proposal_id', 'support', 'requested_by'],
        'brids': ['requested_by', 'approved_by'],
        'may_not_approve': ['requested_by'],
        'is_id_unique': false,
    },
    'sod_rules': {
        'id': 'sod_rule_id',
        'required': ['sod_rule_id', 'sod_rule_name', 'severity', 'owner_brid', 'requested_by'],
        'brids': ['owner_brid', 'requested_by', 'approved_by'],
        'may_not_approve': ['requested_by'],
        'is_id_unique': true,
        'words': {'severity': ['critical', 'high', 'medium', 'low']},
    },
    'sod_mitigations': {
        'id': "sod_rule_id || ' ' || brid",
        'required': ['sod_rule_id', 'brid', 'mitigating_control', 'valid_to', 'requested_by'],
        'brids': ['brid', 'requested_by', 'approved_by'],
        'may_not_approve': ['brid', 'requested_by'],
        'is_id_unique': false,
    },
    'persona_list_amendments': {
        'id': "persona_id || ' ' || application_id",
        'required': ['persona_id', 'application_id', 'requirement', 'requested_by'],
        'brids': ['requested_by', 'approved_by'],
        'may_not_approve': ['requested_by'],
        'is_id_unique': false,
    },
    'persona_owners': {
        'id': 'persona_id',
        'required': ['persona_id', 'owner_brid'],
        'brids': ['owner_brid', 'approved_by'],
        'may_not_approve': ['owner_brid'],
        'is_id_unique': false,
    },
    'review_delegates': {
        'id': 'reviewer_brid',
        'required': ['reviewer_brid', 'delegate_brid'],
        'brids': ['reviewer_brid', 'delegate_brid', 'approved_by'],
        'may_not_approve': ['delegate_brid'],
        'is_id_unique': false,
    },
    'exception_policy': {
        'id': 'policy_id',
        'required': [
            'policy_id', 'application_id', 'reconciliation_reason', 'is_privileged', 'approval',
        ],
        'brids': ['approved_by'],
        'may_not_approve': [],
        'is_id_unique': true,
        'words': {
            'approval': ['reviewer', 'application_owner', 'never'],
            'is_privileged': ['*', 'true', 'false'],
        },
    },
    'review_campaigns': {
        'id': 'campaign_id',
        'required': ['campaign_id', 'scope', 'reviewer_role', 'valid_from', 'due_date', 'valid_to'],
        'brids': ['approved_by'],
        'may_not_approve': [],
        'is_id_unique': true,
        'words': {
            'scope': ['privileged', 'application', 'dormant', 'all'],
            'reviewer_role': ['manager', 'application_owner'],
        },
    },
} %}

{#- Each column with a requirement: whom it can name, and whether it can be empty. -#}
{% set asked = [] %}
{% for seed, asks in seeds.items() %}
    {% set people = asks.brids + (asks.holders or []) %}
    {% set required = asks.required + ['approved_by', 'approved_on', 'rationale'] %}
    {% set worded = (asks.words or {}).keys() | list %}
    {% for column in (required + people + worded + ['valid_to']) | unique %}
        {% do asked.append("('" ~ [
            seed, column, column in required, column in people, column in (asks.holders or []),
            column in asks.may_not_approve, asks.is_id_unique and column == asks.required[0],
        ] | join("', '") ~ "')") %}
    {% endfor %}
{% endfor %}

with

asked_as_text as (

    select *
    from (
        values {{ asked | join(', ') }}
    ) as asked ( -- noqa: AL05
        seed_name, column_name, is_required, is_person, is_holder, may_not_approve, is_unique_id
    )

),

-- One row for each value: 14 scans and one cleaning, whereas a select for each column would need
-- 600 ms of planning.
written as (

    {% for seed, asks in seeds.items() %}
        {% set people = asks.brids + (asks.holders or []) %}
        {% set columns = asks.required + people + (asks.words or {}).keys() | list %}
        {% set columns = columns + ['approved_by', 'approved_on', 'rationale', 'valid_to'] %}
        select
            asked.seed_name,
            {{ asks.id }} as decision_id,
            asked.column_name,
            case asked.column_name
                {% for column in columns | unique %}
                    when '{{ column }}' then cast({{ column }} as {{ dbt.type_string() }})
                {% endfor %}
            end as value_found,
            seed.approved_by,
            asked.column_name = 'valid_to' and seed.valid_to < seed.valid_from as is_out_of_order,
            asked.is_required = 'True' as is_required,
            asked.is_person = 'True' as is_person,
            asked.is_holder = 'True' as is_holder,
            asked.may_not_approve = 'True' as may_not_approve,
            asked.is_unique_id = 'True' as is_unique_id
        from {{ ref(seed) }} as seed
        cross join asked_as_text as asked
        where asked.seed_name = '{{ seed }}'
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

cleaned as (

    select
        *,
        {{ clean_text('value_found') }} as cleaned_value,
        {{ clean_text('approved_by') }} as approver
    from written

),

people_read as (

    select
        *,
        {{ normalise_brid('cleaned_value') }} as brid,
        {{ normalise_holder('cleaned_value') }} as holder,
        {{ normalise_brid('approver') }} as approver_brid
    from cleaned
    where is_person and cleaned_value is not null

),

faults as (

    select
        seed_name,
        decision_id,
        column_name,
        cast(null as {{ dbt.type_string() }}) as value_found,
        'It is empty.' as reason
    from cleaned
    where is_required and cleaned_value is null

    union all

    {% for seed, asks in seeds.items() %}
        {% for column, words in (asks.words or {}).items() %}
            select
                seed_name,
                decision_id,
                column_name,
                value_found,
                'It is not one of {{ words | join(', ') }}.' as reason
            from cleaned
            where
                seed_name = '{{ seed }}'
                and column_name = '{{ column }}'
                and {{ to_word('cleaned_value') }} not in ('{{ words | join("', '") }}') -- noqa: LT05

            union all

        {% endfor %}
    {% endfor %}

    select
        seed_name,
        decision_id,
        column_name,
        decision_id as value_found,
        'Another row bears the same id.' as reason
    from written
    where is_unique_id
    group by seed_name, decision_id, column_name
    having count(*) > 1

    union all

    select
        seed_name,
        decision_id,
        column_name,
        value_found,
        'It lies before valid_from.' as reason
    from written
    where is_out_of_order

    union all

    select
        seed_name,
        decision_id,
        column_name,
        value_found,
        case
            when is_holder then 'It is neither a BRID nor a name of a directory.'
            else 'It is not a BRID.'
        end as reason
    from people_read
    where case when is_holder then holder else brid end is null

    union all

    select
        seed_name,
        decision_id,
        'approved_by' as column_name,
        approved_by as value_found,
        'It is the ' || column_name || ' too; somebody else must approve.' as reason
    from people_read
    where may_not_approve and approver_brid = brid

)

select * from faults
