"""Keeps articles.models.tally true: how many articles with a date each list has, and what is under a tag in its order.

Triggers do it, within each change: no way in can forget it. Those of PostgreSQL add up what a statement changes and put
it down as rows of its own, so writers never wait for each other; SQLite, with one writer at a time, changes the numbers
where they stand.
"""

from collections.abc import Sequence
from hashlib import blake2b

from django.db import connection, transaction

from articles.triggers import Set, Trigger, install

LABEL = "count_articles"
FILED = "articles_article_tags"
DATED = "{row}.published_at IS NOT NULL AND {row}.kind = 'article'"

# Of a row with a published_at: the lists that it is in, each with its kind, key and period
LISTS = {
    "articles_article": [
        *(("'all'", "0", period) for period in ("0", "{month}", "{day}")),
        *(("'author'", "{row}.author_id", period) for period in ("0", "{month}")),
        *(("'series'", "{row}.series_id", period) for period in ("0", "{month}")),
    ],
    "articles_tagged": [("'tag'", "{row}.tag_id", period) for period in ("0", "{month}")],
}
PERIODS = {
    "postgresql": {
        "month": "to_char({row}.published_at AT TIME ZONE 'UTC', 'YYYYMM')::int",
        "day": "to_char({row}.published_at AT TIME ZONE 'UTC', 'YYYYMMDD')::int",
    },
    "sqlite": {
        "month": "CAST(replace(substr({row}.published_at, 1, 7), '-', '') AS integer)",
        "day": "CAST(replace(substr({row}.published_at, 1, 10), '-', '') AS integer)",
    },
}
COUNTED = {"articles_article": DATED, "articles_tagged": "{row}.tag_id IS NOT NULL"}
# What says in which lists a row is
PLACING = {
    "articles_article": ("published_at", "kind", "author_id", "series_id"),
    "articles_tagged": ("published_at", "tag_id"),
}
ENTER = (
    "INSERT INTO articles_tagged (id, tag_id, article_id, published_at)"
    " SELECT filed.id, filed.tag_id, article.id, article.published_at FROM {filed} AS filed"
    f" JOIN articles_article AS article ON article.id = filed.article_id WHERE {DATED.format(row='article')}"
)


def prepare() -> None:
    """Have the triggers in place, and where some were not, count anew: of what happened meanwhile they know nothing."""
    with transaction.atomic():
        if install(LABEL, {"postgresql": postgresql(), "sqlite": sqlite()}):
            recount()


def remove() -> None:
    """Before the tables go."""
    install(LABEL, {"postgresql": Set([]), "sqlite": Set([])})


def recount() -> None:
    """Count all articles. Where the triggers are just being made, nobody can change any meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE articles_article, articles_article_tags, articles_tagged, articles_tally")
        cursor.execute("DELETE FROM articles_tagged")
        cursor.execute(ENTER.format(filed=FILED))
        cursor.execute("DELETE FROM articles_tally")
        for table in LISTS:
            for one in _lists_of(table, table):
                cursor.execute(_counted(table, *one))


def _counted(table: str, kind: str, key: str, period: str) -> str:
    listed = f"SELECT {kind} AS kind, {key} AS key, {period} AS period FROM {table}"
    listed += f" WHERE {COUNTED[table].format(row=table)}"
    return (
        f"INSERT INTO articles_tally (kind, key, period, number) SELECT kind, key, period, count(*)"
        f" FROM ({listed}) AS list WHERE key IS NOT NULL GROUP BY kind, key, period"
    )


def fold() -> None:
    """Put one row in the place of several. Two that do so at once take different rows, and lose none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(FOLD)


FOLD = """
WITH many AS (
    SELECT kind, key, period FROM articles_tally GROUP BY kind, key, period HAVING count(*) > 1 OR sum(number) = 0
), held AS (
    SELECT id FROM articles_tally JOIN many USING (kind, key, period) FOR UPDATE OF articles_tally SKIP LOCKED
), taken AS (
    DELETE FROM articles_tally WHERE id IN (SELECT id FROM held) RETURNING kind, key, period, number
)
INSERT INTO articles_tally (kind, key, period, number)
SELECT kind, key, period, sum(number) FROM taken GROUP BY kind, key, period HAVING sum(number) <> 0
"""


def postgresql() -> Set:
    """Once for each statement, however many rows it changes."""
    made = [*_summing("articles_article"), *_summing("articles_tagged"), *_tagging()]
    return Set([trigger for trigger, _function in made], [function for _trigger, function in made])


def _summing(table: str) -> list[tuple[Trigger, str]]:
    new, old = "SELECT 1 AS step, new_rows.* FROM new_rows", "SELECT -1 AS step, old_rows.* FROM old_rows"
    return [
        _statement(table, "INSERT", _summed(table, new)),
        _statement(table, "DELETE", _summed(table, old)),
        _statement(table, "UPDATE", _summed(table, f"{new} UNION ALL {old}"), PLACING[table]),
    ]


def _summed(table: str, rows: str) -> str:
    """Puts down what these rows add, of which each has a `step`."""
    return f"""
        INSERT INTO articles_tally (kind, key, period, number)
        SELECT list.kind, list.key, list.period, sum(changed.step)
        FROM ({rows}) AS changed CROSS JOIN LATERAL ({_lists(table, "changed")}) AS list
        WHERE {COUNTED[table].format(row="changed")} AND list.key IS NOT NULL
        GROUP BY 1, 2, 3 HAVING sum(changed.step) <> 0;
    """


