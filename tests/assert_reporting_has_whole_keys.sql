{{ config(tags=['key']) }}

{{ broken_keys([
    ref('rpt_applications'),
    ref('rpt_cost_centers'),
    ref('rpt_finding_ages'),
    ref('rpt_finding_causes'),
    ref('rpt_finding_changes'),
    ref('rpt_finding_priorities'),
    ref('rpt_finding_weeks'),
    ref('rpt_findings'),
    ref('rpt_item_answers'),
    ref('rpt_method_disagreements'),
    ref('rpt_people'),
    ref('rpt_persona_cost_centers'),
    ref('rpt_persona_requirements'),
    ref('rpt_personas'),
    ref('rpt_pretrained_mappings'),
    ref('rpt_quarantine_reasons'),
    ref('rpt_reviewed_personas'),
    ref('rpt_week_figures'),
    ref('rpt_week_spikes'),
    ref('rpt_work_list_items'),
]) }}
