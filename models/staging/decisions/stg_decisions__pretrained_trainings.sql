with

source as (

    select * from {{ ref('pretrained_trainings') }}

),

renamed as (

    select
        {{ clean_text('training_id') }} as training_id,
        data_date,
        first_extract_date,
        n_extracts,
        n_people,
        n_personas,
        {{ clean_text('inputs_sha256') }} as inputs_sha256,
        {{ clean_text('settings') }} as settings,
        {{ clean_text('learner_version') }} as learner_version,
        -- A training of an earlier release measured no newcomers: anyone who joined after it is
        -- one.
        coalesce(newcomers_since, data_date) as newcomers_since,
        newcomers_until
    from source

)

select * from renamed
