"""Write metrics and send messages after a run, even a failed one."""

from __future__ import annotations

from persona_access.base.errors import PersonaAccessError
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.weeks.run_record import RunRecord


def after_run(settings: Settings, record: RunRecord, report: Reporter = SILENT) -> None:
    """Write metrics and send the message of a run, if the settings require it.

    Failures are reported, but do not change the result of the run.
    """
    try:
        if settings.metrics:
            from persona_access.weeks.metrics import deliver_metrics

            deliver_metrics(settings, record)
        if settings.alert_addresses:
            from persona_access.weeks.alerts.send import send_alert

            send_alert(settings, record)
    except ModuleNotFoundError as error:
        report.warn(
            f"Metrics and messages need packages that are not installed ({error.name}): run "
            "`uv sync --extra operations`, or pip install 'persona-access[operations]'."
        )
    except (PersonaAccessError, OSError) as error:
        report.warn(f"The run ended, but its metrics or messages could not be sent: {error}")
