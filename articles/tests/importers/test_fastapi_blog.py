"""The database of the FastAPI service, made by hand as its models make it, and what becomes of it here."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import bcrypt
import jwt
import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.hashers import BCryptPasswordHasher
from accounts.models import User
from accounts.roles import Role, assign, role_of
from accounts.tests.api.clients import API, bearing, signed_in, stranger
from articles import publishing
from articles.importers import fastapi_blog, fastapi_database
from articles.models import Article, Delivery, Entry, ImportedRow, Related, Revision, Webhook
from articles.tests.factories import ArticleFactory, UserFactory

SCHEMA = """
CREATE TABLE users (
    id {id} PRIMARY KEY, email VARCHAR(255) NOT NULL UNIQUE, username VARCHAR(50) NOT NULL UNIQUE,
    hashed_password VARCHAR(255) NOT NULL, created_at {time} NOT NULL, updated_at {time} NOT NULL);
CREATE TABLE articles (
    id {id} PRIMARY KEY, title VARCHAR(200) NOT NULL, content TEXT NOT NULL, published BOOLEAN,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at {time} NOT NULL, updated_at {time} NOT NULL);
"""
PASSWORD = "correct horse battery"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
BEGAN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
CHANGED = BEGAN + timedelta(days=3)
TEXT = "The weed hangs straight down, and the boats lie on their sides."

pytestmark = pytest.mark.django_db


class Old:
    """The service's database, and what its users do to it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def do(self, statement, *values):
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as database:
                database.execute(statement.replace("%s", "?"), values)
                database.commit()
        else:
            with psycopg.connect(self.url, autocommit=True) as database:
                database.execute(statement, values)

    def user(self, number, username, email="", password=HASH):
        values = (number, email or f"{username}@example.com", username, password, self.at(BEGAN), self.at(BEGAN))
        self.do("INSERT INTO users VALUES (%s, %s, %s, %s, %s, %s)", *values)

    def article(self, number, title, *, author=51, content=TEXT, published=True, began=BEGAN):
        values = (number, title, content, published, author, self.at(began), self.at(CHANGED))
        self.do("INSERT INTO articles VALUES (%s, %s, %s, %s, %s, %s, %s)", *values)

    def at(self, moment):
        """As SQLAlchemy writes it: SQLite has no time zones."""
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if self.url.startswith("sqlite") else moment

    def take_in(self, **options):
        with fastapi_database.opened(self.url) as database:
            importer = fastapi_blog.Import(database, **options)
            ledger = importer.run()
        if not options:
            importer.relate()
        return ledger


@pytest.fixture(autouse=True)
def _the_small_ids_are_free(db):
    """PostgreSQL takes no sequence back when a test ends."""
    for model in (User, Article):
        fastapi_blog._Ids(model, 100_000, dry_run=False)


@pytest.fixture
def old(tmp_path):
    """As a file, whatever database this site has."""
    old = Old(f"sqlite:///{tmp_path / 'old.db'}")
    for statement in SCHEMA.format(id="INTEGER", time="DATETIME").split(";"):
        old.do(statement)
    old.user(51, "ada")
    return old


def refusals(tally):
    return {entry["row"]: entry["reason"] for entry in tally.refused}


def everything():
    models = [User, Article, Revision, ImportedRow, Entry, Related]
    return [list(model._base_manager.order_by("pk").values()) for model in models]


def test_articles_keep_ids_words_dates_and_authors(old):
    old.article(710, "  Low tide ", content="Some *words* to keep,\n\nto the letter.\n")
    ledger = old.take_in()
    article = Article.objects.get()
    assert (article.pk, article.author_id, article.author.username) == (710, 51, "ada")
    assert (article.title, article.slug) == ("Low tide", "low-tide")
    assert article.content == "Some *words* to keep,\n\nto the letter.\n"
    assert "<em>words</em>" in article.content_html
    assert (article.created_at, article.updated_at, article.published_at) == (BEGAN, CHANGED, BEGAN)
    assert (ledger.users.created, ledger.articles.created, ledger.ids_changed) == (1, 1, [])


def test_a_draft_stays_one(old):
    old.article(710, "Not yet", published=False)
    old.article(711, "Never said", published=None)
    old.take_in()
    assert {article.state for article in Article.objects.all()} == {Article.State.DRAFT}


