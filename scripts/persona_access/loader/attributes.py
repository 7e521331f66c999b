"""Attributes: a bank's own columns beyond the contract of a feed, kept in one JSON column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from persona_access.base.contracts import ATTRIBUTES, Column, Contract
from persona_access.loader.feed_mappings.declaration import FeedMapping
from persona_access.loader.session import name, text


def with_attributes(contract: Contract, mapping: FeedMapping | None) -> Contract:
    """Return the contract with its attributes as columns, so that their values are cleaned, too.

    A mapping declares its own attributes; a file with the feed's own name has those of the
    contract.
    """
    names = contract.attributes if mapping is None else tuple(mapping.attributes)
    columns = tuple(
        Column(
            name=attribute,
            is_required=False,
            is_value_required=False,
            parse_as=None,
            accepted_values=(),
            on_bad_value="value",
            is_attribute=True,
        )
        for attribute in names
    )
    return replace(contract, columns=(*contract.columns, *columns))


def with_packed_attributes(query: str, attributes: Sequence[str]) -> str:
    """Return a query with one JSON object instead of the attributes; null if they are all empty.

    The columns of the raw layer thus stay the same when attributes change.
    """
    if not attributes:
        return query
    pairs = ", ".join(f"{text(each)}, {name(each)}" for each in attributes)
    # A merge omits null values.
    packed = f"nullif(json_merge_patch('{{}}', json_object({pairs}))::varchar, '{{}}')"
    excluded = ", ".join(map(name, attributes))
    return f"select * exclude ({excluded}), {packed} as {name(ATTRIBUTES)} from ({query})"  # noqa: S608
