{{ config(tags=['key']) }}

{{ broken_keys([
    ref('stg_decisions__application_aliases'),
    ref('stg_decisions__mapping_rules'),
    ref('stg_decisions__non_human_accounts'),
    ref('stg_decisions__persona_overrides'),
    ref('stg_decisions__persona_owners'),
    ref('stg_decisions__pretrained_mappings'),
    ref('stg_decisions__pretrained_trainings'),
    ref('stg_decisions__retired_applications'),
    ref('stg_decisions__waivers'),
    ref('stg_hr__employees'),
    ref('stg_iam__application_spellings'),
    ref('stg_iam__brid_spellings'),
    ref('stg_iam__grants'),
    ref('stg_loader__loads'),
    ref('stg_loader__previous_quarantined_rows'),
    ref('stg_loader__quarantined_rows'),
    ref('stg_personas__members'),
    ref('stg_personas__requirements'),
]) }}