def test_each_has_a_first_revision_is_found_by_the_search_and_by_what_is_near(old):
    for number in (710, 711):
        old.article(number, "Harbour cranes", content="The cranes of the harbour. Cranes, harbour, cranes.")
    old.take_in()
    revision = Revision.objects.get(article=710)
    assert (revision.number, revision.action, revision.by_id) == (1, Revision.Action.CREATED, 51)
    assert revision.state["title"] == "Harbour cranes"
    assert "<mark>Harbour</mark>" in stranger().get("/search/", {"q": "harbour"}).text
    assert Related.objects.filter(article=710, other=711).exists()


def test_the_same_titles_have_addresses_of_their_own(old):
    for title in ("Tide", "Export 2"):
        ArticleFactory(title=title)
    for number, title in enumerate(["Tide", "Tide 2", "Tide", "2024", "Export"], start=710):
        old.article(number, title)
    old.take_in()
    imported = Article.objects.filter(author=51).order_by("pk")
    assert [article.slug for article in imported] == ["tide-2", "tide-2-2", "tide-3", "article-2024", "export-3"]


def test_authors_sign_in_with_the_password_that_they_had_and_write(old, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "accounts.hashers.BCryptPasswordHasher",
    ]
    old.take_in()
    assert User.objects.get(pk=51).password == f"bcrypt${HASH}"
    answer = stranger().post(f"{API}/auth/login", {"username": "ada", "password": PASSWORD})
    given = {"title": "T", "content": TEXT, "published": True}
    posted = bearing(answer.json()["access_token"]).post(f"{API}/articles/", given, format="json")
    assert (posted.status_code, posted.json()["status"]) == (201, "live")
    assert User.objects.get(pk=51).password.startswith("argon2$")


@pytest.mark.parametrize("version", ["$2a$", "$2b$", "$2y$"])
def test_every_kind_of_bcrypt_is_known(old, version):
    old.user(60, "bea", password=version + HASH[4:])
    old.take_in()
    assert BCryptPasswordHasher().verify(PASSWORD, User.objects.get(pk=60).password)


def test_a_password_longer_than_bcrypt_looks_at_still_signs_in(old):
    long = "ä" * 50
    old.user(60, "bea", password=bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode())
    old.take_in()
    assert BCryptPasswordHasher().verify(long, User.objects.get(pk=60).password)


def test_everybody_is_an_author(old):
    old.take_in()
    assert role_of(User.objects.get(pk=51)) is Role.AUTHOR


@pytest.mark.parametrize("hashed", ["$2b$04$cut", "$2b$04$" + "/" * 53, "$2b$17$" + "." * 53])
def test_a_password_hashed_otherwise_stays_behind(old, hashed):
    old.user(60, "bea", password=hashed)
    ledger = old.take_in()
    assert not User.objects.get(pk=60).has_usable_password()
    assert ledger.passwords_left_behind == [{"row": "users 60", "account": "bea"}]


def test_what_is_written_next_has_an_id_of_its_own(old):
    next_article, next_user = ArticleFactory().pk + 1, UserFactory().pk + 1
    old.user(next_user, "bea")
    old.article(next_article, "The last")
    assert old.take_in().ids_changed == []
    posted = signed_in(User.objects.get(pk=51)).post(f"{API}/articles/", {"title": "T", "content": TEXT}, format="json")
    assert posted.status_code == 201
    assert posted.json()["id"] > next_article
    assert UserFactory().pk > next_user


def test_an_id_that_is_taken_here_is_changed_and_said_and_remembered(old):
    mine = ArticleFactory(pk=710, author=UserFactory(pk=52))
    old.user(52, "bea")
    old.article(710, "Low tide", author=52)
    ledger = old.take_in()
    article = Article.objects.get(title="Low tide")
    assert article.pk not in (710, mine.pk)
    assert ledger.ids_changed == [
        {"row": "users 52", "id": article.author_id},
        {"row": "articles 710", "id": article.pk},
    ]
    assert old.take_in().articles.unchanged == 1
    assert Article.objects.count() == 2


def test_an_id_that_is_changed_takes_none_that_comes_later(old, monkeypatch):
    monkeypatch.setattr(fastapi_blog, "AT_ONCE", 2)
    ArticleFactory(pk=200_710)
    for number in range(200_710, 200_715):
        old.article(number, "Low tide")
    said, done = old.take_in(dry_run=True), old.take_in()
    assert [entry["row"] for entry in done.ids_changed] == ["articles 200710"]
    assert [entry["row"] for entry in said.ids_changed] == ["articles 200710"]


