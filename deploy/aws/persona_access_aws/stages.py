"""The three stages. Each has its own account, buckets, keys and warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_DAYS = ("THU", "FRI", "SAT", "SUN", "MON", "TUE", "WED")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stage:
    """The account, region and schedule of a stage; times are UTC.

    `s3_prefix_list` is the AWS-managed list of S3's addresses in the region. `make deploy` gets it
    from AWS; the one here, of eu-west-2, allows synthesis without an account. A run is late
    `deadline_hours` after its start.
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
    # The same as the var retention_weeks of dbt_project.yml; a test compares them.
    retention_days: int = 104 * 7
    alarm_email: str | None = None
    # The sending account of a feed; default: that of the stage.
    senders: Mapping[str, str] = field(default_factory=dict)
    # The folder of a home that AWS Backup restored, "/aws-backup-restore_<time>"; empty for the
    # usual one.
    files_root: str = ""
    second_region: str = "eu-west-1"
    # Whether the marts are served in PostgreSQL (database.py), and the networks of its readers;
    # the stage's network must be connected to these.
    has_database: bool = False
    reader_networks: tuple[str, ...] = ()

    @property
    def first_start(self) -> datetime:
        """The first weekly start after the beginning of 1970."""
        return _EPOCH + timedelta(days=_DAYS.index(self.weekday), hours=self.hour)


# The feeds of models/staging/*/_*__sources.yml; a test compares them. Each has its own prefix, to
# which only its sender can write.
FEEDS = (
    "hr_headcount",
    "iam_app_registry",
    "persona_list",
    "persona_members",
    "review_decisions",
)
# The permission sets of IAM Identity Center for each role.
PERMISSION_SETS = {"analyst": "PersonaAccessAnalyst", "operator": "PersonaAccessOperator"}
# The repository whose workflows deploy; put your own here.
REPOSITORY = "example-bank/persona-access"

# The account numbers are invented: put your own here, one account for each stage.
STAGES = {
    stage.name: stage
    for stage in (
        Stage("dev", "111111111111", object_lock_days=1, log_retention_days=90),
        Stage("staging", "222222222222", object_lock_days=30),
        Stage("production", "333333333333", object_lock_days=2557, log_retention_days=2557),
    )
}
