update faults
set
    reason = 'label_row',
    message = {{ parameter.message }},
    brid = null,
    application_id = null,
    account_id = null
where row_number = {{ parameter.row_number }}
