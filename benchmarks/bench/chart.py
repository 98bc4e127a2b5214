"""The chart that the README shows: bars, in an SVG that suits light and dark."""

from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

from benchmarks.bench.report import short


class Bar(NamedTuple):
    label: str
    stack: str
    kind: str

    @property
    def ours(self) -> bool:
        return self.label.startswith("blogsite") or self.stack.startswith("postgresql")


def _site(kind: str, anew: str = "") -> list[Bar]:
    return [
        Bar("blogsite, cached", "postgresql", kind),
        Bar("blogsite, computed anew", "postgresql anew", anew or kind),
    ]


def _peer(kind: str) -> list[Bar]:
    return [
        Bar("FastAPI at its best", "fastapi best", kind),
        Bar("FastAPI as it is", "fastapi", kind),
    ]


def _written(kind: str) -> list[Bar]:
    return [Bar("blogsite", "postgresql anew", kind), *_peer(kind)]


PANELS: dict[str, list[Bar]] = {
    "Home page through nginx": [
        Bar("nginx, a file", "nginx", "home"),
        Bar("blogsite, cached", "postgresql nginx", "home"),
    ],
    "Home page, gunicorn alone": [
        Bar("gunicorn, a constant", "gunicorn", "home"),
        Bar("blogsite, unchanged (304)", "postgresql", "304"),
        Bar("blogsite, cached", "postgresql", "home"),
    ],
    "API: a list of 100 articles": [*_site("list"), *_peer("list")],
    "API: one article": [*_site("one", "ones"), *_peer("ones")],
    "API: an article of 4 kB written": _written("post"),
    "API: an article of 4 kB changed": _written("patch"),
    "API: a login": _written("login"),
    "blogsite's pages, computed anew": [
        Bar("article", "postgresql anew", "articles"),
        Bar("tag", "postgresql anew", "tag"),
        Bar("home", "postgresql anew", "home"),
        Bar("RSS, 20 whole articles", "postgresql anew", "rss"),
        Bar("search of two words", "postgresql anew", "search"),
    ],
}
WIDTH, MARGIN, GAP = 860, 20, 36
COLUMNS = 2
COLUMN = (WIDTH - 2 * MARGIN - GAP) // COLUMNS
LABELS, VALUES = 168, 56  # what stands left and right of the bars
LINE, BAR, HEADING = 22, 12, 30
STYLE = """
  :root { color-scheme: light dark }
  svg { font: 13px system-ui, sans-serif }
  .paper { fill: #fff } text { fill: #24292f } .quiet { fill: #57606a } .title { font-weight: 600 }
  .peer { fill: #a3adb8 } .ours { fill: #0a6e5c } .rule { stroke: #d0d7de }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 }
    .peer { fill: #57606a } .ours { fill: #3fb99d } .rule { stroke: #30363d }
  }
"""


def draw(document: dict[str, Any]) -> str:
    found = {(each["stack"], each["kind"]): each["cpu"] for each in document["figures"]}
    panels = {
        title: present
        for title, bars in PANELS.items()
        if len(present := [(bar, found[bar.stack, bar.kind]) for bar in bars if (bar.stack, bar.kind) in found]) > 1
    }
    parts, bottom = _columns(panels)
    foot = bottom + 34
    height = foot + MARGIN
    alt = "Processor time of all servers for one request, in milliseconds: less is better"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{alt}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>',
        _text(MARGIN, 32, "Processor time for one request, in milliseconds", "title", size=17),
        _text(MARGIN, 52, "All servers and the database together. Less is better; each group has a scale of its own.",
              "quiet"),
        *parts,
        f'<line class="rule" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{bottom + 14}" y2="{bottom + 14}"/>',
        _text(MARGIN, foot, _conditions(document), "quiet", size=11),
        "</svg>",
        "",
    ])  # fmt: skip


def _columns(panels: dict[str, list[tuple[Bar, float]]]) -> tuple[list[str], int]:
    """Each where there is more room; and how far down they reach."""
    parts: list[str] = []
    bottoms = [66] * COLUMNS
    for title, bars in panels.items():
        column = bottoms.index(min(bottoms))
        parts += _panel(MARGIN + column * (COLUMN + GAP), bottoms[column], title, bars)
        bottoms[column] += HEADING + LINE * len(bars) + 12
    return parts, max(bottoms)


def _panel(left: int, top: int, title: str, bars: list[tuple[Bar, float]]) -> Iterator[str]:
    yield _text(left, top + 18, title, "title")
    most = max(value for _, value in bars) or 1
    room = COLUMN - LABELS - VALUES
    for number, (bar, value) in enumerate(bars):
        middle = top + HEADING + LINE * number + LINE // 2
        width = max(1.5, room * value / most)
        yield _text(left + LABELS - 8, middle + 4, bar.label, "" if bar.ours else "quiet", anchor="end")
        yield (
            f'<rect class="{"ours" if bar.ours else "peer"}" x="{left + LABELS}" y="{middle - BAR // 2}" '
            f'width="{width:.1f}" height="{BAR}" rx="2"/>'
        )
        yield _text(round(left + LABELS + width + 6), middle + 4, short(value), "" if bar.ours else "quiet")


def _text(x: int, y: int, text: str, kind: str = "", size: int = 0, anchor: str = "") -> str:
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' font-size="{size}"' if size else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x}" y="{y}"{attributes}>{escape(text)}</text>'


def _conditions(document: dict[str, Any]) -> str:
    machine = document["machine"]
    versions = ", ".join(f"{name} {machine[name]}" for name in ("Python", "PostgreSQL", "nginx") if name in machine)
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}; {versions}; "
        f"{document['articles']:,} articles, 16 connections; {machine['date']}"
    )
