{{ config(tags=['key']) }}

{{ broken_keys([
    ref('dim_exceptions'),
    ref('fct_loads'),
]) }}
