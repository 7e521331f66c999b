select coalesce(relname, proname)
from pg_namespace
left join pg_class
    on
        relnamespace = pg_namespace.oid and relkind not in ('i', 't')
        and (relkind <> 'r' or relowner <> current_user::regrole)
left join pg_proc on pronamespace = pg_namespace.oid
where nspname = {{ part.schema }} and coalesce(relname, proname) is not null
order by 1
