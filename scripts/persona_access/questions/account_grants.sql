-- Each account with its first grant, and whether HR knows its BRID.
select
    grants.brid,
    coalesce(nullif(grants.account_id, ''), grants.brid) as account_id,
    min(grants.granted_date) as granted_date,
    employees.brid is not null as is_known
from intermediate.int_grants as grants
left join marts.dim_employees as employees on grants.brid = employees.brid
where grants.brid is not null
group by all
order by 1, 2
