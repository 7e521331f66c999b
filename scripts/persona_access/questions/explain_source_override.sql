select
    exception_id as override,
    requested_by,
    approved_by,
    approved_on,
    valid_from,
    valid_to,
    rationale
from marts.dim_exceptions
where exception_kind = 'persona_override' and exception_id = {{ parameter.source_id }}
