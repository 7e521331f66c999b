-- Logins whose approval is not valid today, and logins without a person.
with recursive

logins as (

    select *
    from unnest(
        {{ part.logins }}::text[],
        {{ part.brids }}::text[],
        {{ part.approvers }}::text[]
    ) as login (login, brid, approved_by)

),

below as (

    select
        logins.brid as manager_brid,
        employees.brid
    from logins
    inner join {{ part.dim_employees }} as employees on logins.brid = employees.manager_brid

    union

    select
        below.manager_brid,
        employees.brid
    from below
    inner join {{ part.dim_employees }} as employees on below.brid = employees.manager_brid
    inner join {{ part.dim_employees }} as managers on below.manager_brid = managers.brid
    -- Everybody reports to the head of the bank: there, those next to it may not approve.
    where managers.manager_brid is not null

)

select
    logins.login,
    case
        when not approvers.is_employed or approvers.brid is null
            then 'its approver is not employed'
        when below.brid is not null then 'its approver reports to the person it is for'
        else 'it is a group, or cannot log in'
    end
from logins
left join {{ part.dim_employees }} as approvers on logins.approved_by = approvers.brid
left join below on logins.brid = below.manager_brid and logins.approved_by = below.brid
left join pg_roles on logins.login = pg_roles.rolname
where
    approvers.brid is null
    or not approvers.is_employed
    or below.brid is not null
    or not pg_roles.rolcanlogin
    or exists (
        select
        from pg_auth_members
        where roleid = pg_roles.oid
        -- From PostgreSQL 16 on, the creator of a role is a member who may not act as it.
        and (
            coalesce(cast(to_jsonb(pg_auth_members) ->> 'set_option' as boolean), true)
            or coalesce(cast(to_jsonb(pg_auth_members) ->> 'inherit_option' as boolean), true)
        )
    )
order by 1
