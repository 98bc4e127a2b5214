"""Holds the pages of a running site against what they promise: `make audit URL=http://127.0.0.1:8000`.

- `nu`: the Nu HTML checker finds no error;
- `axe`: axe-core finds nothing against WCAG 2.2 A and AA, on a phone and a desk, in the light and in the dark;
- `lighthouse`: 100 in all four categories, as a phone;
- `weight`: what a text-only article page of about 1,000 words sends, compressed;
- `feeds`: feedparser reads every feed that a page names without a complaint.

One page of each type, found by following the sitemap, and a sample of the articles. Needs Node.js, Java and Chromium.
"""

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

import feedparser
from playwright.sync_api import Browser, sync_playwright
from tqdm import tqdm

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (360, 1280)  # px
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WORDS = 1000  # of the article that is weighed
KINDS = ("tags", "series", "authors", "archive")  # lists, and below them one page for each
Problems = dict[str, list[str]]  # what is wrong, and the addresses where it is


def fetch(url: str) -> str:
    try:
        with urlopen(url) as response:  # noqa: S310  # the address was given by whoever runs this
            return str(response.read().decode())
    except HTTPError as error:  # a page too
        return error.read().decode()


def links(url: str) -> list[str]:
    return [unescape(found) for found in re.findall(r"<loc>([^<]*)</loc>", fetch(url))]


