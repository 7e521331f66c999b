-- What each seed asks of its rows. Seeds, not staging, are read: staging turns what it cannot read
-- into null, and the message has to show what somebody wrote.
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

with

people as (

    {% for seed, asks in seeds.items() %}
        {% set seed_loop = loop %}
        {% for column in asks.brids + (asks.holders or []) %}
            select
                '{{ seed }}' as seed_name,
                {{ asks.id }} as decision_id,
                '{{ column }}' as column_name,
                {{ column }} as value_found,
                {{ (column in (asks.holders or [])) | lower }} as is_holder,
                {{ (column in asks.may_not_approve) | lower }} as may_not_approve,
                {{ clean_text(column) }} as person,
                {{ clean_text('approved_by') }} as approver,
                approved_by
            from {{ ref(seed) }}
            {% if not (loop.last and seed_loop.last) %}union all{% endif %}
        {% endfor %}
    {% endfor %}

),

people_read as (

    select
        *,
        {{ normalise_brid('person') }} as brid,
        {{ normalise_holder('person') }} as holder,
        {{ normalise_brid('approver') }} as approver_brid
    from people

),

faults as (

    {% for seed, asks in seeds.items() %}
        {% for column in asks.required + ['approved_by', 'approved_on', 'rationale'] %}
            select
                '{{ seed }}' as seed_name,
                {{ asks.id }} as decision_id,
                '{{ column }}' as column_name,
                cast(null as {{ dbt.type_string() }}) as value_found,
                'It is empty.' as reason
            from {{ ref(seed) }}
            where {{ clean_text("cast(" ~ column ~ " as " ~ dbt.type_string() ~ ")") }} is null

            union all

        {% endfor %}
        {% for column, words in (asks.words or {}).items() %}
            select
                '{{ seed }}' as seed_name,
                {{ asks.id }} as decision_id,
                '{{ column }}' as column_name,
                {{ column }} as value_found,
                'It is not one of {{ words | join(', ') }}.' as reason
            from {{ ref(seed) }}
            where
                {{ to_word(clean_text(column)) }}
                not in ('{{ words | join("', '") }}') -- noqa: LT05

            union all

        {% endfor %}
        {% if asks.is_id_unique %}
            select
                '{{ seed }}' as seed_name,
                {{ asks.id }} as decision_id,
                '{{ asks.required[0] }}' as column_name,
                {{ asks.id }} as value_found,
                'Another row bears the same id.' as reason
            from {{ ref(seed) }}
            group by 2
            having count(*) > 1

            union all

        {% endif %}
        select
            '{{ seed }}' as seed_name,
            {{ asks.id }} as decision_id,
            'valid_to' as column_name,
            cast(valid_to as {{ dbt.type_string() }}) as value_found,
            'It lies before valid_from.' as reason
        from {{ ref(seed) }}
        where valid_to < valid_from
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

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
    where person is not null and case when is_holder then holder else brid end is null

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