def _tagging() -> list[tuple[Trigger, str]]:
    """Whoever files an article waits for those who change its date, and they for them: neither would see the other."""
    hold = "PERFORM FROM articles_article WHERE id IN (SELECT article_id FROM {rows}) ORDER BY id FOR SHARE;"
    leave = "DELETE FROM articles_tagged WHERE id IN (SELECT id FROM {rows});"
    new, old = ENTER.format(filed="new_rows") + ";", leave.format(rows="old_rows")
    hold_new, hold_old = hold.format(rows="new_rows"), hold.format(rows="old_rows")
    differing = f"SELECT id FROM ({_differing('published_at', 'kind')}) AS changed"
    moved = f"SELECT filed.* FROM {FILED} AS filed WHERE filed.article_id IN ({differing})"
    dated = f"{leave.format(rows=f'({moved}) AS moved')} {ENTER.format(filed=f'({moved})')};"
    return [
        _statement(FILED, "INSERT", f"{hold_new} {new}"),
        _statement(FILED, "DELETE", f"{hold_old} {old}"),
        _statement(FILED, "UPDATE", f"{hold_old} {hold_new} {old} {new}"),
        _statement("articles_article", "UPDATE", dated, ("published_at", "kind")),
    ]


def _statement(table: str, event: str, does: str, columns: Sequence[str] = ()) -> tuple[Trigger, str]:
    """A trigger, and the function that it calls. With columns, only where one of these is changed."""
    name = f"{LABEL}_{blake2b(f'{table} {event} {does}'.encode(), digest_size=4).hexdigest()}"
    rows = {"INSERT": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}
    rows["UPDATE"] = " ".join(rows.values())
    if columns:
        does = f"IF EXISTS ({_differing(*columns)}) THEN {does} END IF;"
    body = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does} RETURN NULL; END $$"
    )
    action = f"REFERENCING {rows[event]} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    return Trigger(table, f"AFTER {event}", action), body


def _differing(*columns: str) -> str:
    """Rows of which something else is now in these columns. By a join, each might be held against each."""
    names = ", ".join(("id", *columns))
    return f"SELECT {names} FROM old_rows EXCEPT SELECT {names} FROM new_rows"


def sqlite() -> Set:
    """For each row, as it knows no other triggers."""
    placing = ", ".join(PLACING["articles_article"])
    leave = "DELETE FROM articles_tagged WHERE id IN (SELECT id FROM articles_article_tags WHERE article_id = OLD.id);"
    enter, forget = (
        f"{ENTER.format(filed=FILED)} AND filed.id = NEW.id;",
        "DELETE FROM articles_tagged WHERE id = OLD.id;",
    )
    moved = "OLD.published_at IS NOT NEW.published_at OR OLD.kind IS NOT NEW.kind"
    return Set(
        [
            *(_row(table, "INSERT", _more(table), COUNTED[table].format(row="NEW")) for table in LISTS),
            *(_row(table, "DELETE", _fewer(table), COUNTED[table].format(row="OLD")) for table in LISTS),
            _row("articles_article", f"UPDATE OF {placing}", _fewer("articles_article"), DATED.format(row="OLD")),
            _row("articles_article", f"UPDATE OF {placing}", _more("articles_article"), DATED.format(row="NEW")),
            _row(
                "articles_article",
                "UPDATE OF published_at, kind",
                f"{leave} {ENTER.format(filed=FILED)} AND article.id = NEW.id;",
                moved,
            ),
            _row(FILED, "INSERT", enter, "1"),
            _row(FILED, "DELETE", forget, "1"),
            _row(FILED, "UPDATE", f"{forget} {enter}", "1"),
        ]
    )


def _row(table: str, event: str, does: str, when: str) -> Trigger:
    return Trigger(table, f"AFTER {event}", f"FOR EACH ROW WHEN {when} BEGIN {does} END")


def _more(table: str) -> str:
    """A statement for each list: SQLite looks up one row by the index, but several at once by reading all."""
    found = "kind = {} AND key = {} AND period = {}"
    return " ".join(
        f"INSERT INTO articles_tally (kind, key, period, number) SELECT {', '.join(one)}, 0 WHERE {one[1]} IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM articles_tally WHERE {found.format(*one)});"
        f" UPDATE articles_tally SET number = number + 1 WHERE {found.format(*one)};"
        for one in _lists_of(table, "NEW")
    )


def _fewer(table: str) -> str:
    """What was counted has a number to take it from, unless all tables are just being emptied, this one first."""
    return " ".join(
        f"UPDATE articles_tally SET number = number - 1 WHERE kind = {kind} AND key = {key} AND period = {period};"
        for kind, key, period in _lists_of(table, "OLD")
    )


def _lists(table: str, row: str) -> str:
    """The lists that a row of this table is in, as rows of SQL."""
    lists = _lists_of(table, row)
    return " UNION ALL ".join(f"SELECT {kind} AS kind, {key} AS key, {period} AS period" for kind, key, period in lists)


def _lists_of(table: str, row: str) -> list[list[str]]:
    return [[part.format(row=row, **_periods(row)) for part in one] for one in LISTS[table]]


def _periods(row: str) -> dict[str, str]:
    return {name: sql.format(row=row) for name, sql in PERIODS[connection.vendor].items()}
