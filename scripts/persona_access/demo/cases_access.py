"""Cases about grants: spelling, dates, accounts, waivers, and lines that cannot be loaded."""

from __future__ import annotations

from persona_access.demo.bank import mandatory
from persona_access.demo.fixtures import Fixtures, since, until

ACCOUNTANT = mandatory("accountant")
COLLATERAL = mandatory("collateral-analyst")


def add_access_cases(fixtures: Fixtures) -> None:
    """Add all cases of this module to the fixtures."""
    _grant_rows(fixtures)
    _classifications(fixtures)
    _spellings(fixtures)
    _waivers(fixtures)
    _broken_lines(fixtures)


def _grant_rows(fixtures: Fixtures) -> None:
    person = fixtures.actor("duplicate_grant_rows", "1056", "Mail stands in the file three times.")
    person.works("FIN-1010", "L2").holds(ACCOUNTANT).holds(["mail"]).holds(["mail"])
    person.shows(ACCOUNTANT, "match", "mandatory").fact("n_grant_rows=3", application="mail")

    person = fixtures.actor("several_accounts", "1057", "Two accounts on the general ledger.")
    person.works("FIN-1010", "L2").holds(ACCOUNTANT)
    person.holds(["general-ledger"], account="adm", entitlement="admin")
    person.shows(ACCOUNTANT, "match", "mandatory").fact(
        "n_grant_rows=2", application="general-ledger"
    )

    for case_name, brid, reason, application, explanation in (
        ("grant_not_started", "1058", "grant_not_started", "build-farm",
         "Dated after every week: not yet access."),
        ("grant_expired", "1059", "grant_expired", "build-farm",
         "Expired before the first week: no longer access."),
        ("account_disabled", "1066", "account_inactive", "build-farm",
         "The account is disabled: no access."),
        ("only_account_is_disabled", "1067", "account_inactive", "invoice-desk",
         "The only account on a mandatory application is disabled."),
    ):  # fmt: skip
        person = fixtures.actor(case_name, brid, explanation)
        person.works("FIN-1010", "L2").holds([app for app in ACCOUNTANT if app != application])
        person.holds(
            [application],
            account_status="disabled" if reason == "account_inactive" else "active",
            granted=fixtures.day(51) if reason == "grant_not_started" else None,
            expires=fixtures.day(0, -3) if reason == "grant_expired" else None,
        )
        person.quarantined(reason, application=application)
        if application in ACCOUNTANT:
            person.shows([application], "missing", "never_granted", "open")

    person = fixtures.actor(
        "grant_expires_on_the_day", "1068", "Good to the day of week 3's extract, not a day longer."
    )
    person.works("FIN-1010", "L2").holds([app for app in ACCOUNTANT if app != "expense-tool"])
    person.holds(["expense-tool"], expires=fixtures.day(3))
    person.shows(["expense-tool"], "match", "mandatory", span=until(3))
    person.shows(["expense-tool"], "missing", "lost_since_last_week", "in_sla", span=(4, 4))
    person.shows(["expense-tool"], "missing", "never_granted", "in_sla", span=(5, 5))
    person.shows(["expense-tool"], "missing", "never_granted", "open", span=since(6))
    person.quarantined("grant_expired", since(4), application="expense-tool")


def _classifications(fixtures: Fixtures) -> None:
    def accountant(case_name: str, brid: str, explanation: str, application: str) -> None:
        person = fixtures.actor(case_name, brid, explanation)
        person.works("FIN-1010", "L2").holds(ACCOUNTANT)
        if case_name == "optional_not_held":
            person.fact("optional_not_held", application=application)
            return
        person.holds([application], is_named=case_name != "application_unknown")
        person.shows(
            [application],
            *{
                "optional_held": ("match", "optional"),
                "prohibited_and_held": ("excess", "prohibited_for_persona", "open"),
                "never_expected": ("excess", "never_expected", "open"),
                "application_unknown": ("unassessed", "application_unknown"),
                "application_not_modelled": ("unassessed", "application_not_modelled"),
            }[case_name],
        )

    accountant("optional_held", "1069", "Optional and held.", "reporting-studio")
    accountant("optional_not_held", "1076", "Optional, not held: no finding.", "reporting-studio")
    accountant("prohibited_and_held", "1077", "May not also pay.", "payments-gateway")
    accountant("never_expected", "1078", "No persona of theirs has it.", "siem-console")
    accountant("application_unknown", "1079", "No name, no alias, no persona.", "qx-7731")
    accountant("application_not_modelled", "1081", "Known, but in no persona.", "legacy-crm")

    person = fixtures.actor("lost_and_restored", "1082", "Lost the ledger in weeks 5 and 6.")
    person.works("FIN-1010", "L2").holds([app for app in ACCOUNTANT if app != "general-ledger"])
    person.holds(["general-ledger"], until(4))
    person.holds(["general-ledger"], since(7), granted=fixtures.day(7, -1))
    person.shows(["general-ledger"], "missing", "lost_since_last_week", "in_sla", span=(5, 5))
    person.shows(["general-ledger"], "missing", "never_granted", "in_sla", span=(6, 6))
    person.shows(["general-ledger"], "match", "mandatory", span=since(7))


