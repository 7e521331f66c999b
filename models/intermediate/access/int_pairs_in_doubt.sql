with

identified as (

    select * from {{ ref('int_registry_rows_identified') }}

),

stood_before as (

    select * from {{ ref('int_access_stood_before') }}

),

vanished as (

    select * from stood_before
    where not is_readable_now

),

new_directory_names as (

    -- A name that existed before is a separate account.
    select
        directory_names.brid,
        directory_names.application_id,
        directory_names.account_id
    from {{ ref('int_directory_names_new') }} as directory_names
    left join stood_before
        on
            directory_names.brid = stood_before.brid
            and directory_names.application_id = stood_before.application_id
    where stood_before.brid is null

),

pairs_in_doubt as (

    -- By the keys of the row: the pair, a BRID, an application or none. Each has its own join, or
    -- an engine would compare all rows with all pairs.
    {% for named in [['brid', 'application_id'], ['brid'], ['application_id'], []] %}
        select
            vanished.brid,
            vanished.application_id,
            {{ 'true' if named | length == 2 else 'false' }} as is_row_named
        from vanished
        {% if named %}
            inner join identified
                on
                    {% for key in named %}
                        {{ 'and ' if not loop.first }}vanished.{{ key }} = identified.{{ key }}
                    {% endfor %}
        {% else %}
            cross join identified
        {% endif %}
        where
            (identified.is_new or vanished.was_presumed)
            {% for key in ['brid', 'application_id'] if key not in named %}
                {{ 'and vanished.is_read_lately' if loop.first }}
                and identified.{{ key }} is null
            {% endfor %}

        union

    {% endfor %}
    select
        vanished.brid,
        vanished.application_id,
        false as is_row_named
    from vanished
    inner join new_directory_names as named
        on
            vanished.application_id = named.application_id
            and (
                vanished.account_id = named.account_id
                or right(named.brid, length(vanished.brid) + 1) in (
                    chr(92) || vanished.brid, ')' || vanished.brid, ' ' || vanished.brid
                )
                or left(named.brid, length(vanished.brid) + 1) in (
                    vanished.brid || '@', vanished.brid || '(', vanished.brid || ' '
                )
                or named.brid in ('#' || vanished.brid, vanished.brid || '$')
            )

)

select * from pairs_in_doubt
