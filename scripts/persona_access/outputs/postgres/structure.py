"""Create marts as tables, with types and comments of the contracts, and policies for each role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import LiteralString, cast

import psycopg
from psycopg import sql

from persona_access.base.errors import SettingsError
from persona_access.base.sql import statement
from persona_access.outputs.release.catalogue import Mart, Rows

# A function that returns the statements for a table of a kind; the first creates the table.
Create = Callable[[sql.Composable, str], list[sql.Composed]]

READER_KEYS = "reader_keys"
RELEASE = "release"

_TYPES = {"string": "text", "varchar": "text", "double": "double precision"}
_KNOWN_TYPE = re.compile(
    r"text|integer|bigint|boolean|date|timestamp|double precision|numeric\(\d+, ?\d+\)"
)
_OWN_KEYS = statement(__package__, "own_keys", table="{table}", roles="{roles}")
SIGNATURES_OF_SCHEMA = statement(__package__, "signatures", schema="%s::regnamespace")
SIGNATURES_OF_SESSION = statement(__package__, "signatures", schema="pg_my_temp_schema()")


@dataclass(frozen=True)
class Served:
    """The place where the marts of a target are served: a schema, and a role for each audience."""

    target: str

    @property
    def schema(self) -> str:
        """`persona_access` in production; in other targets followed by the target's name."""
        return "persona_access" + ("" if self.target == "production" else f"_{self.target}")

    def role(self, audience: str) -> str:
        """Return the role of an audience; the audience's logins are members of it."""
        return f"{self.schema}_{audience}"

    def table(self, name: str) -> sql.Identifier:
        """Name a table of the schema."""
        return sql.Identifier(self.schema, name)

    def create_mart(self, mart: Mart, table: sql.Composable, kind: str) -> list[sql.Composed]:
        """Return the statements for an empty mart table; row-level security is on from the start.

        A mart with restricted rows has no index: an index condition is evaluated before the
        policy, and EXPLAIN ANALYZE counts the rows that the policy then removes. `kind` is
        `table`, or `temp table` for a table to compare with.
        """
        columns = [
            sql.SQL("{} {}").format(
                sql.Identifier(column.name), sql.SQL(postgres_type(column.data_type))
            )
            for column in mart.columns.values()
        ]
        if mart.key and mart.is_open:
            key = sql.SQL(", ").join(map(sql.Identifier, mart.key))
            columns.append(sql.SQL("primary key ({})").format(key))
        return [
            sql.SQL("create {} {} ({})").format(sql.SQL(kind), table, sql.SQL(", ").join(columns)),
            sql.SQL("alter table {} enable row level security").format(table),
            *(
                # EXPLAIN shows estimates from samples, and policies do not filter samples.
                sql.SQL("alter table {} alter column {} set statistics 0").format(
                    table, sql.Identifier(column.name)
                )
                for column in mart.columns.values()
                if column.privacy != "none"
            ),
            *(
                sql.SQL("create policy {} on {} for select to {} using ({})").format(
                    sql.Identifier(audience),
                    table,
                    sql.Identifier(self.role(audience)),
                    self._condition(audience, rows),
                )
                for audience, rows in mart.audience.items()
            ),
        ]

    def create_reader_keys(
        self, audiences: Iterable[str], table: sql.Composable, kind: str
    ) -> list[sql.Composed]:
        """Return the statements for the table of readers' keys; each reader sees only their own.

        The keys are those of the current role, also after `set role`. The day is in UTC: in a time
        zone that the reader chooses, `current_date` can be wrong by up to a week. It has no index,
        either.
        """
        roles = sql.SQL(", ").join(sql.Identifier(self.role(name)) for name in audiences)
        return [
            sql.SQL(
                "create {} {} (login name, rule text, key text, valid_from date, valid_to date)"
            ).format(sql.SQL(kind), table),
            sql.SQL("alter table {} enable row level security").format(table),
            *(
                sql.SQL("alter table {} alter column {} set statistics 0").format(table, column)
                for column in map(sql.Identifier, ("login", "key"))
            ),
            sql.SQL(_OWN_KEYS).format(table=table, roles=roles),
        ]

    def create_release(self, table: sql.Composable, kind: str) -> list[sql.Composed]:
        """Return the statements for the table with the served release."""
        return [
            sql.SQL(
                "create {} {} (release text, as_of_date date, commit text, "
                "published_at timestamptz, served_at timestamptz)"
            ).format(sql.SQL(kind), table)
        ]

    def _condition(self, audience: str, rows: Rows) -> sql.Composable:
        """Return the condition for the rows that a reader of a role sees; keys come from a table.

        A subscript has no cost for the planner, so it is evaluated before the reader's own
        conditions. With `in` or `=`, EXPLAIN ANALYZE would reveal whether a reader's condition
        left any rows. The role is checked again inside: in a view, the policies are those of the
        view's owner.
        """
        if isinstance(rows, str):
            return sql.SQL("true")
        ((rule, column),) = rows.items()
        return sql.SQL(
            "((select jsonb_object_agg(key, true) from {} where {}))[{}] is not null"
        ).format(
            self.table(READER_KEYS),
            sql.SQL("rule = {} and pg_has_role({}, 'usage')").format(
                sql.Literal(rule), sql.Literal(self.role(audience))
            ),
            sql.Identifier(column),
        )

    def comments(self, mart: Mart) -> Iterator[sql.Composed]:
        """Return the comments of a mart and its columns from the contract."""
        table = self.table(mart.name)
        yield sql.SQL("comment on table {} is {}").format(table, sql.Literal(mart.description))
        for column in mart.columns.values():
            yield sql.SQL("comment on column {}.{} is {}").format(
                table, sql.Identifier(column.name), sql.Literal(column.description)
            )


def signatures(
    cursor: psycopg.Cursor, query: LiteralString, values: Sequence[str] = ()
) -> dict[str, str]:
    """Describe every table of a schema, by name."""
    return dict(cast("list[tuple[str, str]]", cursor.execute(query, values).fetchall()))


def postgres_type(contract_type: str) -> str:
    """Return the PostgreSQL type of a contract's type.

    Raises SettingsError for an unknown type.
    """
    found = _TYPES.get(contract_type, contract_type)
    if not _KNOWN_TYPE.fullmatch(found):
        raise SettingsError(
            f"The contracts' type '{contract_type}' has no counterpart in PostgreSQL: add it to "
            "outputs/postgres/structure.py."
        )
    return found
