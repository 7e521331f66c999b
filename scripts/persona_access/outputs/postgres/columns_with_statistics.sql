select attname
from pg_attribute
where
    attrelid = {{ part.table }}::regclass
    and attnum > 0
    and not attisdropped
    and coalesce(attstattarget, -1) <> -1
