"""The number that every change raises which readers could see, in the transaction of the change.

It is a sum: each transaction adds one to a row of its own choice that no other holds, so writers never wait for each
other, and two commits always make two numbers. Beside it is counted how often something was taken away from readers:
what was kept before that is not shown again, even while the database is away.

Not raised by what no reader sees: drafts, their tags and their neighbours, accounts that have published nothing new.
"""

from collections.abc import Iterator
from itertools import chain

from articles.triggers import Set, Trigger, install

TABLE = "articles_version"
CHANNEL = "articles_version"
ROWS = 64  # so many transactions can raise it at the same time without one waiting
LABEL = "raise_version"

# Of other tables: the condition on a changed row. What is inserted there shows only with an article.
COLUMNS = {
    "accounts_user": "username, name, bio, website, avatar",
    "articles_tag": "name, key, slug, description",
    "articles_series": "title, slug, description",
    "articles_image": "alt, file, width, height, widths, made_by",
}
DATED = "published_at IS NOT NULL"
# In SQLite, the milliseconds of the epoch. No number comes again where a file was put back to an earlier state and went
# another way from there. PostgreSQL's processes see the number fall, for they have it in common: Known.epoch.
NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS integer)"
# Which rows of these tables readers could see: by the articles that they are of
OF_ARTICLES = {
    "articles_article_tags": ("article_id",),
    "articles_related": ("article_id", "other_id"),
}

RAISE = f"""
CREATE OR REPLACE FUNCTION articles_raise_version(hides boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    done text := current_setting('articles.raised', true);
    free smallint;
BEGIN
    IF done = 'taken away' OR (done = 'changed' AND NOT hides) THEN
        RETURN;
    END IF;
    SELECT shard INTO free FROM {TABLE} FOR UPDATE SKIP LOCKED LIMIT 1;
    UPDATE {TABLE} SET number = number + 1, taken_away = taken_away + hides::int
        WHERE shard = coalesce(free, pg_backend_pid() % {ROWS});
    PERFORM set_config('articles.raised', CASE WHEN hides THEN 'taken away' ELSE 'changed' END, true);
    PERFORM pg_notify('{CHANNEL}', '');
END $$
"""


def function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION articles_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {body} RETURN NULL; END $$"
    )


def when(seen: str, taken_away: str = "false") -> str:
    return f"IF EXISTS ({seen}) THEN PERFORM articles_raise_version({taken_away}); END IF;"


def postgresql() -> Set:
    """Once for each statement, however many rows it changes."""
    dates = f"SELECT id, published_at FROM {{}} WHERE {DATED}"
    taken_away = f"EXISTS ({dates.format('before')} EXCEPT {dates.format('after')})"  # a join may be made row by row
    functions = [
        RAISE,
        function("changed", "PERFORM articles_raise_version(false);"),
        function("taken_away", "PERFORM articles_raise_version(true);"),
        function("article_inserted", when(f"SELECT FROM after WHERE {DATED}")),
        function("article_deleted", when(f"SELECT FROM before WHERE {DATED}", "true")),
        function(
            "article_updated",
            when(f"SELECT FROM before WHERE {DATED} UNION ALL SELECT FROM after WHERE {DATED}", taken_away),
        ),
        *(function(f"{table}_changed", when(_seen("changed", table, "changed"))) for table in OF_ARTICLES),
    ]
    whole = "FOR EACH STATEMENT EXECUTE FUNCTION articles_{}()"
    triggers = [
        Trigger(
            "articles_article", "AFTER INSERT", f"REFERENCING NEW TABLE AS after {whole.format('article_inserted')}"
        ),
        Trigger(
            "articles_article", "AFTER DELETE", f"REFERENCING OLD TABLE AS before {whole.format('article_deleted')}"
        ),
        Trigger(
            "articles_article",
            "AFTER UPDATE",
            f"REFERENCING OLD TABLE AS before NEW TABLE AS after {whole.format('article_updated')}",
        ),
        Trigger("articles_article", "AFTER TRUNCATE", whole.format("taken_away")),
        Trigger("articles_sitesettings", "AFTER INSERT OR UPDATE OR DELETE", whole.format("taken_away")),
    ]
    for table in OF_ARTICLES:
        does = whole.format(f"{table}_changed")
        triggers += [
            Trigger(table, "AFTER INSERT", f"REFERENCING NEW TABLE AS changed {does}"),
            Trigger(table, "AFTER UPDATE", f"REFERENCING NEW TABLE AS changed {does}"),
            Trigger(table, "AFTER DELETE", f"REFERENCING OLD TABLE AS changed {does}"),
        ]
    for table, columns in COLUMNS.items():
        triggers.append(Trigger(table, f"AFTER UPDATE OF {columns} OR DELETE", whole.format("changed")))
    return Set(triggers, functions)


def sqlite() -> Set:
    """For each row, as it knows no other triggers; there is one writer at a time anyway, and one row to raise."""
    hides = f"OLD.{DATED} AND NEW.published_at IS NOT OLD.published_at"  # another date may be one to come
    triggers = [
        _row("articles_article", "INSERT", f"NEW.{DATED}"),
        _row("articles_article", "UPDATE", f"OLD.{DATED} OR NEW.{DATED}", hides),
        _row("articles_article", "DELETE", f"OLD.{DATED}", "1"),
        *(_row("articles_sitesettings", event, "1", "1") for event in ("INSERT", "UPDATE", "DELETE")),
    ]
    triggers += chain.from_iterable(_of_articles(table) for table in OF_ARTICLES)
    for table, columns in COLUMNS.items():
        triggers += [_row(table, f"UPDATE OF {columns}", "1"), _row(table, "DELETE", "1")]
    return Set(triggers)


def _of_articles(table: str) -> Iterator[Trigger]:
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        yield _row(table, event, f"EXISTS ({_seen(row, table)})")


def _row(table: str, event: str, seen: str, taken_away: str = "0") -> Trigger:
    raises = f"UPDATE {TABLE} SET number = max(number + 1, {NOW}), taken_away = taken_away + ({taken_away})"
    return Trigger(table, f"AFTER {event}", f"FOR EACH ROW WHEN {seen} BEGIN {raises}; END")


def _seen(row: str, table: str, source: str = "") -> str:
    """Finds something if all articles that a changed row is of have a date."""
    names = OF_ARTICLES[table]
    tables = ", ".join([*([source] if source else []), *(f"articles_article AS of_{name}" for name in names)])
    are_dated = " AND ".join(f"of_{name}.id = {row}.{name} AND of_{name}.{DATED}" for name in names)
    return f"SELECT 1 FROM {tables} WHERE {are_dated}"


def prepare() -> None:
    """After each migration."""
    install(LABEL, {"postgresql": postgresql(), "sqlite": sqlite()})


def remove() -> None:
    """Before the table goes."""
    install(LABEL, {"postgresql": Set([]), "sqlite": Set([])})


def make_table(rows: int) -> list[str]:
    """It is no model's: nothing but the triggers writes in it, and emptying all models' tables leaves it as it is."""
    return [
        f"CREATE TABLE {TABLE} (shard smallint PRIMARY KEY, number bigint NOT NULL, taken_away bigint NOT NULL)",
        *(f"INSERT INTO {TABLE} VALUES ({shard}, 0, 0)" for shard in range(rows)),
    ]
