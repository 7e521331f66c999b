"""The weekly job in local PySpark on two threads: the code for a cluster, without a cluster."""

import sys
from pathlib import Path

from pyspark.sql import SparkSession

drop_zone, prepared, out = (Path(sys.argv[at]) for at in (1, 3, 4))
date = sys.argv[2]

spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.driver.memory", "4g")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "8")
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)
for table in ("people", "memberships", "requirements", "aliases", "waivers"):
    spark.read.parquet(str(prepared / f"{table}.parquet")).createOrReplaceTempView(table)
spark.read.option("header", True).csv(
    str(drop_zone / f"iam_app_registry_{date}.csv")
).createOrReplaceTempView("grants")

answer = spark.sql(
    rf"""
with
spelt as (
    select
        upper(trim(brid)) as brid,
        coalesce(aliases.application_id, lower(trim(grants.application_id))) as application_id,
        application_name,
        coalesce(lower(trim(account_status)) = 'active', true)
        and coalesce(left(granted_date, 10) <= '{date}', true)
        and coalesce(left(expires_date, 10) >= '{date}', true) as is_counted
    from grants
    left join aliases on lower(trim(grants.application_id)) = aliases.spelling
),
known as (
    select application_id from spelt where application_name is not null
    union select application_id from requirements
    union select application_id from aliases
),
modelled as (select distinct application_id from requirements),
held as (
    select
        case
            when brid rlike '^B?[0-9]+$'
                then coalesce(nullif(ltrim('0', ltrim('B', brid)), ''), '0')
            when brid rlike '^[0-9]+[.]?[0-9]*(E[+-]?[0-9]+)?$' then null
            when brid rlike '^[A-Z0-9][A-Z0-9._-]*$' then brid
        end as brid,
        application_id,
        count(*) as n_grant_rows
    from spelt
    where is_counted
    group by 1, 2
),
expected as (
    select brid, application_id, max(requirement) as requirement
    from memberships inner join requirements using (persona_id)
    group by 1, 2
),
pairs as (
    select
        brid, application_id, requirement, coalesce(n_grant_rows, 0) as n_grant_rows
    from (select * from held where brid is not null) as held
    full join expected using (brid, application_id)
    where n_grant_rows is not null or requirement = 2
),
reasoned as (
    select
        pairs.*,
        waivers.brid is not null as is_waived,
        case when people.brid is null then 'never_seen' else people.orphan_detail end
            as orphan_detail,
        case
            when people.brid is null then 'orphan_account'
            when verdict is not null then verdict
            when n_grant_rows = 0 then 'never_granted'
            when requirement = 3 then 'prohibited_for_persona'
            when known.application_id is null then 'application_unknown'
            when requirement = 2 then 'mandatory'
            when requirement = 1 then 'optional'
            when unresolved_reason is not null then unresolved_reason
            when modelled.application_id is null then 'application_not_modelled'
            else 'never_expected'
        end as reconciliation_reason
    from pairs
    left join people on pairs.brid = people.brid
    left join known on pairs.application_id = known.application_id
    left join modelled on pairs.application_id = modelled.application_id
    left join waivers
        on pairs.brid = waivers.brid and pairs.application_id = waivers.application_id
),
classified as (
    select
        *,
        case
            when reconciliation_reason in ('mandatory', 'optional') then 'match'
            when reconciliation_reason = 'never_granted' then 'missing'
            when reconciliation_reason in (
                'orphan_account', 'leaver', 'early_access', 'prohibited_for_persona',
                'never_expected'
            ) then 'excess'
            else 'unassessed'
        end as reconciliation_status
    from reasoned
)
select
    brid,
    application_id,
    reconciliation_status,
    reconciliation_reason,
    orphan_detail,
    case
        when reconciliation_status not in ('missing', 'excess') then null
        when is_waived then 'waived'
        when reconciliation_status = 'missing' then 'in_sla'
        else 'open'
    end as disposition,
    case requirement when 1 then 'optional' when 2 then 'mandatory' when 3 then 'prohibited' end
        as requirement,
    coalesce(requirement in (1, 2), false) as is_expected,
    n_grant_rows > 0 as is_granted,
    n_grant_rows
from classified
"""  # noqa: S608 - its own arguments
)
answer.write.mode("overwrite").parquet(str(out))
spark.stop()
