"""What the database itself does with each change, so that no way in can forget it: not bulk_create() or update(), not a
cascade, a command or a hand at the database's own prompt.

Triggers are no part of the models' state, and SQLite loses those of a table that a migration makes anew. So they are
looked for after every `migrate`, and made where they are missing or not as they should be.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from django.db import connection, transaction

INSTALLED = {
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE %s",
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
}


class Trigger(NamedTuple):
    table: str
    event: str  # such as AFTER UPDATE OF name
    action: str  # all that follows the table's name


class Set(NamedTuple):
    """Triggers that belong together, and the functions that they call, which are made anew with them."""

    triggers: Sequence[Trigger]
    functions: Sequence[str] = ()


@transaction.atomic
def install(label: str, sets: Mapping[str, Set]) -> bool:
    """Let the database have these triggers, of the set that is for its kind, and none from an earlier version of it.

    Answers whether any had to be made. One query where all are there.
    """
    wanted = sets[connection.vendor]
    digest = blake2b(repr(wanted).encode(), digest_size=6).hexdigest()
    names = {f"{label}_{digest}_{number}": trigger for number, trigger in enumerate(wanted.triggers)}
    with connection.cursor() as cursor:
        cursor.execute(
            INSTALLED[connection.vendor], [f"{label}\\_%" if connection.vendor != "sqlite" else f"{label}_%"]
        )
        found = dict(cursor.fetchall())
        if found.keys() == names.keys():
            return False
        for name, table in found.items():
            cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
        for function in wanted.functions:
            cursor.execute(function)
        for name, trigger in names.items():
            cursor.execute(f"CREATE TRIGGER {name} {trigger.event} ON {trigger.table} {trigger.action}")
    return True