def test_the_second_run_changes_nothing(old):
    old.article(710, "Low tide")
    old.article(711, "Not yet", published=False)
    old.take_in()
    before = everything()
    ledger = old.take_in()
    assert everything() == before
    assert (ledger.users.unchanged, ledger.articles.unchanged) == (1, 2)


def test_the_third_brings_what_is_new_or_changed_there(old):
    for number, published in [(710, True), (711, True), (712, False)]:
        old.article(number, f"Number {number}", published=published)
    old.take_in()
    old.do("UPDATE articles SET title = 'Another' WHERE id = 710")
    old.do("UPDATE articles SET published = FALSE WHERE id = 711")
    old.do("UPDATE articles SET published = TRUE WHERE id = 712")
    old.do("UPDATE users SET email = 'ada@example.org'")
    old.user(60, "bea")
    old.article(713, "Number 713", author=60)
    ledger = old.take_in()
    assert (ledger.articles.created, ledger.articles.updated, ledger.users.created, ledger.users.updated) == (
        1,
        3,
        1,
        1,
    )
    states = {article.pk: (article.title, article.state) for article in Article.objects.all()}
    assert states == {
        710: ("Another", "live"),
        711: ("Number 711", "draft"),
        712: ("Number 712", "live"),
        713: ("Number 713", "live"),
    }
    assert Article.objects.get(pk=710).slug == "number-710"
    assert Revision.objects.filter(article=710).count() == 2
    assert User.objects.get(pk=51).email == "ada@example.org"
    assert old.take_in().articles.unchanged == 4


def test_what_was_changed_here_stays_and_is_told_of(old):
    old.article(710, "Low tide")
    old.take_in()
    article = Article.objects.get()
    publishing.revise(article, by=article.author, title="High tide")
    User.objects.update(email="new@example.com")
    old.do("UPDATE articles SET title = 'No tide'")
    old.do("UPDATE users SET email = 'other@example.com'")
    ledger = old.take_in()
    assert Article.objects.get().title == "High tide"
    assert User.objects.get(pk=51).email == "new@example.com"
    assert ledger.articles.changed_here == [{"row": 710, "id": 710}]
    assert ledger.users.changed_here == [{"row": 51, "id": 51}]


def test_who_was_given_another_role_here_keeps_the_password(old):
    old.take_in()
    assign(User.objects.get(pk=51), Role.ADMINISTRATOR)
    old.do("UPDATE users SET hashed_password = %s", bcrypt.hashpw(b"another", bcrypt.gensalt(4)).decode())
    assert old.take_in().users.changed_here == [{"row": 51, "id": 51}]
    assert User.objects.get(pk=51).password == f"bcrypt${HASH}"


def test_another_that_has_the_id_of_a_deleted_one_does_not_take_its_place(old):
    old.user(60, "bea")
    old.article(710, "Hers", author=60)
    old.take_in()
    old.do("DELETE FROM articles")
    old.do("DELETE FROM users WHERE id = 60")
    old.user(60, "mallory")
    old.article(710, "Another", author=60)
    old.article(711, "A second", author=60)
    for table in ("users", "articles"):
        old.do(f"UPDATE {table} SET created_at = '2025-01-01 00:00:00'")
    ledger = old.take_in()
    assert refusals(ledger.users)[60] == refusals(ledger.articles)[710]
    assert refusals(ledger.articles)[711] == "its author, user 60, did not come in"
    assert (User.objects.get(pk=60).username, Article.objects.get().title) == ("bea", "Hers")


def test_what_was_deleted_here_does_not_come_back(old):
    old.user(60, "bea")
    old.article(710, "Low tide")
    old.article(711, "Hers", author=60)
    old.take_in()
    Article.objects.get(pk=710).delete()
    User.objects.get(pk=60).delete()
    old.do("UPDATE articles SET title = 'Changed'")
    old.article(712, "Hers too", author=60)
    ledger = old.take_in()
    assert not Article.objects.exists()
    assert (ledger.users.deleted_here, ledger.articles.deleted_here) == (1, 2)
    assert refusals(ledger.articles) == {712: "its author, user 60, was deleted here"}


def test_webhooks_are_told_as_of_every_article_that_goes_live(old):
    Webhook.objects.create(url="https://example.org/", events=Webhook.Event.values)
    old.article(710, "Low tide")
    old.article(711, "Not yet", published=False)
    old.take_in()
    assert [(each.event, each.article_id) for each in Delivery.objects.all()] == [(Webhook.Event.PUBLISHED, 710)]


