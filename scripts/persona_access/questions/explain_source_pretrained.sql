select
    mapping_id as mapping,
    looks_at,
    management_level,
    cost_center,
    cost_center_prefix,
    department,
    job_title,
    worker_type,
    manager_brid as manager,
    explanation as why,
    hits,
    support,
    confidence,
    assured_precision,
    assurance_group as people_like_these,
    runner_up_persona_id as runner_up,
    learned_until_date as learned_until,
    training_id as training
from marts.dim_pretrained_mappings
where mapping_id = {{ parameter.source_id }}
