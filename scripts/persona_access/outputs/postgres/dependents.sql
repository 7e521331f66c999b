-- Views and functions outside the schema that read its tables, and whether they expose rows.
with recursive

tables as (

    select oid
    from pg_class
    where relnamespace = {{ part.schema }}::regnamespace and relname = any({{ part.tables }})

),

-- `union`, since two views may read each other's tables.
dependents as (

    select
        pg_rewrite.ev_class as oid,
        pg_depend.refobjid as of_table
    from pg_depend
    inner join pg_rewrite
        on pg_depend.classid = 'pg_rewrite'::regclass and pg_depend.objid = pg_rewrite.oid
    inner join tables on pg_depend.refobjid = tables.oid
    where pg_rewrite.ev_class not in (select served.oid from tables as served)

    union

    select
        pg_rewrite.ev_class,
        dependents.of_table
    from dependents
    inner join pg_depend on dependents.oid = pg_depend.refobjid
    inner join pg_rewrite
        on pg_depend.classid = 'pg_rewrite'::regclass and pg_depend.objid = pg_rewrite.oid
    where pg_rewrite.ev_class <> dependents.oid

)

select distinct
    format('%%I.%%I of %%s', namespace.nspname, class.relname, class.relowner::regrole),
    read.relname,
    not coalesce(
        class.relkind = 'v'
        and class.reloptions && array['security_invoker=true', 'security_invoker=on'],
        false
    ) and exists (
        select from aclexplode(class.relacl)
        where grantee <> class.relowner
    )
from dependents
inner join pg_class as class on dependents.oid = class.oid
inner join pg_class as read on dependents.of_table = read.oid
inner join pg_namespace as namespace on class.relnamespace = namespace.oid

union

select distinct
    format('%%I.%%I() of %%s', namespace.nspname, proc.proname, proc.proowner::regrole),
    read.relname,
    proc.prosecdef
from pg_depend
inner join tables on pg_depend.refobjid = tables.oid
inner join pg_class as read on tables.oid = read.oid
inner join pg_proc as proc
    on pg_depend.classid = 'pg_proc'::regclass and pg_depend.objid = proc.oid
inner join pg_namespace as namespace on proc.pronamespace = namespace.oid
order by 1
