select
    purpose,
    owner_brid as owner,
    valid_from,
    valid_to,
    approved_by,
    rationale
from marts.dim_exceptions
where exception_kind = 'non_human_account' and brid = {{ parameter.brid }}
order by valid_from