def test_a_dry_run_leaves_everything_as_it_is_and_says_the_same(old):
    ArticleFactory(pk=710)
    old.article(710, "Low tide")
    old.article(711, "x" * 201)
    before = everything()
    said = old.take_in(dry_run=True)
    assert everything() == before
    done = old.take_in()
    assert said.articles.created == done.articles.created == 1
    assert refusals(said.articles) == refusals(done.articles)


def test_what_cannot_be_here_is_refused_with_its_reason_and_the_others_go_on(old):
    UserFactory(username="Zoe", email="zoe@here.example")
    for number, name, email in [
        (60, "ADA", "other@example.com"),
        (61, "ada lovelace", "love@example.com"),
        (62, "bea", "ADA@example.com"),
        (63, "cleo", "no address"),
        (64, "zoe", "zoe@elsewhere.example"),
    ]:
        old.user(number, name, email)
    old.article(710, "x" * 201)
    old.article(711, "Short", content="short")
    old.article(712, "NUL", content=f"{TEXT}\0")
    old.article(713, "Hers", author=61)
    old.article(714, "When", began=datetime(1000, 1, 1))
    old.article(715, " ")
    old.article(716, "Good")
    ledger = old.take_in()
    users, articles = refusals(ledger.users), refusals(ledger.articles)
    assert users.keys() == {60, 61, 62, 63, 64}
    assert users[60] == users[64] == "This user name is taken."
    assert "unaccented letters" in users[61]
    assert users[62] == "This e-mail address is taken."
    assert users[63].startswith("email: ")
    assert articles.keys() == {710, 711, 712, 713, 714, 715}
    assert articles[710].startswith("title: ")
    assert articles[711].startswith("content: ")
    assert articles[712].startswith("there is something in it")
    assert articles[713] == "its author, user 61, did not come in"
    assert articles[714].startswith("published_at: ")
    assert articles[715].startswith("title: ")
    assert Article.objects.get().title == "Good"


def test_what_the_database_refuses_does_not_take_its_neighbours_along(old, monkeypatch):
    """As when somebody takes an address in the moment between."""
    for number in (710, 711, 712):
        old.article(number, f"Number {number}")
    ArticleFactory(title="Taken")

    def quicker(articles):
        for article in articles:
            article.slug = "taken" if article.pk == 711 else f"number-{article.pk}"

    monkeypatch.setattr("articles.intake._find_slugs", quicker)
    ledger = old.take_in()
    assert refusals(ledger.articles).keys() == {711}
    assert set(Article.objects.filter(author=51).values_list("pk", flat=True)) == {710, 712}


def test_the_same_person_here_already_is_joined_and_keeps_the_account(old):
    here = UserFactory(username="Ada", email="ada@example.com", role=Role.EDITOR)
    old.article(710, "Low tide")
    ledger = old.take_in()
    assert User.objects.get() == here
    assert ledger.accounts_joined == [{"row": "users 51", "account": "Ada"}]
    assert Article.objects.get().author == here


def test_who_may_not_write_here_any_more_gets_nothing_changed(old):
    old.article(710, "Low tide")
    old.take_in()
    User.objects.update(is_active=False)
    old.do("UPDATE articles SET title = 'Changed'")
    assert refusals(old.take_in().articles) == {710: "its author may not do that here"}


def test_a_run_that_was_killed_is_resumed(old, monkeypatch):
    monkeypatch.setattr(fastapi_blog, "AT_ONCE", 2)
    for number in range(710, 715):
        old.article(number, "Low tide", content="Cranes of the harbour. Cranes, harbour, cranes.")
    relate = fastapi_blog.related.relate

    class Killed(BaseException):
        pass

    def killed(articles, take_in=fastapi_blog.intake.take_in):
        take_in(articles)
        if Article.objects.count() > 3:
            raise Killed

    with monkeypatch.context() as moment:
        moment.setattr("articles.intake.take_in", killed)
        with pytest.raises(Killed):
            old.take_in()
    assert Article.objects.count() == ImportedRow.objects.filter(table="articles").count() == 2
    ledger = old.take_in()
    assert (ledger.articles.unchanged, ledger.articles.created) == (2, 3)
    assert fastapi_blog.related.relate is relate
    assert sorted(Article.objects.values_list("slug", flat=True)) == [
        "low-tide",
        *(f"low-tide-{n}" for n in range(2, 6)),
    ]
    assert not Article.objects.filter(terms__isnull=True).exists()


