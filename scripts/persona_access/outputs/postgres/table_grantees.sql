select distinct grantee::regrole::text
from pg_class, aclexplode(relacl)
where pg_class.oid = {{ part.table }}::regclass and grantee <> relowner
union
select distinct grantee::regrole::text
from pg_attribute, aclexplode(attacl)
where attrelid = {{ part.table }}::regclass and grantee <> current_user::regrole
