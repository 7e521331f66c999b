"""The code of an item on a work list: an HMAC over reviewer, week, item, and delegate if any.

Each row has its own code, so an answer proves its origin even if only half of the list is
returned, in another order, or mixed with rows of another list.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

# The item that stands for the signature of a whole list.
ATTESTATION = "attestation"
# Hexadecimal digits of the hash that are kept: 96 bits.
LENGTH = 24
# The columns of an answer and its ticket in the feed `review_decisions`, in this order.
ANSWER_COLUMNS = (
    "item_id",
    "list_week",
    "reviewer_brid",
    "list_code",
    "decision",
    "decision_reason",
    "keep_until",
    "persona_id",
    "new_reviewer_brid",
    "decided_by",
    "decided_at",
)
TICKET_COLUMNS = ("ticket_number", "ticket_state")
# The separator of the parts, so that different parts never give the same text.
SEPARATOR = "|"


def item_code(
    key: str, reviewer: str, week: date, item_id: str, delegate: str | None = None
) -> str:
    """Return the code of one item on a reviewer's list of a week, or on that of a delegate."""
    named = (delegate.upper(),) if delegate else ()
    text = SEPARATOR.join((reviewer.upper(), week.isoformat(), item_id, *named))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def item_code_in_sql(key: str, reviewer: str, week: str, item: str, *delegate: str) -> str:
    """Return SQL for the same code; people (in upper case), week and item are SQL, too."""
    said = f" || '{SEPARATOR}' || ".join((reviewer, f"cast({week} as varchar)", item, *delegate))
    inner, outer = (f"from_hex('{pad.hex()}')" for pad in _pads(key))
    inner_hash = f"unhex(sha256({inner} || encode({said})))"
    return f"sha256({outer} || {inner_hash})[:{LENGTH}]"


def _pads(key: str) -> tuple[bytes, bytes]:
    """Return the inner and outer padded keys of HMAC-SHA-256 (RFC 2104)."""
    block = 64
    secret = key.encode()
    if len(secret) > block:
        secret = hashlib.sha256(secret).digest()
    secret = secret.ljust(block, b"\0")
    return bytes(byte ^ 0x36 for byte in secret), bytes(byte ^ 0x5C for byte in secret)
