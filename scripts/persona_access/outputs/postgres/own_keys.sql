create policy own_keys on {{ part.table }}
for select to {{ part.roles }}
using (
    login = current_user
    and cast(now() at time zone 'UTC' as date)
    between valid_from and coalesce(valid_to, 'infinity')
)
