"""Files with headers of real systems that were not used to write the table of synonyms.

Each shape is a header with the meaning of each column and the format of its values; the rows are
those of the generated bank. Missing facts are answered as a person would on the terminal.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from foreign_files import Bank, Foreign, Grant, Person

Of = Callable[[Any], object]
# Header, the column that it means ('' for none), and the value for a person or a grant.
Column = tuple[str, str, Of]


@dataclass(frozen=True)
class Unseen:
    """A shape: its name, file, feed, columns, and what a person answers by place.

    `rows` describes a row; `extra` are meanings that no single column has.
    """

    name: str
    file: str
    feed: str
    columns: Sequence[Column]
    answers: Mapping[tuple[str, ...], Any] = field(default_factory=dict)
    delimiter: str = ","
    quoted: bool = False
    encoding: str = "utf-8"
    above: Sequence[str] = ()
    below: Sequence[Sequence[object]] = ()

    def write(self, bank: Bank, folder: Path) -> Foreign:
        """Write the file of this shape."""
        file = folder / self.file
        subjects: Sequence[Any] = (
            bank.people if self.feed == "hr_headcount" else
            bank.grants if self.feed == "iam_app_registry" else bank.personas
        )  # fmt: skip
        header = [name for name, _, _ in self.columns]
        rows = [[value(subject) for _, _, value in self.columns] for subject in subjects]
        if file.suffix == ".xlsx":
            with xlsxwriter.Workbook(str(file)) as book:
                sheet = book.add_worksheet("Report")
                for at, row in enumerate([*([line] for line in self.above), header, *rows]):
                    sheet.write_row(at, 0, row)
        else:
            with file.open("w", encoding=self.encoding, newline="") as stream:
                stream.writelines(f"{line}\r\n" for line in self.above)
                writer = csv.writer(
                    stream,
                    delimiter=self.delimiter,
                    quoting=csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL,
                )
                writer.writerows([header, *rows, *self.below])
        meaning = {name: column for name, column, _ in self.columns if column}
        return Foreign(file, self.feed, meaning, dict(self.answers))


def _day(code: str, of: Callable[[Any], dt.date | None], nothing: str = "") -> Of:
    def text(subject: Any) -> str:
        day = of(subject)
        return day.strftime(code) if day else nothing

    return text


def _one_of(of: Callable[[Any], str], **words: str) -> Of:
    return lambda subject: words[of(subject).replace(" ", "_")]


def _hash(of: Callable[[Any], object], length: int = 32) -> Of:
    return lambda subject: hashlib.md5(str(of(subject)).encode()).hexdigest()[:length]  # noqa: S324


def _guid(of: Callable[[Any], object]) -> Of:
    def text(subject: Any) -> str:
        found = hashlib.md5(str(of(subject)).encode()).hexdigest()  # noqa: S324 - no secret
        return "-".join((found[:8], found[8:12], found[12:16], found[16:20], found[20:]))

    return text


def _fixed(value: object) -> Of:
    return lambda _: value


# Of a person.
def _brid(p: Person) -> str:
    return p.brid


def _name(p: Person) -> str:
    return f"{p.last}, {p.first}"


def _mail(p: Person) -> str:
    return f"{p.first}.{p.last}@example.com"


def _first(p: Person) -> str:
    return p.first


def _last(p: Person) -> str:
    return p.last


def _status(p: Person) -> str:
    return p.status


def _level(p: Person) -> str:
    return p.level


def _center(p: Person) -> str:
    return p.cost_center


def _title(p: Person) -> str:
    return p.title


def _manager(p: Person) -> str:
    return p.manager


def _hired(p: Person) -> dt.date:
    return p.hired


def _left(p: Person) -> dt.date | None:
    return p.left


def _unit(p: Person) -> str:
    return f"Department {p.cost_center[:3]}"


def _site(p: Person) -> str:
    return ("Leeds", "Glasgow", "York")[int(p.brid) % 3]


# Of a grant.
def _holder(g: Grant) -> str:
    return g.person.brid


def _holder_name(g: Grant) -> str:
    return f"{g.person.first} {g.person.last}"


def _login(g: Grant) -> str:
    return f"{g.person.first}.{g.person.last}@example.com".lower()


def _app(g: Grant) -> str:
    return g.application


def _service(g: Grant) -> str:
    return f"Service {g.application}"


def _granted(g: Grant) -> dt.date:
    return g.granted


def _used(g: Grant) -> dt.date | None:
    return g.last_used


def _row(g: Grant) -> str:
    return f"{g.person.brid}:{g.application}"


SHAPES: tuple[Unseen, ...] = (
    Unseen(
        "workday_roster",
        "INT043_Worker_Data_2026-10-05.csv",
        "hr_headcount",
        (
            ("Worker_ID", "brid", _brid),
            ("Legal_First_Name", "", _first),
            ("Legal_Last_Name", "", _last),
            ("Primary_Work_Email", "work_email", _mail),
            ("Worker_Type", "worker_type", _fixed("Employee")),
            ("Worker_Status", "employment_status",
             _one_of(_status, active="Active", on_leave="On Leave", terminated="Terminated")),
            ("Position_ID", "", lambda p: f"P-{p.brid}"),
            ("Business_Title", "job_title", _title),
            ("Job_Profile", "", _title),
            ("Compensation_Grade", "", _fixed("")),
            ("Management_Level", "management_level", _level),
            ("Cost_Center_ID", "cost_center", _center),
            ("Cost_Center_Name", "cost_center_name", lambda p: f"Center {p.cost_center}"),
            ("Supervisory_Organization", "department", _unit),
            ("Manager_ID", "manager_brid", _manager),
            ("Manager_Name", "", lambda p: f"Manager {p.manager}"),
            ("Location", "location", _site),
            ("Original_Hire_Date", "", _day("%Y-%m-%d", _hired)),
            ("Hire_Date", "hire_date", _day("%Y-%m-%d", _hired)),
            ("Termination_Date", "termination_date", _day("%Y-%m-%d", _left)),
        ),
        delimiter="|",
    ),
    Unseen(
        "oracle_hcm",
        "Worker_Extract_20261005.csv",
        "hr_headcount",
        (
            ("PERSON_ID", "", lambda p: f"3000000{int(p.brid) * 7}"),
            ("PERSON_NUMBER", "brid", _brid),
            ("DISPLAY_NAME", "full_name", _name),
            ("EMAIL_ADDRESS", "work_email", _mail),
            ("ASSIGNMENT_NUMBER", "", lambda p: f"E{p.brid}"),
            ("ASSIGNMENT_STATUS_TYPE", "employment_status",
             _one_of(_status, active="ACTIVE", on_leave="SUSPENDED", terminated="INACTIVE")),
            ("SYSTEM_PERSON_TYPE", "worker_type", _fixed("EMP")),
            ("BUSINESS_UNIT_NAME", "", _fixed("Retail")),
            ("DEPARTMENT_NAME", "department", _unit),
            ("JOB_NAME", "job_title", _title),
            ("GRADE_CODE", "management_level", _level),
            ("LOCATION_NAME", "location", _site),
            ("COST_CENTER", "cost_center", _center),
            ("MANAGER_PERSON_NUMBER", "manager_brid", _manager),
            ("START_DATE", "hire_date", _day("%Y/%m/%d", _hired)),
            ("ACTUAL_TERMINATION_DATE", "termination_date", _day("%Y/%m/%d", _left, "4712/12/31")),
        ),
        {
            ("columns", "brid"): "PERSON_NUMBER",
            ("columns", "employment_status", "values", "SUSPENDED"): "on leave",
            ("columns", "employment_status", "values", "INACTIVE"): "terminated",
        },
    ),
    Unseen(
        "bamboohr",
        "Employee Roster 2026-10-05.csv",
        "hr_headcount",
        (
            ("Employee #", "brid", _brid),
            ("First Name", "", _first),
            ("Last Name", "", _last),
            ("Job Title", "job_title", _title),
            ("Department", "department", _unit),
            ("Division", "", _fixed("Retail")),
            ("Location", "location", _site),
            ("Status", "employment_status",
             _one_of(_status, active="Active", on_leave="Active - Leave", terminated="Inactive")),
            ("Employment Status", "", _fixed("Full-Time")),
            ("Job Level", "management_level", _level),
            ("Cost Center", "cost_center", _center),
            ("Hire Date", "hire_date", _day("%d %b %Y", _hired)),
            ("Termination Date", "termination_date", _day("%d %b %Y", _left)),
            ("Work Email", "work_email", _mail),
            ("Reporting To", "", lambda p: f"Given {p.manager}"),
            ("Supervisor EID", "manager_brid", _manager),
        ),
        {
            ("columns", "employment_status"): "Status",
            ("columns", "employment_status", "values", "Active - Leave"): "on leave",
            ("columns", "employment_status", "values", "Inactive"): "terminated",
        },
    ),
    Unseen(
        "adp_workforce_now",
        "ADP Census Oct 5 2026.csv",
        "hr_headcount",
        (
            ("Company Code", "", _fixed("ABC")),
            ("Payroll Name", "full_name", _name),
            ("Position ID", "", lambda p: f"ABC{int(p.brid) + 5:09}"),
            ("Associate ID", "brid", _brid),
            ("File Number", "", lambda p: f"{int(p.brid) * 3:06}"),
            ("Position Status", "employment_status",
             _one_of(_status, active="Active", on_leave="Leave", terminated="Terminated")),
            ("Worker Category Description", "worker_type", _fixed("Full Time")),
            ("Job Title Description", "job_title", _title),
            ("Home Department Code", "", lambda p: p.cost_center[4:]),
            ("Home Department Description", "department", _unit),
            ("Home Cost Number Code", "cost_center", _center),
            ("Pay Grade Code", "management_level", _level),
            ("Location Description", "location", _site),
            ("Reports To Name", "", lambda p: f"Family, Given {p.manager}"),
            ("Reports To Associate ID", "manager_brid", _manager),
            ("Hire Date", "hire_date", _day("%m/%d/%Y", _hired)),
            ("Termination Date", "termination_date", _day("%m/%d/%Y", _left)),
            ("Work Contact: Work Email", "work_email", _mail),
        ),
        {("columns", "cost_center"): "Home Cost Number Code"},
        quoted=True,
    ),
    Unseen(
        "successfactors_users",
        "UserDirectory_10052026.csv",
        "hr_headcount",
        (
            ("STATUS", "employment_status",
             _one_of(_status, active="active", on_leave="active", terminated="inactive")),
            ("USERID", "", lambda p: f"u{p.brid}"),
            ("USERNAME", "", _mail),
            ("FIRSTNAME", "", _first),
            ("LASTNAME", "", _last),
            ("MI", "", _fixed("")),
            ("GENDER", "", _fixed("")),
            ("EMAIL", "work_email", _mail),
            ("MANAGER", "", lambda p: f"u{p.manager}"),
            ("HR", "", _fixed("u10001")),
            ("DEPARTMENT", "department", _unit),
            ("JOBCODE", "", lambda p: p.title[:3].upper()),
            ("JOBLEVEL", "management_level", _level),
            ("DIVISION", "", _fixed("Retail")),
            ("LOCATION", "location", _site),
            ("TIMEZONE", "", _fixed("Europe/London")),
            ("HIREDATE", "hire_date", _day("%m/%d/%Y", _hired)),
            ("EMPID", "brid", _brid),
            ("TITLE", "job_title", _title),
            ("COSTCENTER", "cost_center", _center),
        ),
        {
            ("files", "pattern"): "UserDirectory_%m%d%Y.csv",
            ("columns", "brid"): "EMPID",
            ("columns", "employment_status", "values", "inactive"): "terminated",
        },
    ),
    Unseen(
        "sap_alv_list",
        "HEADCOUNT_20261005.csv",
        "hr_headcount",
        (
            ("Pers.No.", "brid", lambda p: p.brid.zfill(8)),
            ("Employee/app.name", "full_name", _name),
            ("Employment Status", "employment_status",
             _one_of(_status, active="3", on_leave="1", terminated="0")),
            ("EE group", "worker_type", _fixed("1")),
            ("EE subgroup", "", _fixed("DU")),
            ("PS group", "management_level", _level),
            ("Cost Ctr", "cost_center", _center),
            ("Org.unit", "", _fixed("50001234")),
            ("Organizational Unit", "department", _unit),
            ("Position", "", _fixed("60001234")),
            ("Job title", "job_title", _title),
            ("Personnel area text", "location", _site),
            ("Entry", "hire_date", _day("%d.%m.%Y", _hired)),
            ("Leaving", "termination_date", _day("%d.%m.%Y", _left, "31.12.9999")),
        ),
        {
            ("columns", "employment_status", "values", "3"): "active",
            ("columns", "employment_status", "values", "1"): "on leave",
            ("columns", "employment_status", "values", "0"): "terminated",
            ("columns", "management_level"): "PS group",
        },
        delimiter="\t",
        encoding="utf-16",
    ),
    Unseen(
        "city_payroll",
        "City Employee Salaries 2026-10-05.csv",
        "hr_headcount",
        (
            ("Fiscal Year", "", _fixed(2026)),
            ("Payroll Number", "", lambda p: 800 + int(p.brid) % 5),
            ("Agency Name", "department", _unit),
            ("Last Name", "", _last),
            ("First Name", "", _first),
            ("Mid Init", "", _fixed("")),
            ("Employee Identifier", "brid", _brid),
            ("Agency Start Date", "hire_date", _day("%m/%d/%Y", _hired)),
            ("Work Location Borough", "location", _site),
            ("Title Description", "job_title", _title),
            ("Leave Status as of June 30", "employment_status",
             _one_of(_status, active="ACTIVE", on_leave="ON LEAVE", terminated="CEASED")),
            ("Base Salary", "", lambda p: f"${40000 + int(p.brid) % 900}.00"),
            ("Pay Basis", "", _fixed("per Annum")),
            ("Regular Hours", "", _fixed(1820)),
            ("Total Other Pay", "", _fixed("$0.00")),
        ),
        {
            ("columns", "employment_status"): "Leave Status as of June 30",
            ("columns", "employment_status", "values", "CEASED"): "terminated",
            ("columns", "hire_date"): "Agency Start Date",
        },
    ),
    Unseen(
        "ad_group_members",
        "ADGroupMembers_2026-10-05.csv",
        "iam_app_registry",
        (
            ("Group", "application_id", _app),
            ("distinguishedName", "", lambda g: f"CN={_holder_name(g)},OU=Staff,DC=example"),
            ("name", "", _holder_name),
            ("objectClass", "", _fixed("user")),
            ("objectGUID", "", _guid(_holder)),
            ("SamAccountName", "account_id", lambda g: f"g{g.person.last}".lower()),
            ("SID", "", lambda g: f"S-1-5-21-1-2-3-{g.person.brid}"),
            ("EmployeeID", "brid", _holder),
        ),
        {("columns", "brid"): "EmployeeID", ("columns", "application_id"): "Group"},
        quoted=True,
    ),
    Unseen(
        "entra_assignments_by_graph",
        "appRoleAssignedTo_2026-10-05.csv",
        "iam_app_registry",
        (
            ("id", "", _hash(_row, 22)),
            ("deletedDateTime", "", _fixed("")),
            ("appRoleId", "entitlement", _guid(_fixed("role"))),
            ("createdDateTime", "granted_date", _day("%Y-%m-%dT08:00:00Z", _granted)),
            ("principalDisplayName", "", _holder_name),
            ("principalId", "", _guid(_holder)),
            ("principalType", "", _fixed("User")),
            ("resourceDisplayName", "application_name", _service),
            ("resourceId", "application_id", _guid(_app)),
            ("employeeId", "brid", _holder),
        ),
        {("columns", "brid"): "employeeId", ("columns", "application_id"): "resourceId"},
        quoted=True,
    ),
    Unseen(
        "okta_current_assignments",
        "current_assignments_2026-10-05.csv",
        "iam_app_registry",
        (
            ("User", "", _holder_name),
            ("Login", "", _login),
            ("Application name", "application_name", _service),
            ("Application instance", "application_id", _app),
            ("Application login", "account_id", _login),
            ("Assigned on", "granted_date", _day("%Y-%m-%dT08:00:00.000Z", _granted)),
            ("Unassigned on", "", _fixed("")),
            ("Last login", "last_used_date", _day("%Y-%m-%dT10:30:00.000Z", _used)),
            ("Employee number", "brid", _holder),
        ),
        {("columns", "application_id"): "Application instance"},
    ),
    Unseen(
        "identityiq_account_attributes",
        "Identity Effective Access 2026-10-05.csv",
        "iam_app_registry",
        (
            ("Identity Name", "", lambda g: f"{g.person.first}.{g.person.last}"),
            ("First Name", "", lambda g: g.person.first),
            ("Last Name", "", lambda g: g.person.last),
            ("Employee ID", "brid", _holder),
            ("Manager", "", lambda g: f"Manager {g.person.manager}"),
            ("Application", "application_id", _app),
            ("Account ID", "account_id", lambda g: f"cn={g.person.brid},ou=people"),
            ("Attribute", "", _fixed("groups")),
            ("Entitlement", "entitlement", _fixed("user")),
            ("Granted By Role", "", _fixed("false")),
        ),
    ),
    Unseen(
        "saviynt_user_accounts",
        "UserAccountsEntitlements_20261005.csv",
        "iam_app_registry",
        (
            ("User Name", "", lambda g: f"U{g.person.brid}"),
            ("Employee Id", "brid", _holder),
            ("Security System", "", _fixed("Core")),
            ("Endpoint", "application_id", _app),
            ("Endpoint Display Name", "application_name", _service),
            ("Account Name", "account_id", lambda g: f"a{g.person.brid}"),
            ("Account Status", "account_status",
             lambda g: "Active" if g.last_used else "Manually Suspended"),
            ("Entitlement Type", "", _fixed("Group")),
            ("Entitlement Value", "entitlement", _fixed("user")),
            ("Is Privileged", "is_privileged", lambda g: "Yes" if g.is_privileged else "No"),
            ("Assigned From", "granted_date", _day("%Y-%m-%d %H:%M:%S", _granted)),
            ("Last Login Date", "last_used_date", _day("%Y-%m-%d %H:%M:%S", _used)),
        ),
    ),
    Unseen(
        "cyberark_safe_members",
        "SafeMembers-05-Oct-2026.csv",
        "iam_app_registry",
        (
            ("Safe", "application_id", _app),
            ("Member Name", "brid", _holder),
            ("Member Type", "", _fixed("User")),
            ("Member Of", "", _fixed("")),
            ("Permission Role", "entitlement", _fixed("Use accounts")),
            ("List Accounts", "", _fixed("TRUE")),
            ("Retrieve Accounts", "", lambda g: str(g.is_privileged).upper()),
            ("Membership Expiration Date", "expires_date", _fixed("")),
            ("Last Used Date", "last_used_date", _day("%d-%b-%Y", _used)),
        ),
        {
            ("feed",): "iam_app_registry",
            ("columns", "application_id"): "Safe",
            ("columns", "brid"): "Member Name",
        },
    ),
    Unseen(
        "aws_credential_report",
        "credential_report_2026-10-05.csv",
        "iam_app_registry",
        (
            ("user", "brid", _holder),
            ("arn", "", lambda g: f"arn:aws:iam::111122223333:user/{g.person.brid}"),
            ("user_creation_time", "granted_date", _day("%Y-%m-%dT08:00:00+00:00", _granted)),
            ("password_enabled", "", _fixed("true")),
            ("password_last_used", "last_used_date",
             _day("%Y-%m-%dT10:00:00+00:00", _used, "no_information")),
            ("password_last_changed", "", _day("%Y-%m-%dT08:00:00+00:00", _granted)),
            ("password_next_rotation", "", _fixed("not_supported")),
            ("mfa_active", "", _fixed("true")),
            ("access_key_1_active", "", _fixed("false")),
            ("access_key_1_last_rotated", "", _fixed("N/A")),
        ),
        {
            ("feed",): "iam_app_registry",
            ("columns", "brid"): "user",
            ("columns", "application_id"): {"constant": "app-00"},
        },
    ),
    Unseen(
        "servicenow_user_roles",
        "sys_user_has_role_2026-10-05.csv",
        "iam_app_registry",
        (
            ("sys_id", "", _hash(_row)),
            ("user", "", _holder_name),
            ("user.employee_number", "brid", _holder),
            ("user.user_name", "account_id", _login),
            ("role", "entitlement", lambda g: f"role_{g.application[-1]}"),
            ("state", "account_status", _fixed("active")),
            ("inherited", "", _fixed("false")),
            ("sys_created_on", "granted_date", _day("%Y-%m-%d %H:%M:%S", _granted)),
        ),
        {
            ("feed",): "iam_app_registry",
            ("columns", "application_id"): {"constant": "app-00"},
            ("columns", "brid"): "user.employee_number",
        },
    ),
    Unseen(
        "identity_manager_accounts",
        "Managed System Access 05.10.2026.xlsx",
        "iam_app_registry",
        (
            ("Workforce ID", "brid", _holder),
            ("Full Name", "", _holder_name),
            ("Managed System", "application_id", _app),
            ("Account ID", "account_id", lambda g: f"a{g.person.brid}"),
            ("Account Disabled", "account_status", lambda g: "FALSE" if g.last_used else "TRUE"),
            ("Entitlement Value", "entitlement", _fixed("user")),
            ("Account Created", "granted_date", _day("%d/%m/%Y", _granted)),
        ),
        {
            ("files", "pattern"): "Managed System Access %d.%m.%Y.xlsx",
            ("columns", "application_id"): "Managed System",
            ("columns", "account_status"): {
                "from": "Account Disabled", "values": {"TRUE": "disabled", "FALSE": "active"}
            },
        },
        above=("Managed System Access", "Printed 05.10.2026"),
    ),
)  # fmt: skip


def persona_matrix(bank: Bank, folder: Path) -> Foreign:
    """Write applications as rows and personas as columns, with M and O in the cells."""
    file = folder / "Access Model Matrix 2026-10-05.csv"
    personas = sorted({persona for persona, _, _ in bank.personas})
    held = {(persona, app): need[0].upper() for persona, app, need in bank.personas}
    apps = sorted({app for _, app, _ in bank.personas})
    rows = [[app, f"Service {app}", *(held.get((p, app), "") for p in personas)] for app in apps]
    _write(file, [["App Code", "App Name", *personas], *rows])
    return Foreign(
        file,
        "persona_list",
        {"App Code": "application_id", "App Name": "application_name"}
        | dict.fromkeys(personas, "persona_id"),
        {("feed",): "persona_list"},
    )


def persona_matrix_of_marks(bank: Bank, folder: Path) -> Foreign:
    """Write personas as rows and applications as columns, with X in the cells."""
    file = folder / "Birthright Matrix 2026-10-05.csv"
    apps = sorted({app for _, app, _ in bank.personas})
    held = {(persona, app) for persona, app, _ in bank.personas}
    rows = [
        [p, f"Persona {p}", *("X" if (p, app) in held else "" for app in apps)]
        for p in sorted({persona for persona, _, _ in bank.personas})
    ]
    _write(file, [["Persona ID", "Persona Name", *apps], *rows])
    return Foreign(
        file,
        "persona_list",
        {"Persona ID": "persona_id", "Persona Name": "persona_name"}
        | dict.fromkeys(apps, "application_id"),
        {("feed",): "persona_list"},
    )


def persona_sheets(bank: Bank, folder: Path) -> Foreign:
    """Write one sheet for each persona, named by its id."""
    file = folder / "Role Catalogue 2026-10-05.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        for persona in sorted({persona for persona, _, _ in bank.personas}):
            sheet = book.add_worksheet(persona)
            sheet.write_row(0, 0, ["App Code", "App Name", "Mandatory/Optional"])
            rows = [(app, need) for other, app, need in bank.personas if other == persona]
            for at, (app, need) in enumerate(rows, start=1):
                sheet.write_row(at, 0, [app, f"Service {app}", need[0].upper()])
    return Foreign(
        file,
        "persona_list",
        {
            "App Code": "application_id",
            "App Name": "application_name",
            "Mandatory/Optional": "requirement",
        },
        {("feed",): "persona_list", ("columns", "persona_id"): {"sheet_name": "true"}},
    )


def persona_lists_in_cells(bank: Bank, folder: Path) -> Foreign:
    """Write one row for each persona, with its applications in one cell, separated by commas."""
    file = folder / "Job Function Entitlements 2026-10-05.csv"
    rows = [
        [p, f"Persona {p}", ",".join(app for other, app, _ in bank.personas if other == p)]
        for p in sorted({persona for persona, _, _ in bank.personas})
    ]
    _write(file, [["Persona Code", "Persona Title", "Applications"], *rows])
    return Foreign(
        file,
        "persona_list",
        {
            "Persona Code": "persona_id",
            "Persona Title": "persona_name",
            "Applications": "application_id",
        },
        {("feed",): "persona_list", ("columns", "application_id"): {
            "from": "Applications", "split": ","}},
    )  # fmt: skip


def _write(file: Path, rows: Sequence[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


WRITERS: Mapping[str, Callable[[Bank, Path], Foreign]] = {
    **{shape.name: shape.write for shape in SHAPES},
    **{
        writer.__name__: writer
        for writer in (
            persona_matrix, persona_matrix_of_marks, persona_sheets, persona_lists_in_cells,
        )
    },
}  # fmt: skip
