-- Findings that opened or closed in the week, and whether the week has a new IAM registry file.
with

changes as (

    select * from reporting.rpt_finding_changes
    where as_of_date = {{ parameter.week }} and (finding_change = 'closed') = {{ part.is_closed }}

),

registries as (

    select
        invocation_id,
        as_of_date,
        started_at,
        string_agg(input_value, ' + ' order by input_name) as load_ids
    from runs.week_inputs
    where input_kind = 'file' and split_part(input_name, '/', 1) = 'iam_app_registry'
    group by invocation_id, as_of_date, started_at

),

registry as (

    select
        max(load_ids) filter (where invocation_id = {{ parameter.invocation_id }}) as load_id,
        arg_max(load_ids, started_at) filter (where as_of_date = {{ parameter.previous_week }})
            as previous_load_id
    from registries

),

joined as (

    select
        changes.*,
        registry.load_id as registry_load_id,
        (registry.load_id is distinct from registry.previous_load_id) as is_registry_fresh
    from changes
    cross join registry

)

select * exclude (as_of_date)
from joined
order by brid, application_id, finding_type
