"""Cases about employment and identity: people in HR, people in IAM, and spellings of a BRID."""

from __future__ import annotations

from persona_access.demo.bank import mandatory
from persona_access.demo.fixtures import Fixtures, since, until

ACCOUNTANT = mandatory("accountant")
CONTROLLER = mandatory("controller")
SETTLEMENT = mandatory("settlement-officer")


def add_people_cases(fixtures: Fixtures) -> None:
    """Add all cases of this module to the fixtures."""
    _governance(fixtures)
    _in_one_system_only(fixtures)
    _employment(fixtures)
    _identity(fixtures)
    _non_human(fixtures)


def _governance(fixtures: Fixtures) -> None:
    """Add people who approve and own; they have no findings."""
    for brid, cost_center, level, persona in (
        ("1001", "LEG-8020", "L6", "compliance-officer"),
        ("1002", "TEC-6030", "L5", "security-analyst"),
        ("1003", "FIN-1010", "L6", "finance-lead"),
        ("1004", "TRD-2010", "L6", "desk-head"),
        ("1005", "OPS-3010", "L6", "operations-lead"),
        ("1006", "RSK-4010", "L6", "market-risk-analyst"),
        ("1007", "BRN-5010", "L6", "branch-manager"),
        ("1008", "TEC-6010", "L6", "developer"),
        ("1009", "HRS-7010", "L6", "people-partner"),
        ("1010", "TEC-6030", "L3", "security-analyst"),
        ("1011", "TEC-6040", "L2", "service-desk"),
    ):
        person = fixtures.actor(
            "governance", brid, "Approves or owns decisions; holds what is due."
        )
        person.works(cost_center, level).holds(mandatory(persona))
        person.shows(mandatory(persona), "match", "mandatory")


def _in_one_system_only(fixtures: Fixtures) -> None:
    person = fixtures.actor(
        "in_hr_without_any_access", "1020", "Employed for years, no account anywhere."
    )
    person.works("FIN-1020", "L2").fact("has_no_access")
    person.shows(CONTROLLER, "missing", "never_granted", "open")

    person = fixtures.actor(
        "in_iam_left_hr_file", "1024", "Vanished from the HR file without a termination."
    )
    person.works("FIN-1010", "L3", until(3)).holds(ACCOUNTANT)
    person.shows(ACCOUNTANT, "match", "mandatory", span=until(3))
    person.shows(
        ACCOUNTANT,
        "excess",
        "orphan_account",
        "open",
        span=since(4),
        orphan_detail="left_hr_file",
    )

    person = fixtures.actor("in_iam_never_in_hr", "1090", "HR has never reported this BRID.")
    person.holds(["mail", "customer-file"])
    person.shows(
        ["mail", "customer-file"], "excess", "orphan_account", "open", orphan_detail="never_seen"
    )


def _employment(fixtures: Fixtures) -> None:
    person = fixtures.actor("leaver_with_access", "1021", "Left in week 2, nobody took the access.")
    person.works("OPS-3010", "L2", until(1))
    person.works("OPS-3010", "L2", since(2), status="terminated", ended=fixtures.day(2, -3))
    person.holds(SETTLEMENT)
    person.shows(SETTLEMENT, "match", "mandatory", span=until(1))
    person.shows(SETTLEMENT, "excess", "leaver", "open", span=since(2))

    person = fixtures.actor(
        "leaver_without_access", "1022", "Left in week 2, access taken in time."
    )
    person.works("OPS-3010", "L2", until(1))
    person.works("OPS-3010", "L2", since(2), status="terminated", ended=fixtures.day(2, -3))
    person.holds(SETTLEMENT, until(1)).absent(since(2))

    person = fixtures.actor(
        "leaver_known_by_the_word_alone", "1023", "Terminated without a date; the word decides."
    )
    person.works("OPS-3030", "L1", until(2))
    person.works("OPS-3030", "L1", since(3), status="terminated")
    person.holds(SETTLEMENT, until(2)).holds(["break-tracker"], since(3))
    person.shows(["break-tracker"], "excess", "leaver", "open", span=since(3))

    person = fixtures.actor(
        "leaver_before_the_last_day", "1019", "Notice given: the last day is still to come."
    )
    person.works("FIN-1010", "L2", until(4), ended=fixtures.day(5, -1))
    person.works("FIN-1010", "L2", since(5), status="terminated", ended=fixtures.day(5, -1))
    person.holds(ACCOUNTANT, until(4)).absent(since(5))
    person.shows(ACCOUNTANT, "match", "mandatory", span=until(4))

    person = fixtures.actor(
        "rehired", "1025", "Left in week 1, rehired in week 4 under the same BRID."
    )
    person.works("FIN-1010", "L2", until(0))
    person.works("FIN-1010", "L2", (1, 3), status="terminated", ended=fixtures.day(1, -2))
    person.works(
        "FIN-1010",
        "L2",
        since(4),
        hired=fixtures.day(4, -1),
        ended=fixtures.day(1, -2),
        status="active",
    )
    person.holds(ACCOUNTANT, until(0)).holds(ACCOUNTANT, since(4), granted=fixtures.day(4, -1))
    person.absent((1, 3))
    person.shows(ACCOUNTANT, "match", "mandatory", span=since(4))

    person = fixtures.actor(
        "future_joiner_with_a_grant", "1026", "Starts in week 6, but has mail since week 3."
    )
    person.works("FIN-1020", "L1", (3, 5), status="future", hired=fixtures.day(6, -1))
    person.works("FIN-1020", "L1", since(6), hired=fixtures.day(6, -1))
    person.holds(["mail"], since(3), granted=fixtures.day(3, -1))
    person.holds(
        [app for app in CONTROLLER if app != "mail"], since(6), granted=fixtures.day(6, -1)
    )
    person.shows(["mail"], "excess", "early_access", "open", span=(3, 5))
    person.shows(CONTROLLER, "match", "mandatory", span=since(6))

    person = fixtures.actor("future_joiner_without_a_grant", "1027", "Starts after the last week.")
    person.works("FIN-1020", "L1", status="future", hired=fixtures.day(50)).absent()

    person = fixtures.actor("on_leave", "1028", "On leave is employed: access stays due.")
    person.works("BRN-5020", "L2", status="on leave").holds(mandatory("branch-adviser"))
    person.shows(mandatory("branch-adviser"), "match", "mandatory")

    person = fixtures.actor("contractor", "1029", "A contractor is classified like everybody else.")
    person.works("TEC-6010", "L3", worker_type="contractor").holds(mandatory("developer"))
    person.holds(["mortgage-desk"])
    person.shows(mandatory("developer"), "match", "mandatory")
    person.shows(["mortgage-desk"], "excess", "never_expected", "open")


