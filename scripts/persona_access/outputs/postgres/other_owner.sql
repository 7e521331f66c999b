select
    nspowner::regrole::text,
    current_user
from pg_namespace
where nspname = {{ part.schema }} and nspowner <> current_user::regrole
