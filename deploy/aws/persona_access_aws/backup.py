"""Back up the home every day, for 35 days, with a copy in a second region."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_efs as efs
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from constructs import Construct

from persona_access_aws.stages import Stage

KEPT = Duration.days(35)


def vault_name(stage: Stage) -> str:
    """Return the name of the vault; it is the same in both regions."""
    return f"persona-access-{stage.name}"


class SecondRegionStack(Stack):
    """The vault of the copies in another region, with its own key."""

    def __init__(self, scope: Construct, name: str, stage: Stage, **kwargs: object) -> None:
        super().__init__(scope, name, **kwargs)
        key = kms.Key(
            self,
            "Key",
            description=f"Persona Access {stage.name}: copies of backups",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN,
        )
        _vault(self, stage, key)


def add_backups(scope: Construct, stage: Stage, files: efs.FileSystem, key: kms.IKey) -> None:
    """Back up the files every night; nobody can delete a backup before it expires."""
    plan = backup.BackupPlan(
        scope,
        "BackupPlan",
        backup_plan_name=vault_name(stage),
        backup_vault=_vault(scope, stage, key),
    )
    copies = backup.BackupVault.from_backup_vault_arn(
        scope,
        "Copies",
        f"arn:aws:backup:{stage.second_region}:{stage.account}:backup-vault:{vault_name(stage)}",
    )
    plan.add_rule(
        backup.BackupPlanRule(
            rule_name="daily",
            schedule_expression=events.Schedule.cron(minute="0", hour="2"),
            start_window=Duration.hours(1),
            completion_window=Duration.hours(6),
            delete_after=KEPT,
            copy_actions=[
                backup.BackupPlanCopyActionProps(destination_backup_vault=copies, delete_after=KEPT)
            ],
        )
    )
    plan.add_selection("Files", resources=[backup.BackupResource.from_efs_file_system(files)])


def _vault(scope: Construct, stage: Stage, key: kms.IKey) -> backup.BackupVault:
    return backup.BackupVault(
        scope,
        "Vault",
        backup_vault_name=vault_name(stage),
        encryption_key=key,
        lock_configuration=backup.LockConfiguration(min_retention=KEPT),
        removal_policy=RemovalPolicy.RETAIN,
    )