def _identity(fixtures: Fixtures) -> None:
    person = fixtures.actor(
        "two_hr_rows_employed_first", "1030", "An ended and a current row: the current one counts."
    )
    person.works(
        "OPS-3010",
        "L2",
        status="terminated",
        hired=fixtures.day(0, -500),
        ended=fixtures.day(0, -400),
    )
    person.works("FIN-1010", "L2").holds(ACCOUNTANT).fact("hr_conflict")
    person.shows(ACCOUNTANT, "match", "mandatory")

    person = fixtures.actor(
        "two_hr_rows_latest_hire", "1031", "Two employed rows: the later hire date counts."
    )
    person.works("OPS-3010", "L2", hired=fixtures.day(0, -700))
    person.works("FIN-1010", "L2", hired=fixtures.day(0, -100))
    person.holds(ACCOUNTANT, granted=fixtures.day(0, -90)).fact("hr_conflict")
    person.shows(ACCOUNTANT, "match", "mandatory")

    person = fixtures.actor(
        "brid_in_four_spellings", "1032", "001032, 00001032, ' b1032 ' and 1032 are one person."
    )
    person.works("FIN-1010", "L2", written_as="001032")
    for spelling, applications in (
        ("1032", ["mail", "intranet"]),
        ("00001032", ["general-ledger", "expense-tool"]),
        (" b1032 ", ["time-sheet"]),
        ("B001032", ["invoice-desk"]),
    ):
        person.holds(applications, written_as=spelling)
    person.shows(ACCOUNTANT, "match", "mandatory")

    person = fixtures.actor(
        "brid_in_scientific_notation", "1.033E+5", "A spreadsheet ate the BRID: never guessed."
    )
    person.works("FIN-1010", "L2").holds(["data-room"])
    person.quarantined("bad_key").quarantined("bad_key", application="data-room").absent()

    person = fixtures.actor(
        "hr_row_quarantined", "1034", "The HR row cannot be read from week 5 on: not an orphan."
    )
    person.works("FIN-1010", "L2", until(4)).holds(ACCOUNTANT)
    person.works("FIN-1010", "L2", since(5), ended="31.02.2020 or so")
    person.shows(ACCOUNTANT, "match", "mandatory", span=until(4))
    person.shows(ACCOUNTANT, "unassessed", "hr_row_quarantined", span=since(5))
    person.quarantined("date_unreadable", since(5))


def _non_human(fixtures: Fixtures) -> None:
    person = fixtures.actor("non_human_registered", "SVC-DEMO-BATCH", "Registered, owner employed.")
    person.holds(["settlement-engine", "general-ledger"])
    person.shows(["settlement-engine", "general-ledger"], "unassessed", "non_human_registered")

    person = fixtures.actor("non_human_unregistered", "SVC-DEMO-BACKUP", "Nobody registered it.")
    person.holds(["cloud-console"], entitlement="admin")
    person.shows(
        ["cloud-console"],
        "excess",
        "orphan_account",
        "open",
        orphan_detail="non_human_unregistered",
    )

    person = fixtures.actor(
        "non_human_registration_lapsed", "RPA-DEMO-INVOICE", "The registration ended in week 3."
    )
    person.holds(["invoice-desk"])
    person.shows(["invoice-desk"], "unassessed", "non_human_registered", span=until(3))
    person.shows(
        ["invoice-desk"],
        "excess",
        "orphan_account",
        "open",
        span=since(4),
        orphan_detail="non_human_unregistered",
    )

    owner = fixtures.actor("non_human_owner_left", "1080", "Owner of a robot; left in week 4.")
    owner.works("TRD-2010", "L3", until(3))
    owner.works("TRD-2010", "L3", since(4), status="terminated", ended=fixtures.day(4, -2))
    owner.holds(mandatory("equity-trader"), until(3)).absent(since(4))
    person = fixtures.actor(
        "non_human_owner_left", "BOT-DEMO-QUOTES", "Registered, but its owner left."
    )
    person.holds(["market-data"])
    person.shows(["market-data"], "unassessed", "non_human_registered", span=until(3))
    person.shows(
        ["market-data"],
        "excess",
        "orphan_account",
        "open",
        span=since(4),
        orphan_detail="non_human_unregistered",
    )