def _spellings(fixtures: Fixtures) -> None:
    person = fixtures.actor(
        "alias_spelling", "1083", "IAM writes FinLedger; the alias seed knows it."
    )
    person.works("FIN-1010", "L2").holds([app for app in ACCOUNTANT if app != "general-ledger"])
    person.holds(["FinLedger"], is_named=False)
    person.shows(ACCOUNTANT, "match", "mandatory")

    for brid in ("1070", "1071", "1072", "1073", "1074", "1075"):
        person = fixtures.actor(
            "unresolved_spelling_pair",
            brid,
            "All miss collateral-hub and hold coll_hub_v2: one app?",
        )
        person.works("COL-9110", "L2")
        person.holds([app for app in COLLATERAL if app != "collateral-hub"])
        person.holds(["COLL_HUB_V2"], is_named=False)
        person.shows(["collateral-hub"], "missing", "never_granted", "open")
        person.shows(["coll_hub_v2"], "unassessed", "application_unknown")
        person.fact("alias_suggestion=collateral-hub", application="coll_hub_v2")


def _waivers(fixtures: Fixtures) -> None:
    person = fixtures.actor(
        "waived_excess", "1053", "Covers for a colleague, approved until March."
    )
    person.works("FIN-1010", "L3").holds([*ACCOUNTANT, "siem-console"])
    person.shows(["siem-console"], "excess", "never_expected", "waived")

    person = fixtures.actor("expired_waiver", "1054", "The permission ended in week 3.")
    person.works("FIN-1010", "L3").holds([*ACCOUNTANT, "siem-console"])
    person.shows(["siem-console"], "excess", "never_expected", "waived", span=until(3))
    person.shows(["siem-console"], "excess", "never_expected", "open", span=since(4))

    person = fixtures.actor(
        "waived_missing", "1055", "Works without the expense tool, by agreement."
    )
    person.works("FIN-1010", "L3").holds([app for app in ACCOUNTANT if app != "expense-tool"])
    person.shows(["expense-tool"], "missing", "never_granted", "waived")


def _broken_lines(fixtures: Fixtures) -> None:
    # They are in every week's file: a new unreadable line would make related access uncertain.
    person = fixtures.actor("line_without_brid", "", "A grant of nobody.")
    person.quarantined("value_missing", since(0), application="mail")
    fixtures.broken(
        "iam_app_registry", "mail,Mail (demo),,u-nobody,active,user,false,,,,1001", since(0)
    )

    person = fixtures.actor("unreadable_date", "1084", "A second account with a thirteenth month.")
    person.works("FIN-1010", "L2").holds(ACCOUNTANT).shows(ACCOUNTANT, "match", "mandatory")
    person.quarantined("date_unreadable", since(0), application="mail")
    fixtures.broken(
        "iam_app_registry",
        "mail,Mail (demo),1084,old-1084,active,user,false,,2026-13-45,,1001",
        since(0),
    )

    person = fixtures.actor("too_many_fields", "1085", "An unquoted comma: one field too many.")
    person.works("FIN-1010", "L2").holds(ACCOUNTANT).shows(ACCOUNTANT, "match", "mandatory")
    person.quarantined("too_many_fields", since(0), application="mail")
    fixtures.broken(
        "iam_app_registry",
        "mail,Mail, the old one (demo),1085,old-1085,active,user,false,,,,1001",
        since(0),
    )
