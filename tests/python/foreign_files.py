"""Write files in the formats of other systems, with their real headers and generated data.

Each writer takes the same small generated bank and returns the file and the meaning of its
columns: delivered header to contract column. Other columns have no meaning for the project.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

STATUSES = ("active", "on leave", "terminated")


@dataclass(frozen=True)
class Person:
    """A generated employee."""

    brid: str
    first: str
    last: str
    status: str
    level: str
    cost_center: str
    title: str
    manager: str
    hired: dt.date
    left: dt.date | None


@dataclass(frozen=True)
class Grant:
    """A generated account of a person on an application."""

    person: Person
    application: str
    granted: dt.date
    last_used: dt.date | None
    is_privileged: bool


@dataclass(frozen=True)
class Bank:
    """The content of every foreign file."""

    people: list[Person]
    grants: list[Grant]
    personas: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Foreign:
    """A written file, its feed, and the meaning of its columns.

    `answers` are facts that a person knows and the file lacks, by their place in the mapping.
    """

    file: Path
    feed: str
    meaning: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, ...], Any] = field(default_factory=dict)


def make_bank(n_people: int = 120, seed: int = 3) -> Bank:
    """Generate a bank with a few levels, cost centers, titles and applications."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    people = []
    for number in range(n_people):
        status = chance.choices(STATUSES, (8, 1, 1))[0]
        hired = dt.date(2012, 1, 1) + dt.timedelta(days=chance.randrange(4000))
        people.append(
            Person(
                brid=str(10001 + number),
                first=f"Given{number}",
                last=f"Family{number}",
                status=status,
                level=f"L{chance.randint(2, 6)}",
                cost_center=chance.choice(("FIN-1010", "OPS-2020", "ITS-3030", "RSK-4040")),
                title=chance.choice(("Analyst", "Adviser", "Developer", "Controller")),
                manager=str(10001 + number // 10),
                hired=hired,
                left=dt.date(2026, 10, 1 + chance.randrange(28))
                if status == "terminated"
                else None,
            )
        )
    grants = [
        Grant(
            person,
            f"app-{application:02}",
            dt.date(2024, 1, 1) + dt.timedelta(days=chance.randrange(600)),
            dt.date(2026, 9, 13 + chance.randrange(15)) if chance.random() < 0.8 else None,
            chance.random() < 0.1,
        )
        for person in people
        for application in chance.sample(range(12), 3)
    ]
    personas = [
        (f"P{persona}", f"app-{application:02}", chance.choice(("mandatory", "optional")))
        for persona in range(6)
        for application in chance.sample(range(12), 4)
    ]
    return Bank(people, grants, personas)


def _csv(
    file: Path,
    rows: Sequence[Sequence[object]],
    *,
    delimiter: str = ",",
    quoted: bool = False,
    encoding: str = "utf-8",
    above: Sequence[str] = (),
) -> None:
    with file.open("w", encoding=encoding, newline="") as stream:
        stream.writelines(f"{line}\r\n" for line in above)
        csv.writer(
            stream, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        ).writerows(rows)


def _text(day: dt.date | None, code: str, nothing: str = "") -> str:
    return day.strftime(code) if day else nothing


def workday_worker_report(bank: Bank, folder: Path) -> Foreign:
    """Write a report with its title above the header, and dates such as Jan-15-2020."""
    file = folder / "Worker_Report_2026-10-05.xlsx"
    words = {"active": "Active", "on leave": "On Leave", "terminated": "Terminated"}
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("Worker Report")
        sheet.write(0, 0, "Worker Report - All Active and Recent")
        sheet.write(1, 0, "Run by: scheduled integration")
        sheet.write_row(
            3,
            0,
            [
                "Employee ID",
                "Worker",
                "Worker Status",
                "Management Level",
                "Cost Center - ID",
                "Business Title",
                "Manager - Employee ID",
                "Hire Date",
                "Termination Date",
            ],
        )
        for number, p in enumerate(bank.people):
            sheet.write_row(
                4 + number,
                0,
                [
                    p.brid,
                    f"{p.first} {p.last}",
                    words[p.status],
                    p.level,
                    p.cost_center,
                    p.title,
                    p.manager,
                    _text(p.hired, "%b-%d-%Y"),
                    _text(p.left, "%b-%d-%Y"),
                ],
            )
    return Foreign(
        file,
        "hr_headcount",
        {
            "Employee ID": "brid",
            "Worker": "full_name",
            "Worker Status": "employment_status",
            "Management Level": "management_level",
            "Cost Center - ID": "cost_center",
            "Business Title": "job_title",
            "Manager - Employee ID": "manager_brid",
            "Hire Date": "hire_date",
            "Termination Date": "termination_date",
        },
    )


def successfactors_export(bank: Bank, folder: Path) -> Foreign:
    """Write technical names, then a row of labels."""
    file = folder / "EmployeeExport_20261005.csv"
    words = {"active": "Active", "on leave": "Paid Leave", "terminated": "Terminated"}
    _csv(
        file,
        [
            [
                "STATUS",
                "USERID",
                "FIRSTNAME",
                "LASTNAME",
                "EMAIL",
                "MANAGER",
                "DEPARTMENT",
                "TITLE",
                "PAYGRADE",
                "COSTCENTER",
                "HIREDATE",
            ],
            [
                "Status",
                "User ID",
                "First Name",
                "Last Name",
                "Email",
                "Manager",
                "Department",
                "Title",
                "Pay Grade",
                "Cost Center",
                "Hire Date",
            ],
            *(
                [
                    words[p.status],
                    p.brid,
                    p.first,
                    p.last,
                    f"{p.first}.{p.last}@example.com",
                    p.manager,
                    "Dept " + p.cost_center[:3],
                    p.title,
                    p.level,
                    p.cost_center,
                    _text(p.hired, "%m/%d/%Y"),
                ]
                for p in bank.people
            ),
        ],
    )
    return Foreign(
        file,
        "hr_headcount",
        {
            "STATUS": "employment_status",
            "USERID": "brid",
            "EMAIL": "work_email",
            "MANAGER": "manager_brid",
            "DEPARTMENT": "department",
            "TITLE": "job_title",
            "PAYGRADE": "management_level",
            "COSTCENTER": "cost_center",
            "HIREDATE": "hire_date",
        },
    )


def peoplesoft_query(bank: Bank, folder: Path) -> Foreign:
    """Write semicolons, and dates with dots."""
    file = folder / "PS_HEADCOUNT_05.10.2026.csv"
    words = {"active": "A", "on leave": "L", "terminated": "T"}
    _csv(
        file,
        [
            [
                "EMPLID",
                "NAME",
                "EMPL_STATUS",
                "GRADE",
                "COST_CENTER",
                "JOBTITLE",
                "SUPERVISOR_ID",
                "HIRE_DT",
                "TERMINATION_DT",
            ],
            *(
                [
                    p.brid,
                    f"{p.last},{p.first}",
                    words[p.status],
                    p.level,
                    p.cost_center,
                    p.title,
                    p.manager,
                    _text(p.hired, "%d.%m.%Y"),
                    _text(p.left, "%d.%m.%Y"),
                ]
                for p in bank.people
            ),
        ],
        delimiter=";",
    )
    return Foreign(
        file,
        "hr_headcount",
        {
            "EMPLID": "brid",
            "NAME": "full_name",
            "EMPL_STATUS": "employment_status",
            "GRADE": "management_level",
            "COST_CENTER": "cost_center",
            "JOBTITLE": "job_title",
            "SUPERVISOR_ID": "manager_brid",
            "HIRE_DT": "hire_date",
            "TERMINATION_DT": "termination_date",
        },
        {("files", "pattern"): "PS_HEADCOUNT_%d.%m.%Y.csv"},
    )


def sap_infotype(bank: Bank, folder: Path) -> Foreign:
    """Write leading zeros, and 99991231 for no end."""
    file = folder / "ZHR_PA0001_20261005.csv"
    words = {"active": "3", "on leave": "1", "terminated": "0"}
    _csv(
        file,
        [
            ["PERNR", "ENAME", "STAT2", "TRFGR", "KOSTL", "STEXT", "BEGDA", "ENDDA"],
            *(
                [
                    p.brid.zfill(8),
                    f"{p.first} {p.last}",
                    words[p.status],
                    p.level,
                    p.cost_center,
                    p.title,
                    _text(p.hired, "%Y%m%d"),
                    _text(p.left, "%Y%m%d", "99991231"),
                ]
                for p in bank.people
            ),
        ],
        delimiter="\t",
    )
    return Foreign(
        file,
        "hr_headcount",
        {
            "PERNR": "brid",
            "ENAME": "full_name",
            "STAT2": "employment_status",
            "TRFGR": "management_level",
            "KOSTL": "cost_center",
            "STEXT": "job_title",
            "BEGDA": "hire_date",
            "ENDDA": "termination_date",
        },
        {
            ("columns", "employment_status", "values", code): status
            for status, code in words.items()
        },
    )


def powershell_export(bank: Bank, folder: Path) -> Foreign:
    """Write a #TYPE line, all quoted, names with a domain, 1601 for never."""
    file = folder / "ad_groups_2026-10-05.csv"
    _csv(
        file,
        [
            [
                "GroupName",
                "SamAccountName",
                "Enabled",
                "WhenCreated",
                "LastLogonDate",
                "AccountExpirationDate",
            ],
            *(
                [
                    g.application,
                    f"CORP\\{g.person.brid}",
                    "False" if g.person.status == "terminated" else "True",
                    _text(g.granted, "%m/%d/%Y 9:15:00 AM"),
                    _text(g.last_used, "%m/%d/%Y 8:00:00 AM"),
                    "1/1/1601 12:00:00 AM",
                ]
                for g in bank.grants
            ),
        ],
        quoted=True,
        above=["#TYPE Selected.Microsoft.ActiveDirectory.Management.ADPrincipal"],
    )
    return Foreign(
        file,
        "iam_app_registry",
        {
            "GroupName": "application_id",
            "SamAccountName": "brid",
            "Enabled": "account_status",
            "WhenCreated": "granted_date",
            "LastLogonDate": "last_used_date",
            "AccountExpirationDate": "expires_date",
        },
    )


def entra_assignments(bank: Bank, folder: Path) -> Foreign:
    """Write camelCase names, GUIDs, and times with a zone."""
    file = folder / "appRoleAssignments-2026-10-05.csv"
    guid = "0e2d1c3b-0000-4000-8000-{:012x}".format
    _csv(
        file,
        [
            [
                "id",
                "resourceId",
                "resourceDisplayName",
                "employeeId",
                "userPrincipalName",
                "appRole",
                "createdDateTime",
            ],
            *(
                [
                    guid(number),
                    g.application,
                    f"Service {g.application}",
                    g.person.brid,
                    f"{g.person.first}.{g.person.last}@example.com",
                    "User",
                    _text(g.granted, "%Y-%m-%dT08:30:00Z"),
                ]
                for number, g in enumerate(bank.grants)
            ),
        ],
    )
    return Foreign(
        file,
        "iam_app_registry",
        {
            "resourceId": "application_id",
            "resourceDisplayName": "application_name",
            "employeeId": "brid",
            "userPrincipalName": "account_id",
            "appRole": "entitlement",
            "createdDateTime": "granted_date",
        },
    )


def okta_assignments(bank: Bank, folder: Path) -> Foreign:
    """Write the status words of a lifecycle."""
    file = folder / "okta_app_assignments_05-Oct-2026.csv"
    _csv(
        file,
        [
            [
                "App Instance ID",
                "Application Name",
                "Employee Number",
                "App User Name",
                "Status",
                "Assigned Date",
            ],
            *(
                [
                    g.application,
                    f"Service {g.application}",
                    g.person.brid,
                    f"u{g.person.brid}",
                    "DEPROVISIONED" if g.person.status == "terminated" else "PROVISIONED",
                    _text(g.granted, "%d-%b-%Y"),
                ]
                for g in bank.grants
            ),
        ],
    )
    return Foreign(
        file,
        "iam_app_registry",
        {
            "App Instance ID": "application_id",
            "Application Name": "application_name",
            "Employee Number": "brid",
            "App User Name": "account_id",
            "Status": "account_status",
            "Assigned Date": "granted_date",
        },
    )


def sailpoint_identities(bank: Bank, folder: Path) -> Foreign:
    """Write one row for each person, with several applications in a cell."""
    file = folder / "identity_access_2026_10_05.csv"
    held: dict[str, list[str]] = {}
    for grant in bank.grants:
        held.setdefault(grant.person.brid, []).append(grant.application)
    _csv(
        file,
        [
            ["Identity Name", "Employee ID", "Application"],
            *([f"u{brid}", brid, ";".join(applications)] for brid, applications in held.items()),
        ],
    )
    return Foreign(
        file,
        "iam_app_registry",
        {
            "Identity Name": "account_id",
            "Employee ID": "brid",
            "Application": "application_id",
        },
    )


def saviynt_accounts(bank: Bank, folder: Path) -> Foreign:
    """Write upper-case names without blanks."""
    file = folder / "SAVIYNT_ENTITLEMENTS_20261005.csv"
    _csv(
        file,
        [
            [
                "ENDPOINTNAME",
                "USERNAME",
                "ACCOUNTNAME",
                "STATUS",
                "ENTITLEMENT_VALUE",
                "PRIVILEGED",
                "LASTLOGONDATE",
                "VALIDTO",
            ],
            *(
                [
                    g.application,
                    g.person.brid,
                    f"acc{g.person.brid}",
                    "1",
                    "basic",
                    "Y" if g.is_privileged else "N",
                    _text(g.last_used, "%Y-%m-%d %H:%M:%S"),
                    "2999-12-31 00:00:00",
                ]
                for g in bank.grants
            ),
        ],
        delimiter="|",
    )
    return Foreign(
        file,
        "iam_app_registry",
        {
            "ENDPOINTNAME": "application_id",
            "USERNAME": "brid",
            "ACCOUNTNAME": "account_id",
            "STATUS": "account_status",
            "ENTITLEMENT_VALUE": "entitlement",
            "PRIVILEGED": "is_privileged",
            "LASTLOGONDATE": "last_used_date",
            "VALIDTO": "expires_date",
        },
        {("columns", "account_status", "values", "1"): "active"},
    )


def access_matrix(bank: Bank, folder: Path) -> Foreign:
    """Write one column for each application, with marks in the cells."""
    file = folder / "Access Matrix Oct 2026.csv"
    held = {(g.person.brid, g.application) for g in bank.grants}
    applications = sorted({application for _, application in held})
    _csv(
        file,
        [
            ["Staff ID", *applications],
            *(
                [p.brid, *("X" if (p.brid, a) in held else "" for a in applications)]
                for p in bank.people
            ),
        ],
    )
    return Foreign(
        file,
        "iam_app_registry",
        {
            "Staff ID": "brid",
            **dict.fromkeys(applications, "application_id"),
        },
    )


def mission_headcount(bank: Bank, folder: Path) -> Foreign:
    """Write a headcount with US dates, codes and a total."""
    file = folder / "HR_Headcount_Oct2026.csv"
    words = {"active": "A", "on leave": "L", "terminated": "T"}
    _csv(
        file,
        [
            [
                "Employee ID",
                "Employee Name",
                "Status",
                "Mgmt Level",
                "Cost Ctr",
                "Job Title",
                "Supervisor ID",
                "Hire Dt",
                "Term Date",
            ],
            *(
                [
                    p.brid,
                    f"{p.first} {p.last}",
                    words[p.status],
                    p.level,
                    p.cost_center,
                    p.title,
                    p.manager,
                    _text(p.hired, "%m/%d/%Y"),
                    _text(p.left, "%m/%d/%Y", "N/A"),
                ]
                for p in bank.people
            ),
            ["Total:", len(bank.people), "", "", "", "", "", "", ""],
        ],
        encoding="cp1252",
    )
    return Foreign(
        file,
        "hr_headcount",
        {
            "Employee ID": "brid",
            "Employee Name": "full_name",
            "Status": "employment_status",
            "Mgmt Level": "management_level",
            "Cost Ctr": "cost_center",
            "Job Title": "job_title",
            "Supervisor ID": "manager_brid",
            "Hire Dt": "hire_date",
            "Term Date": "termination_date",
        },
    )


def mission_registry(bank: Bank, folder: Path) -> Foreign:
    """Write a registry as an Excel table with titles above the header."""
    file = folder / "IAM App Registry 2026-10.csv"
    _csv(
        file,
        [
            [
                "App Code",
                "App Name",
                "User ID",
                "Account Login",
                "Account Status",
                "Role",
                "Privileged Flag",
                "Granted On",
                "Last Login",
            ],
            *(
                [
                    g.application.upper(),
                    f"Service {g.application}",
                    g.person.brid,
                    f"u{g.person.brid}",
                    "Enabled",
                    "user",
                    "Y" if g.is_privileged else "N",
                    _text(g.granted, "%m/%d/%Y"),
                    _text(g.last_used, "%m/%d/%Y", "NULL"),
                ]
                for g in bank.grants
            ),
        ],
    )
    return Foreign(
        file,
        "iam_app_registry",
        {
            "App Code": "application_id",
            "App Name": "application_name",
            "User ID": "brid",
            "Account Login": "account_id",
            "Account Status": "account_status",
            "Role": "entitlement",
            "Privileged Flag": "is_privileged",
            "Granted On": "granted_date",
            "Last Login": "last_used_date",
        },
    )


def mission_persona_list(bank: Bank, folder: Path) -> Foreign:
    """Write a persona list with one sheet for each business unit, and titles above the header."""
    file = folder / "USCB Persona List Oct 2026.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        for unit in ("Retail", "Markets"):
            sheet = book.add_worksheet(unit)
            sheet.write(0, 0, f"Personas of {unit}")
            sheet.write_row(2, 0, ["Role Code", "Role Name", "App Code", "App Name", "M/O"])
            rows = [p for p in bank.personas if (int(p[0][1:]) % 2 == 0) == (unit == "Retail")]
            for number, (persona, application, requirement) in enumerate(rows):
                sheet.write_row(
                    3 + number,
                    0,
                    [
                        persona,
                        f"Persona {persona}",
                        application,
                        f"Service {application}",
                        requirement[0].upper(),
                    ],
                )
    return Foreign(
        file,
        "persona_list",
        {
            "Role Code": "persona_id",
            "Role Name": "persona_name",
            "App Code": "application_id",
            "App Name": "application_name",
            "M/O": "requirement",
        },
    )


def racf_listing(bank: Bank, folder: Path) -> Foreign:
    """Write fixed columns below a title and a rule of dashes, dates by the day of the year."""
    file = folder / "RACFCONN.D20261005.txt"
    head = "USERID    GROUP     UACC      CREATED   LAST-CONNECT"
    rule = "--------  --------  --------  --------  ------------"
    lines = ["1RACF CONNECT LISTING", "", head, rule]
    lines += [
        f"{grant.person.brid:<10}{grant.application.upper():<10}{'NONE':<10}"
        f"{grant.granted:%y.%j}    {_text(grant.last_used, '%y.%j')}".rstrip()
        for grant in bank.grants
    ]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return Foreign(
        file,
        "iam_app_registry",
        {
            "USERID": "brid",
            "GROUP": "application_id",
            "CREATED": "granted_date",
            "LAST-CONNECT": "last_used_date",
        },
        {("columns", "application_id"): "GROUP"},
    )


SHAPES: tuple[Callable[[Bank, Path], Foreign], ...] = (
    workday_worker_report, successfactors_export, peoplesoft_query, sap_infotype,
    powershell_export, entra_assignments, okta_assignments, sailpoint_identities,
    saviynt_accounts, access_matrix, mission_headcount, mission_registry, mission_persona_list,
    racf_listing,
)  # fmt: skip