class Pages:
    """The addresses of a site: one of each type, and its articles."""

    def __init__(self, site: str, sample: int, also: Sequence[str] = ()) -> None:
        listed = [page for part in links(urljoin(site, "/sitemap.xml")) for page in links(part)]
        articles = [page for page in listed if "/articles/" in page]
        self.articles = articles[:: max(1, len(articles) // sample)] if sample else articles
        self.all_articles = articles
        word = re.findall(r"[a-z]{5,}", fetch(site).lower())[-1]
        paths = ["/", "/?page=2", "/search/", f"/search/?q={word}", "/search/?q=nothinghasthisword", "/not-found/"]
        self.types = [urljoin(site, path) for path in (*paths, *also)]
        self.types += [*self._one_of_each(listed), *self._changed()]

    def _one_of_each(self, listed: list[str]) -> Iterator[str]:
        for kind in KINDS:
            of_kind = [page for page in listed if urlsplit(page).path.startswith(f"/{kind}/")]
            yield from of_kind[:1] + of_kind[1:][-1:]
            if kind == "archive" and (months := re.findall(r'href="(/archive/\d[^"]+)"', fetch(of_kind[0]))):
                yield from (urljoin(of_kind[0], period) for period in (months[0], months[-1]))  # a year, a month
        yield from (page for page in listed if urlsplit(page).path.count("/") == 2 and page.split("/")[3] not in KINDS)

    def _changed(self) -> Iterator[str]:
        """The history of one of the articles that has one, and what changed last."""
        for article in self.articles:
            if found := re.search(r'href="(/articles/[^"]+/history/)"', fetch(article)):
                history = urljoin(article, found[1])
                yield history
                last = re.findall(r'href="(/articles/[^"]+/history/\d+/)"', fetch(history))[:1]
                yield from (urljoin(history, change) for change in last)
                return

    @property
    def all(self) -> list[str]:
        return [*self.types, *self.articles]


def nu(pages: Pages) -> Problems:
    """Its errors; warnings are advice."""
    problems: Problems = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for number, url in enumerate(tqdm(pages.all, "fetching")):
            Path(folder, f"{number}.html").write_text(fetch(url))
        checker = ["java", "-Xss8m", "-jar", str(MODULES / "vnu-jar/build/dist/vnu.jar")]
        found = subprocess.run(  # noqa: S603
            [
                *checker,
                "--format",
                "json",
                "--stdout",
                "--exit-zero-always",
                "--errors-only",
                "--skip-non-html",
                folder,
            ],
            capture_output=True,
            check=True,
        )
    for message in json.loads(found.stdout)["messages"]:
        url = pages.all[int(Path(urlsplit(message["url"]).path).stem)]
        problems[message["message"]].append(f"{url}  {message.get('extract', '').strip()[:150]}")
    return problems


def axe(pages: Pages) -> Problems:
    problems: Problems = defaultdict(list)
    script = (MODULES / "axe-core/axe.min.js").read_text()
    looks = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        for width, scheme in looks:
            context = browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
            )
            page = context.new_page()
            for url in tqdm(pages.all, f"{width} px, {scheme}"):
                page.goto(url)
                page.evaluate(script)
                result = page.evaluate("tags => axe.run({runOnly: tags})", WCAG)
                for rule in result["violations"]:
                    node = rule["nodes"][0]
                    where = f"{url}  {width} {scheme}  {len(rule['nodes'])} ×  {node['html'][:150]}"
                    problems[f"{rule['id']}: {rule['help']}"].append(where)
            context.close()
    return problems


def lighthouse(pages: Pages) -> Problems:
    """Of the search, its first page: results ask not to be indexed, which Lighthouse holds against them."""
    problems: Problems = defaultdict(list)
    chosen = [
        pages.types[0],
        pages.articles[0],
        *(p for p in pages.types if re.search(r"/tags/.|/search/$|/archive/$", p)),
    ]
    flags = " ".join(["--headless=new", *CHROMIUM_FLAGS])
    for url in chosen:
        report = _lighthouse(url, flags)
        if not report:
            problems["it could not be measured"].append(url)
            continue
        scores = {name: round(100 * category["score"]) for name, category in report["categories"].items()}
        print(f"  {url}  {scores}")
        for name, score in scores.items():
            if score < 100:
                audits = [
                    report["audits"][ref["id"]] for ref in report["categories"][name]["auditRefs"] if ref["weight"]
                ]
                why = ", ".join(audit["title"] for audit in audits if audit["score"] not in (1, None))
                problems[f"{name} below 100"].append(f"{url}  {score}: {why}")
    return problems


def _lighthouse(url: str, flags: str) -> Any:
    command = [str(MODULES / ".bin/lighthouse"), url, "--output=json", "--quiet", f"--chrome-flags={flags}"]
    ran = subprocess.run(command, capture_output=True, env={**os.environ, "CHROME_PATH": CHROMIUM})  # noqa: S603
    return json.loads(ran.stdout) if ran.returncode == 0 else None


def weight(pages: Pages) -> Problems:
    """What a browser that was never here fetches for one article, and how much of the page is not the article."""
    texts = ((url, fetch(url)) for url in pages.articles)
    plain = [(url, html) for url, html in texts if "<img" not in html]
    url, html = min(plain, key=lambda page: abs(len(_prose(page[1]).split()) - WORDS))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        fetched = _fetched(browser, url)
    prose = len(gzip.compress(_prose(html).encode()))
    around = fetched[url] - prose
    print(f"  {url}: {len(re.sub('<[^>]*>', ' ', _prose(html)).split())} words")
    print("\n".join(f"  {size:>7,} bytes  {address}" for address, size in fetched.items()))
    total = sum(fetched.values())
    print(f"  {total:>7,} bytes in {len(fetched)} requests; {around:,} of the page itself are not the article's text")
    bounds = {"over 20 kB": total > 20_000, "over 3 requests": len(fetched) > 3, "over 12 kB around": around > 12_000}
    return {name: [url] for name, over in bounds.items() if over}


def _prose(html: str) -> str:
    return html.partition('<div class="prose')[2].partition("</article>")[0]


def _fetched(browser: Browser, url: str) -> dict[str, int]:
    """The bytes on the wire of each request, headers among them."""
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.requestWillBeSent", lambda e: addresses.update({e["requestId"]: e["request"]["url"]}))
    session.on(
        "Network.loadingFinished", lambda e: sizes.update({addresses[e["requestId"]]: round(e["encodedDataLength"])})
    )
    session.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    return sizes


def feeds(pages: Pages) -> Problems:
    problems: Problems = defaultdict(list)
    alternate = re.compile(r'<link rel="alternate" type="application/([a-z+]+)" href="([^"]+)"')
    named = {
        (kind, urljoin(url, unescape(href))) for url in pages.types for kind, href in alternate.findall(fetch(url))
    }
    for kind, url in tqdm(sorted(named), "feeds"):
        if kind == "feed+json":
            json.loads(fetch(url))
        elif (parsed := feedparser.parse(fetch(url))).bozo:
            problems[str(parsed.bozo_exception)].append(url)
    print(f"  {len(named)} feeds")
    return problems


CHECKS = {"weight": weight, "feeds": feeds, "nu": nu, "axe": axe, "lighthouse": lighthouse}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.audit", description=__doc__.partition("\n")[0])
    parser.add_argument("site", help="where the site runs, such as http://127.0.0.1:8000")
    parser.add_argument("--articles", type=int, default=20, metavar="N", help="how many articles to look at; 0: all")
    parser.add_argument(
        "--also", nargs="+", default=[], metavar="PATH", help="more pages, such as that of an article taken down"
    )
    parser.add_argument("--only", nargs="+", choices=CHECKS, default=list(CHECKS))
    options = parser.parse_args(arguments)
    pages = Pages(options.site, options.articles, options.also)
    print(f"{len(pages.types)} pages of every type and {len(pages.articles)} of {len(pages.all_articles)} articles")
    failed = 0
    for name in options.only:
        print(f"{name}:", flush=True)
        problems = CHECKS[name](pages)
        failed += bool(problems)
        for what, where in sorted(problems.items(), key=lambda item: -len(item[1])):
            print(f"  {len(where):>4} ×  {what}")
            print("\n".join(f"           {each}" for each in where[:3]))
        print("  nothing found" if not problems else f"  {len(problems)} kinds of problems")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
