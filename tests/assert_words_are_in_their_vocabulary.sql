{{ config(tags=['vocabulary']) }}

{{ unknown_words([
    ref('fct_account_candidates'),
    ref('fct_finding_causes'),
    ref('fct_finding_changes'),
    ref('fct_finding_weeks'),
    ref('fct_movements'),
    ref('fct_persona_assignments'),
    ref('fct_persona_suggestions'),
    ref('fct_residual_access'),
    ref('fct_review_decisions'),
    ref('fct_review_items'),
    ref('fct_root_causes'),
    ref('fct_rule_coverage'),
    ref('int_employees'),
    ref('stg_hr__employees'),
    ref('stg_personas__requirements'),
]) }}
