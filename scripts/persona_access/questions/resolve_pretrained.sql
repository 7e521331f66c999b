select
    suggestion_rank as place,
    persona_id as persona,
    confidence,
    assured_precision,
    support,
    hits,
    candidate_outcome as outcome,
    mapping_id as mapping
from intermediate.int_pretrained_candidates
order by suggestion_rank
