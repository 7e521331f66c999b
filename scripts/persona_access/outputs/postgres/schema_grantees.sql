select distinct grantee::regrole::text
from pg_namespace, aclexplode(nspacl)
where nspname = {{ part.schema }} and grantee <> nspowner
