"""Send the message of a run through Apprise to mail, chat or a webhook, once."""

from __future__ import annotations

import hashlib
import json
import time

import apprise

from persona_access.base.errors import MachineError, SettingsError
from persona_access.base.files import write_atomically
from persona_access.base.settings import Settings
from persona_access.weeks.alerts.message import Message, message_of
from persona_access.weeks.run_record import RunRecord

# After a day, the same message can be sent again.
_REPEAT_SECONDS = 24 * 3600


def send_alert(settings: Settings, record: RunRecord) -> bool:
    """Send the message of a run to every address; return whether anything was sent.

    The same message is not sent twice within a day. Raises SettingsError for an invalid address,
    and MachineError if one could not be reached. Errors name addresses only by number, because
    addresses contain tokens.
    """
    message = message_of(record, settings.runbook)
    if message is None:
        return False
    name = hashlib.sha256(message.key.encode()).hexdigest()[:16]
    sent = settings.home / "alerts" / f"{name}.json"
    if sent.exists() and 0 <= time.time() - sent.stat().st_mtime < _REPEAT_SECONDS:
        return False
    failed = [
        number
        for number, address in enumerate(settings.alert_addresses, start=1)
        if not sender_of(number, address, "PERSONA_ACCESS_ALERTS").notify(
            title=message.title, body=message.body, notify_type=_kind(message)
        )
    ]
    if failed:
        raise MachineError(
            f"The message '{message.title}' did not reach address number "
            f"{', '.join(map(str, failed))} of PERSONA_ACCESS_ALERTS: check the address, and "
            "that its server answers."
        )
    write_atomically(sent, json.dumps({"key": message.key, "run_id": record.run_id}) + "\n")
    return True


def sender_of(number: int, address: str, variable: str) -> apprise.Apprise:
    """Create the sender for an address; raises SettingsError for an invalid address."""
    sender = apprise.Apprise()
    if not sender.add(address):
        raise SettingsError(
            f"Address number {number} of {variable} is not valid: write it in the syntax of "
            "Apprise, for example mailtos://user:password@host?to=team@example.com."
        )
    return sender


def _kind(message: Message) -> apprise.NotifyType:
    return apprise.NotifyType(message.severity)
