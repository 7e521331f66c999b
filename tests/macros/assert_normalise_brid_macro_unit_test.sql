{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected) as (

    values
    -- One BRID in many spellings.
    ('123', '123'),
    ('00123', '123'),
    ('B123', '123'),
    (' b123 ', '123'),
    ('B00123', '123'),
    (chr(160) || '123' || chr(9), '123'),
    -- Zero is an id, too.
    ('0', '0'),
    ('B000', '0'),
    -- Zeros in the middle and at the end belong to the id.
    ('10200', '10200'),
    -- Other ids are text; only a single B before digits is decoration.
    ('bb123', 'BB123'),
    ('b', 'B'),
    ('B12X', 'B12X'),
    ('svc-backup_01.prod', 'SVC-BACKUP_01.PROD'),
    ('0A1', '0A1'),
    ('a1e5', 'A1E5'),
    -- A number that a spreadsheet changed is rejected, never guessed.
    ('1.23E+5', null),
    ('1.23E5', null),
    ('1.23e-5', null),
    ('1E+05', null),
    ('123E5', null),
    ('123e-5', null),
    ('123.0', null),
    ('123.', null),
    ('1,234', null),
    ('-123', null),
    ('+123', null),
    -- Empty text, and characters that no id has.
    ('', null),
    ('  ', null),
    (null, null),
    ('12 34', null),
    ('#N/A', null),
    ('123;456', null),
    ('_', null),
    ('jos' || chr(233), null),
    -- A line break at the end makes it invalid, and so do letters whose capitals are two ASCII
    -- letters.
    ('123' || chr(10), null),
    ('B12X' || chr(10), null),
    ('straße', null),
    ('ﬁ12', null)

),

computed as (

    select
        *,
        {{ normalise_brid('delivered') }} as actual,
        {{ default__normalise_brid('delivered') }} as actual_elsewhere
    from cases

),

differing as (

    select * from computed
    where
        actual is distinct from expected
        or actual_elsewhere is distinct from expected

)

select * from differing
