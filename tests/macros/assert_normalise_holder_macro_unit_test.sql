{{ config(tags='macro_unit_test') }}
with

cases (delivered, expected) as (

    values
    -- Every BRID is a holder.
    ('B00123', '123'),
    ('svc-backup_01.prod', 'SVC-BACKUP_01.PROD'),
    -- Names of a directory. Spark reads a backslash in a literal as an escape character.
    ('CORP' || chr(92) || 'svc-backup', 'CORP' || chr(92) || 'SVC-BACKUP'),
    ('svc.backup@bank.example', 'SVC.BACKUP@BANK.EXAMPLE'),
    ('gmsa_web$', 'GMSA_WEB$'),
    ('Dupont Jerome', 'DUPONT JEROME'),
    ('S-1-5-21-900-800', 'S-1-5-21-900-800'),
    ('CN=Dupont/OU=IT', 'CN=DUPONT/OU=IT'),
    ('.' || chr(92) || 'admin', '.' || chr(92) || 'ADMIN'),
    ('#svc-backup', '#SVC-BACKUP'),
    ('Backup (svc)', 'BACKUP (SVC)'),
    ('(svc) Backup', '(SVC) BACKUP'),
    (
        '{0a1b2c3d-0000-4000-8000-0123456789ab}',
        '{0A1B2C3D-0000-4000-8000-0123456789AB}'
    ),
    -- Numbers that a spreadsheet or a data frame changed.
    ('1001.0', null),
    ('1.00E+03', null),
    ('1,001', null),
    ('10 01', null),
    ('''1001', null),
    ('="1001"', null),
    ('+1001', null),
    -- Empty text, and characters that no name has.
    ('#N/A', null),
    ('#NV', null),
    ('#REF!', null),
    ('########', null),
    ('.' || chr(92), null),
    ('{1001}', null),
    ('#1001', null),
    ('-', null),
    ('a|b', null),
    ('', null),
    (null, null)

),

computed as (

    select
        *,
        {{ normalise_holder('delivered') }} as actual,
        {{ default__normalise_holder('delivered') }} as actual_elsewhere
    from cases

),

differing as (

    select * from computed
    where
        actual is distinct from expected
        or actual_elsewhere is distinct from expected

)

select * from differing
