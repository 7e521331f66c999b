select
    class.relname,
    jsonb_build_array(
        class.relkind, class.relowner, class.relrowsecurity, class.relforcerowsecurity,
        class.relhasrules, class.relhastriggers,
        (
            select
                jsonb_agg(jsonb_build_array(
                    attname, format_type(atttypid, atttypmod), attnotnull, attstattarget
                ) order by attnum)
            from pg_attribute
            where attrelid = class.oid and attnum > 0
        ),
        (
            select jsonb_agg(jsonb_build_array(indisunique, indkey::text) order by indkey::text)
            from pg_index
            where indrelid = class.oid
        ),
        (
            select
                jsonb_agg(jsonb_build_array(
                    polname, polcmd, polpermissive, polroles::text, pg_get_expr(polqual, polrelid)
                ) order by polname)
            from pg_policy
            where polrelid = class.oid
        )
    )::text
from pg_class as class
where class.relnamespace = {{ part.schema }} and class.relkind <> 'i'
