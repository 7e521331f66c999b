with

source as (

    select * from {{ source('reviews', 'review_decisions') }}
    where extract_date <= {{ as_of_date() }}

),

loads as (

    -- A killed load can leave rows that were never loaded.
    select
        load_id,
        batch
    from {{ ref('stg_loader__loads') }}
    where load_status = 'loaded'

),

renamed as (

    select
        concat_ws(
            ':', source.load_id, cast(source.row_number as {{ dbt.type_string() }})
        ) as decision_id,
        source.load_id,
        source.file_name,
        source.row_number,
        source.extract_date as answered_date,
        source.version,
        loads.batch,
        {{ landed_text('source.item_id') }} as item_id,
        {{ to_date('source.list_week') }} as list_week,
        {{ normalise_brid('source.reviewer_brid') }} as reviewer_brid,
        source.code_state,
        {{ to_word('source.decision', ['wrong_persona', 'not_mine']) }} as decision,
        {{ landed_text('source.decision_reason') }} as decision_reason,
        {{ to_date('source.keep_until') }} as keep_until,
        {{ landed_text('source.persona_id') }} as persona_id,
        {{ normalise_brid('source.new_reviewer_brid') }} as new_reviewer_brid,
        coalesce(
            {{ normalise_brid('source.decided_by') }}, {{ normalise_brid('source.reviewer_brid') }}
        ) as decided_by,
        -- A date without a time does not give the order. Releases before 0.2.0 accepted any text.
        case
            when
                {{ matches_fully(
                    "left(" ~ landed_text('source.decided_at') ~ ", 19)",
                    "[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9][ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
                ) }}
                then
                    cast(
                        replace(left({{ landed_text('source.decided_at') }}, 19), 'T', ' ')
                        as timestamp
                    )
        end as decided_at,
        {{ landed_text('source.ticket_number') }} as ticket_number,
        {{ landed_text('source.ticket_state') }} as ticket_state
    from source
    inner join loads on source.load_id = loads.load_id

)

select * from renamed
