"""Made-up articles. The seed and an article's number make all of it, so any process may make any of them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import accumulate
from typing import Any, NamedTuple

from articles import markup, slugs
from articles.search.words import indexed, plain

FROM, YEARS = datetime(2011, 1, 1, tzinfo=UTC), 15  # when they are published, in UTC: all before this was written
LANGUAGES = {"en": 0.96, "ja": 0.04}
# Of each language: what its words are made of, how many there are, what stands between them, what ends a sentence
SYLLABLES = {
    "en": "ba be co da de di el en er fo ga hi in ka la le lo ma me mi na no or pa pe ra re ri so sta ta ten to tri ul",
    "ja": "日 本 語 人 大 学 生 山 川 東 京 都 水 火 木 金 土 新 聞 会 時 間 今 年 の は を に が で も と から まで",
}
WORDS, GAPS, STOPS = {"en": 20_000, "ja": 4_000}, {"en": " ", "ja": ""}, {"en": ". ", "ja": "。"}
SENTENCES = {"en": 7, "ja": 14}  # of a paragraph: enough for an excerpt
SECTIONS = {"en": 400, "ja": 40}  # each rendered once, when the first article has it
SECTION_LENGTH = {"en": 780, "ja": 420}  # characters, on average
EXTRAS = ("list", "steps", "quote", "code", "table", "tasks")
CODE = '''```python
def {0}({1}, limit={5}):
    """{6}."""
    found = [{2} for {2} in {1} if {2}.{3}]
    return sorted(found, key=lambda {2}: {2}.{4})[:limit]
```'''


class Part(NamedTuple):
    """A piece of an article's Markdown, and what is made of it wherever it stands."""

    markdown: str
    html: str
    words: int
    indexed: str
    toc: list[markup.Heading]


class Made(NamedTuple):
    """An article: values of its fields, which of the authors and tags are its, and what the search knows of it."""

    fields: dict[str, Any]
    toc: list[markup.Heading]
    published_at: datetime
    updated_at: datetime
    author: int
    tags: list[int]
    entry: tuple[str, str, str]  # title, summary, content


class Language:
    """Words by Zipf's law: the second most common is half as common as the first, the third a third."""

    def __init__(self, name: str, chance: random.Random) -> None:
        syllables = SYLLABLES[name].split()
        self.name, self._gap, self._stop = name, GAPS[name], STOPS[name]
        made = ("".join(chance.choices(syllables, k=chance.choice((1, 2, 2, 3, 3, 4)))) for _ in range(WORDS[name] * 2))
        self.words = list(dict.fromkeys(made))[: WORDS[name]]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))
        self._section = cache(partial(self._rendered_section, chance.random()))

    def some(self, chance: random.Random, count: int) -> list[str]:
        return chance.choices(self.words, cum_weights=self._weights, k=count)

    def sentence(self, chance: random.Random, count: int) -> str:
        return self._gap.join(self.some(chance, count)).capitalize()

    def paragraph(self, chance: random.Random) -> Part:
        """Words of its own, and nothing that would have to be rendered."""
        text = self._stop.join([*(self.sentence(chance, 10) for _ in range(SENTENCES[self.name])), ""]).strip()
        return Part(text, f"<p>{text}</p>\n", len(markup.words(text)), indexed(text), [])

    def sections(self, chance: random.Random, count: int) -> Iterator[Part]:
        """No heading twice, as the second would have another address than it has alone."""
        taken: set[str] = set()
        for number in chance.sample(range(SECTIONS[self.name]), min(count, SECTIONS[self.name])):
            part = self._section(number)
            anchors = {anchor for _level, anchor, _text in part.toc}
            if not anchors & taken:
                taken |= anchors
                yield part

    def _rendered_section(self, seed: float, number: int) -> Part:
        markdown = self._write_section(random.Random(f"{seed} {number}"))  # noqa: S311
        document = markup.parse(markdown)
        html = document.html()
        return Part(markdown, html, document.words, indexed(plain(html)), document.headings)

    def _write_section(self, chance: random.Random) -> str:
        blocks = [f"## {self.sentence(chance, chance.randint(2, 5))}", self._rich(chance)]
        blocks += [getattr(self, f"_{extra}")(chance) for extra in chance.sample(EXTRAS, chance.randint(1, 2))]
        if chance.random() < 0.3:
            blocks += [f"### {self.sentence(chance, 3)}", self._rich(chance)]
        return "\n\n".join(blocks)

    def _rich(self, chance: random.Random) -> str:
        """A paragraph with emphasis, code and a link."""
        sentences = [self.sentence(chance, 10) for _ in range(chance.randint(3, 6))]
        word, strong, code, name, path = self.some(chance, 5)
        sentences[0] += f"{self._gap}*{word}*{self._gap}**{strong}**"
        sentences[1] += f" `{code}` [{name}](https://example.org/{slugs.make(path)}/{chance.randint(1, 9999)})"
        return self._stop.join([*sentences, ""]).strip()

    def _list(self, chance: random.Random, mark: str = "-") -> str:
        return "\n".join(f"{mark} {self.sentence(chance, 6)}" for _ in range(chance.randint(3, 5)))

    def _steps(self, chance: random.Random) -> str:
        return self._list(chance, "1.")

    def _tasks(self, chance: random.Random) -> str:
        return self._list(chance, "- [x]")

    def _quote(self, chance: random.Random) -> str:
        return f"> {self.sentence(chance, 14)}"

    def _code(self, chance: random.Random) -> str:
        return CODE.format(*self.some(chance, 5), chance.randint(2, 99), self.sentence(chance, 5))

    def _table(self, chance: random.Random) -> str:
        rows = [self.some(chance, 3) for _ in range(4)]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([lines[0], "|---|---:|:-:|", *lines[1:]])


