"""A reader's way through the site: with a mouse, by keyboard, on paper; with JavaScript and without."""

import pytest

pytestmark = pytest.mark.django_db

SHOWS_FOCUS = """
element => {
  const shown = element.matches('[type="radio"]') ? element.parentElement : element;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const { top, bottom, width, height } = shown.getBoundingClientRect();
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && width > 0 && height > 0
    && bottom > 0 && top < innerHeight;
}
"""
SMALL_TARGETS = """
() => [...document.querySelectorAll("button, input, summary, nav a, .pager a, .tags a, .scheme label")]
  .filter(e => e.checkVisibility() && !e.closest(".prose"))
  .map(e => [e.outerHTML, e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([html]) => html)
"""


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def read(request, visit):
    return lambda path="/", **options: visit(path, java_script_enabled=request.param, **options)


def test_from_the_front_page_to_an_article_to_the_next_and_to_its_tag(read):
    page = read()
    page.get_by_role("link", name="Ten lines between you and your words").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Ten lines between you and your words"
    page.locator(".neighbours [rel=next]").click()
    assert page.get_by_role("heading", level=1).inner_text() != "Ten lines between you and your words"
    tag = page.locator(".tags a").first
    name = tag.inner_text().removeprefix("#")
    tag.click()
    assert page.get_by_role("heading", level=1).inner_text() == name


@pytest.mark.parametrize("width", [360, 1280])
def test_words_typed_in_the_masthead_are_searched_for(read, width):
    page = read(width=width)
    page.get_by_role("searchbox").fill("harbour")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=harbour")
    assert page.get_by_role("searchbox").first.input_value() == "harbour"


@pytest.mark.once
def test_where_the_search_has_a_line_of_the_masthead_it_fills_it(visit):
    page = visit(width=640)
    right = "e => e.getBoundingClientRect().right"
    assert page.locator(".masthead form").evaluate(right) == page.locator(".masthead__title").evaluate(right)


@pytest.mark.once
def test_a_footnote_leads_there_and_back(read):
    page = read("/articles/everything/")
    page.locator(".footnote-ref a").first.click()
    assert page.locator(":target").inner_text().startswith("The directory of 1987")
    page.locator(":target .footnote-backref").click()
    assert page.locator(":target").evaluate("e => e.closest('p').innerText").startswith("A first paragraph")


def walk(page):
    """Tab through the whole page; each element that has had the focus."""
    while True:
        page.keyboard.press("Tab")
        element = page.evaluate_handle("document.activeElement").as_element()
        if element.evaluate("e => e === document.body || (window.walked ??= new Set()).has(e)"):
            return
        element.evaluate("e => window.walked.add(e)")
        yield element


@pytest.mark.once
@pytest.mark.parametrize("path", ["/", "/articles/everything/", "/search/?q=tide"])
def test_the_keyboard_reaches_everything_in_its_order_and_shows_where_it_is(visit, path):
    page = visit(path, reduced_motion="reduce")
    walked = []
    for element in walk(page):
        assert element.evaluate(SHOWS_FOCUS), element.evaluate("e => e.outerHTML")
        walked.append(element)
    assert walked[0].get_attribute("class") == "skip"
    for before, after in zip(walked, walked[1:], strict=False):
        assert before.evaluate("(before, after) => before.compareDocumentPosition(after) & 4", after)
    reachable = "a[href], button, [type=search], [type=radio]:checked, summary, [tabindex='0']"
    every = page.locator(reachable).evaluate_all("all => all.filter(e => e.checkVisibility()).length")
    assert len(walked) == every


@pytest.mark.once
def test_the_first_key_skips_to_the_content(visit):
    page = visit("/articles/everything/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


# In a second or so, frame by frame. Playwright's own waiting evaluates text in the page, which our policy refuses.
SCROLLED = """() => new Promise(done => {
    const look = frames => {
        const scrolled = document.activeElement.scrollLeft > 0;
        scrolled || !frames ? done(scrolled) : requestAnimationFrame(() => look(frames - 1));
    };
    look(100);
})"""


@pytest.mark.once
@pytest.mark.parametrize("wide", [".prose pre", ".prose .table"])
def test_what_is_too_wide_scrolls_by_the_arrow_keys(visit, wide):
    page = visit("/articles/everything/", width=360, reduced_motion="reduce")
    page.locator(wide).first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(SCROLLED)


@pytest.mark.once
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/", "/articles/everything/", "/tags/", "/archive/", "/search/?q=tide"])
def test_what_a_finger_has_to_meet_is_large_enough(visit, path, width):
    assert visit(path, width=width).evaluate(SMALL_TARGETS) == []


@pytest.mark.once
def test_paper_shows_the_article_and_where_it_is_from_and_no_way_around(visit, site):
    page = visit("/articles/writing-in-markdown/")
    page.emulate_media(media="print")
    text = page.locator("body").inner_text()
    for kept in ("Everything you can write here", "Noor Adeyemi", "Three backticks", "fn main()"):
        assert kept in text
    assert f"{site}/articles/writing-in-markdown/" in text
    for left in ("Archive", "Search", "Earlier", "Auto", "Skip to"):
        assert left not in text
    after = "e => getComputedStyle(e, '::after').content"
    assert "https://commonmark.org/" in page.locator(".prose a[href='https://commonmark.org/']").evaluate(after)
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.once
def test_no_sheet_stays_empty(visit):
    assert visit("/articles/everything/").pdf(format="A4").count(b"/Type /Page\n") == 2


@pytest.mark.once
def test_lines_are_as_long_as_reads_well(visit):
    page = visit("/articles/a-thousand-words/")
    for width in (768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        height, line = page.evaluate("""() => {
          const text = document.querySelector(".prose p");
          return [text.offsetHeight, parseFloat(getComputedStyle(text).lineHeight)];
        }""")
        letters = len(page.locator(".prose p").first.inner_text())
        assert 60 <= letters / round(height / line) <= 75
