{{ config(tags='macro_unit_test') }}
{%- set texts = {
    "It's the person's own.": 22,
    'C:\\new\\table': 12,
    'two\nlines': 9,
    "\\'": 2,
} %}

with

cases (written, expected_length) as (

    values
    {%- for text, length in texts.items() %}
    ({{ text_literal(text) }}, {{ length }}){{ ',' if not loop.last }}
    {%- endfor %}

),

differing as (

    -- A character that the engine reads as part of an escape would be missing.
    select * from cases
    where length(written) <> expected_length or {{ text_literal(none) }} is not null

)

select * from differing
