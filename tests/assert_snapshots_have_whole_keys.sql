{{ config(tags=['key']) }}

{{ broken_keys([
    ref('snap_headcount'),
    ref('snap_mapping_rules'),
    ref('snap_persona_assignments'),
    ref('snap_persona_list'),
    ref('snap_waivers'),
]) }}
