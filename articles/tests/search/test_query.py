"""What a visitor's question finds. The same on both databases."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles.search.query import search
from articles.tests.factories import ArticleFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db
FILLER = "Words enough for an article, none of them asked for."


def found(text):
    return [result.article.title for result in search(text)[:1000]]


def write(title, content=FILLER, **fields):
    return ArticleFactory(live=True, title=title, content=content, **fields)


@pytest.mark.parametrize(
    ("content", "question"),
    [
        ("A word such as honey in a text.", "honey"),
        ("A word such as Honey in a text.", "HONEY"),
        ("A cafe in a text.", "café"),
        ("Un café crème, s’il vous plaît.", "cafe creme"),
        ("Un cafe\u0301 cre\u0300me.", "café crème"),
        ("Die große Straße hinab.", "strasse"),
        ("Die grosse Strasse hinab.", "Große Straße"),
        ("Fahrt nach İstanbul heute.", "istanbul"),
        ("Fahrt nach Istanbul heute.", "İSTANBUL"),
        ("Kapalıçarşı yakınında bir ev.", "kapalicarsi"),
        ("Smørrebrød og ærter i Łódź.", "smorrebrod aerter lodz"),
        ("Ｆｕｌｌ ｗｉｄｔｈ ｌｅｔｔｅｒｓ.", "full width"),
        ("Full width letters here.", "ｆｕｌｌ"),
        ("The ﬁne ligature in print.", "fine"),
        ("Ещё раз об этом.", "еще"),
        ("Όλα για τις μέλισσες.", "μελισσες"),
        ("שָׁלוֹם לכולם כאן.", "שלום"),
        ("مُحَمَّد في البيت.", "محمد"),
        ("हिन्दी में लिखा हुआ.", "हिन्दी"),
        ("今日は東京都に行きました。", "東京"),
        ("今日は東京都に行きました。", "東京都"),
        ("今日は東京都に行きました。", "都"),
        ("今日は東京都に行きました。", "東"),
        ("今日は東京都に行きました。", "行きました"),
        ("ﾊﾝｶｸのｶﾀｶﾅです、これは。", "ハンカク カタカナ"),
        ("Djangoの入門を書きます。", "djangoの入門"),
        ("Djangoの入門を書きます。", "django 入門"),
        ("全文搜索引擎的工作原理。", "搜索引擎"),
        ("全文搜索引擎的工作原理。", "全文 原理"),
        ("서울에서 부산까지 갑니다.", "서울"),
        ("ภาษาไทยไม่มีช่องว่าง", "ไทย"),
        ("Call `bulk_create` at once.", "bulk_create"),
        ("Call `bulk_create` at once.", "create"),
        ("    def find_honey(bees):\n        pass\n", "find_honey"),
        ("```python\nimport honeycomb\n```\n", "honeycomb"),
        ("With **bo**ld letters inside.", "bold"),
        ("| one | two |\n|---|---|\n| three | four |", "one two three four"),
        ("A state-of-the-art hive.", "state-of-the-art"),
        ("Write to ada@example.com today.", "ada@example.com"),
        ("In 1984 there were 3.14 of them.", "1984 3.14"),
        ("Don’t touch the hive now.", "don't"),
        ("Some honeycombs in the text.", "honeyc"),
        ("Some honeycombs in the text.", "text honeyc"),
        ("The queen bee of the hive.", '"queen bee"'),
        ("The queen bee of the hive.", '"bee of the" hive'),
        ("The queen bee of the hive.", '"queen bee'),
        ("The queen bee of the hive.", "queen -drone"),
        ("The queen bee of the hive.", 'queen -"bee queen"'),
    ],
)
def test_a_text_is_found_by(content, question):
    write("Found", content)
    write("Other")
    assert found(question) == ["Found"]


@pytest.mark.parametrize(
    ("content", "question"),
    [
        ("The queen bee of the hive.", "queen drone"),
        ("The queen bee of the hive.", '"bee queen"'),
        ("The queen bee of the hive.", '"queen hive"'),
        ("The queen bee of the hive.", '"queen be"'),
        ("The queen bee of the hive.", "que hive"),
        ("The queen bee of the hive.", "queen -hive"),
        ("The queen bee of the hive.", 'queen -"bee of"'),
        ("The queen bee of the hive.", "-drone"),
        ("The queen bee of the hive.", "ueen"),
        ("今日は東京に行き、京都にも行きました。", "東京都"),
        ("[the text](https://example.com/address)", "address"),
        ("A heading\n=========\n\nA text below it.", "h1"),
    ],
)
def test_a_text_is_not_found_by(content, question):
    write("Other", content)
    assert found(question) == []


def test_title_summary_tags_and_author_are_found_too():
    author = UserFactory(username="lovelace", name="Ada Byron")
    write("About hives", summary="Where bees live.", tags=[TagFactory(name="Garden life")], author=author)
    for question in ("hives", "live", "garden", "byron", "lovelace", "hives live garden byron words"):
        assert found(question) == ["About hives"]


def test_what_has_it_in_its_title_comes_first_and_in_its_text_alone_last():
    write("In the text", "There is much honey, honey and honey in it: honey.")
    write("In the summary", summary="On honey.")
    write("Honey in the title, which is a long one")
    write("Under a tag", tags=[TagFactory(name="Honey")])
    best, second, third, last = found("honey")
    assert best.startswith("Honey")
    assert {second, third} == {"In the summary", "Under a tag"}
    assert last == "In the text"


def test_a_text_that_says_more_of_it_comes_before_one_that_names_it():
    write("Much", "Honey, honey and honey: all of it is honey.")
    write("Little", f"{FILLER} {FILLER} {FILLER} {FILLER} {FILLER} Somewhere here is honey. {FILLER} {FILLER}")
    assert found("honey") == ["Much", "Little"]


def test_a_word_as_it_is_comes_before_longer_ones():
    write("Longer", "Honeycomb, honeycomb and honeycomb.")
    write("As it is", f"{FILLER} {FILLER} A little honey. {FILLER}")
    assert found("honey") == ["As it is", "Longer"]


@pytest.mark.parametrize("state", [{}, {"scheduled": True}], ids=["draft", "scheduled"])
def test_nothing_but_live_articles_is_found(state):
    ArticleFactory(title="Secret honey", **state)
    assert len(search("honey")) == 0


@pytest.mark.parametrize("question", ["", " ", "\t", "-", '"', '""', "!!!", "🐝", "…", "*", "()", "-honey"])
def test_a_question_without_words_finds_nothing(question):
    write("Honey")
    assert found(question) == []


@pytest.mark.parametrize(
    "question",
    [
        'honey"',
        '"honey',
        "honey AND",
        "honey NEAR(",
        "honey*",
        "^honey",
        "title:honey",
        "{title}:honey",
        "honey)",
        "(honey",
        "honey'",
        "honey''",
        "honey\\",
        "honey\0",
        "honey:*",
        "honey & ",
        "honey | ",
        "!honey",
        "<honey>",
        "%honey%",
        "honey;--",
        "🐝 honey 🐝",
        "honey\ud83d",
        "honey -",
        "honey " * 2000,
    ],
)
def test_signs_are_no_commands(question):
    write("Honey and near")
    assert found(question) in (["Honey and near"], [])


class Questions(TestCase):
    @settings(max_examples=150)
    @given(st.one_of(st.text(max_size=300), st.text(alphabet="ab\"-*()':&|!<>{}^ 東京é\0", max_size=40)))
    def test_any_text_is_a_question(self, text):
        assert len(search(text)[:10]) == 0
