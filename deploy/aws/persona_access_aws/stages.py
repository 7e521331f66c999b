"""The three stages. Each has an account, buckets, keys and a warehouse of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_DAYS = ("THU", "FRI", "SAT", "SUN", "MON", "TUE", "WED")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stage:
    """Where a stage lives and when it runs; times are UTC.

    `s3_prefix_list` is the AWS-managed list of S3's addresses in the region; `make deploy` asks AWS
    for it, and the one here, of eu-west-2, serves to synthesise without an account.
    `deadline_hours` after its start a run is late.
    """

    name: str
    account: str
    region: str = "eu-west-2"
    availability_zones: tuple[str, ...] = ("eu-west-2a", "eu-west-2b")
    s3_prefix_list: str = "pl-7ca54015"
    weekday: str = "MON"
    hour: int = 6
    deadline_hours: int = 4
    log_retention_days: int = 365
    object_lock_days: int = 365
    # As long as the var retention_weeks of dbt_project.yml says; a test compares them.
    retention_days: int = 104 * 7
    alarm_email: str | None = None
    # Which account sends a feed; that of the stage unless named.
    senders: Mapping[str, str] = field(default_factory=dict)
    # Where AWS Backup put a restored home, "/aws-backup-restore_<time>"; empty for the usual one.
    files_root: str = ""
    second_region: str = "eu-west-1"
    # Whether the marts are served in PostgreSQL (database.py), and from which networks people come;
    # the network of the stage has to be joined to those.
    has_database: bool = False
    reader_networks: tuple[str, ...] = ()

    @property
    def first_start(self) -> datetime:
        """The first moment since 1970 at which the weekly run would have been due."""
        return _EPOCH + timedelta(days=_DAYS.index(self.weekday), hours=self.hour)


# The feeds of models/staging/*/_*__sources.yml; a test compares them. Each arrives below a
# prefix of its own, which its sender alone may write to.
FEEDS = (
    "hr_headcount",
    "iam_app_registry",
    "persona_list",
    "persona_members",
    "review_decisions",
)
# Who may become what by IAM Identity Center: the permission sets of that name.
PERMISSION_SETS = {"analyst": "PersonaAccessAnalyst", "operator": "PersonaAccessOperator"}
# The repository whose workflows deploy; put your own here.
REPOSITORY = "example-bank/persona-access"

# The account numbers are invented: put your own here, one account a stage.
STAGES = {
    stage.name: stage
    for stage in (
        Stage("dev", "111111111111", object_lock_days=1, log_retention_days=90),
        Stage("staging", "222222222222", object_lock_days=30),
        Stage("production", "333333333333", object_lock_days=2557, log_retention_days=2557),
    )
}
