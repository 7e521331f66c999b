with

applications as (

    select * from {{ ref('dim_applications') }}

),

counts as (

    select * from {{ ref('fct_reconciliation_by_application') }}
    where as_of_date = {{ as_of_date() }}

),

employees as (

    select
        brid,
        full_name
    from {{ ref('dim_employees') }}

),

joined as (

    select
        application_id,
        applications.application_name,
        applications.owner_brid,
        applications.is_in_iam,
        applications.is_known,
        applications.is_modelled,
        applications.n_personas,
        applications.n_holders,
        {% for name in status_count_names() %}
            counts.{{ name }},
        {% endfor %}
        counts.match_rate
    from applications
    full join counts using (application_id)

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        joined.application_id,
        joined.application_name,
        joined.owner_brid,
        employees.full_name as owner_name,
        joined.is_in_iam,
        joined.is_known,
        joined.is_modelled,
        joined.n_personas,
        joined.n_holders,
        {% for name in status_count_names() %}
            joined.{{ name }},
        {% endfor %}
        joined.match_rate,
        {{ excess_rate('joined') }} as excess_rate
    from joined
    left join employees on joined.owner_brid = employees.brid

)

select * from described