def test_times_may_name_a_zone_or_not_and_none_is_in_the_future(old):
    for number, text in [
        (710, "2024-05-06 09:08:09+02:00"),
        (711, "2024-05-06T07:08:09"),
        (712, "2999-01-01 00:00:00"),
    ]:
        old.article(number, "T")
        old.do("UPDATE articles SET created_at = %s WHERE id = %s", text, number)
    old.article(713, "T")
    old.do("UPDATE articles SET updated_at = 'yesterday' WHERE id = 713")
    ledger = old.take_in()
    articles = {article.pk: article for article in Article.objects.all()}
    assert articles[710].created_at == articles[711].created_at == BEGAN
    assert articles[712].created_at <= timezone.now()
    assert articles[712].is_live
    assert refusals(ledger.articles) == {713: "its updated_at is no time: yesterday"}


def test_queries_do_not_grow_with_the_articles_of_a_batch(old, django_assert_max_num_queries):
    def imported(number):
        old.article(number, f"Number {number}")
        with django_assert_max_num_queries(100) as queries, fastapi_database.opened(old.url) as database:
            one = fastapi_blog.Import(database, dry_run=True)
            one.run()
        return len(queries)

    few = imported(710)
    for number in range(711, 731):
        old.article(number, f"Number {number}")
    assert imported(731) == few


@pytest.fixture
def old_on_postgresql():
    """In a schema of its own, which is quicker made than a database."""
    if connection.vendor != "postgresql":
        pytest.skip("the tests run on SQLite")
    given, schema = connection.settings_dict, "old_service"
    place = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    old = Old(f"postgresql://{place}?options=-csearch_path%3D{schema}")
    old.do(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    old.do(f"CREATE SCHEMA {schema}")
    for statement in SCHEMA.format(id="INTEGER", time="TIMESTAMP WITH TIME ZONE").split(";"):
        old.do(statement)
    old.user(51, "ada")
    yield old
    old.do(f"DROP SCHEMA {schema} CASCADE")


def test_postgresql_is_read_as_it_is_at_one_moment_and_not_written_to(old_on_postgresql):
    old = old_on_postgresql
    old.article(710, "Low tide")
    with fastapi_database.opened(old.url.replace("postgresql:", "postgresql+asyncpg:")) as database:
        assert database.count("articles") == 1
        old.article(711, "Meanwhile")
        ledger = fastapi_blog.Import(database).run()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            database._connection.execute("DELETE FROM articles")
    assert (database.name, ledger.articles.created) == (connection.settings_dict["NAME"], 1)
    assert Article.objects.get().created_at == BEGAN
    assert old.take_in().articles.created == 1


def test_what_is_no_database_of_the_service_is_said_in_one_sentence_without_a_password(old, tmp_path):
    blogsite, broken, other = tmp_path / "blogsite.db", tmp_path / "broken.db", tmp_path / "other.db"
    with closing(sqlite3.connect(blogsite)) as database:
        database.execute("CREATE TABLE accounts_user (id)")
        database.execute("CREATE TABLE articles_article (id)")
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE users (id, email)")
    broken.write_text("no database " * 100)
    for url, reason in [
        (f"sqlite:///{blogsite}", "of a blogsite"),
        (f"sqlite+aiosqlite:///{other}", "no username and no hashed_password"),
        (f"sqlite:///{broken}", "file is not a database"),
        (f"sqlite:///{tmp_path}/none.db", "There is no file"),
        ("mysql://root:s3cret@127.0.0.1/blog", "no address of a database"),
        ("nonsense-s3cret", "no address of a database"),
        ("postgresql://ada:s3@cret@127.0.0.1/blog", "can't be read"),
        ("postgresql://ada:s3/cret@127.0.0.1/blog", "can't be read"),
        ("postgresql://ada:s3#cret@127.0.0.1/blog", "can't be read"),
        ("postgresql://ada:s3cret@127.0.0.1:port/blog", "can't be read"),
        ("postgresql+asyncpg://ada:s3cret@127.0.0.1:1/blog", "refused"),
    ]:
        with pytest.raises(CommandError, match=reason) as said:
            call_command("import_fastapi_blog", url)
        assert "cret" not in str(said.value)
        assert "\n" not in str(said.value)
    assert not User.objects.exists()


def test_a_token_of_the_old_service_is_refused_even_under_the_same_key(old, settings):
    old.take_in()
    token = jwt.encode({"sub": "51", "exp": timezone.now() + timedelta(minutes=30)}, settings.SECRET_KEY, "HS256")
    answer = bearing(token).get(f"{API}/users/me")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Could not validate credentials"})
