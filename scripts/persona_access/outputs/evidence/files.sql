-- The files that counted, and all other files for the days since the week before.
with

loads as (

    select * from raw.load_ledger

),

in_force as (

    select input_value from runs.week_inputs
    where invocation_id = {{ parameter.invocation_id }} and input_kind = 'file'

)

select
    loads.feed,
    coalesce(nullif(loads.source, ''), loads.feed) as source_system,
    nullif(loads.mapping_sha256, '') as mapping_sha256,
    loads.extract_date,
    loads.version,
    loads.load_status,
    in_force.input_value is not null as is_in_force,
    loads.file_name,
    loads.file_sha256,
    loads.file_bytes,
    loads.n_rows_read,
    loads.n_rows_loaded,
    loads.n_rows_quarantined,
    loads.is_restatement,
    loads.reason,
    loads.loaded_at,
    loads.loader_version,
    loads.load_id
from loads
left join in_force on loads.load_id = in_force.input_value
where
    in_force.input_value is not null
    or (
        loads.extract_date <= {{ parameter.week }}
        and loads.extract_date > coalesce({{ parameter.previous_week }}, date '0001-01-01')
    )
order by loads.feed, loads.load_id