class Maker:
    """Makes the articles of a seed, of about so many thousand characters."""

    def __init__(self, seed: int, kb: float, authors: int, tags: int) -> None:
        self._seed, self._size = seed, kb * 1000
        chance = random.Random(seed)  # noqa: S311  # not for secrets, here and below
        self.languages = {name: Language(name, chance) for name in SYLLABLES}
        self.words = self.languages["en"].words
        self._authors, self._author_weights = (
            range(authors),
            list(accumulate(1 / (rank + 3) for rank in range(authors))),
        )
        # of 200 tags the first stands on every tenth article, the last on one in a hundred thousand
        self._tags, self._tag_weights = range(tags), list(accumulate(0.955**rank for rank in range(tags)))

    def make(self, number: int) -> Made:
        chance = random.Random(f"{self._seed} {number}")  # noqa: S311
        [name] = chance.choices(list(LANGUAGES), list(LANGUAGES.values()))
        language = self.languages[name]
        parts = [language.paragraph(chance), language.paragraph(chance)]
        average = (self._size - sum(len(part.markdown) for part in parts)) / SECTION_LENGTH[name]
        parts[1:1] = language.sections(chance, max(0, round(chance.gauss(average, average / 4))))
        summary = language.sentence(chance, 12) if chance.random() < 0.3 else ""
        title = language.sentence(chance, chance.randint(3, 8))[:200]
        published = FROM + timedelta(minutes=chance.randrange(int(YEARS * 365.25 * 24 * 60)))
        changed = published + timedelta(days=chance.randrange(1000)) if chance.random() < 0.2 else published
        fields = {
            "title": title,
            "slug": f"{slugs.make(title)[:80].strip('-')}-{number}",
            "content": "\n\n".join(part.markdown for part in parts),
            "content_html": "".join(part.html for part in parts),
            "summary": summary,
            "excerpt": summary or markup.shortened(parts[0].markdown),
            "word_count": sum(part.words for part in parts),
            "rendered_by": markup.VERSION,
            "language": "" if name == "en" else name,
        }
        toc = [heading for part in parts for heading in part.toc]
        entry = (indexed(title), indexed(summary), " ".join(part.indexed for part in parts))
        [author] = chance.choices(self._authors, cum_weights=self._author_weights)
        tags = dict.fromkeys(chance.choices(self._tags, cum_weights=self._tag_weights, k=chance.randint(1, 4)))
        return Made(fields, toc, published, changed, author, list(tags), entry)
