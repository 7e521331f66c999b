select distinct reader.rolname
from pg_roles as reader
inner join pg_roles as other on pg_has_role(reader.oid, other.oid, 'member')
where
    not reader.rolsuper
    and reader.oid <> current_user::regrole
    and (
        other.rolsuper or other.rolbypassrls or other.rolcreaterole or other.rolreplication
        or other.oid = current_user::regrole
        or other.rolname in (
            'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'
        )
    )
    and exists (
        select from unnest({{ part.roles }}::text[]) as served (role)
        where pg_has_role(reader.oid, served.role, 'member')
    )
order by 1
