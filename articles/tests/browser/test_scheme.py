"""The switch between light and dark at the foot of every page."""

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# What the page shows at the moment its body begins, long before anything is painted.
FIRST = """
new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.first = getComputedStyle(document.documentElement).colorScheme;
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


def scheme(page):
    """Told by the colour of the paper."""
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return "light" if colour == "rgb(251, 250, 246)" else "dark"


def around(page):
    """The colour of what the browser draws around the page."""
    [colour] = page.evaluate(
        "[...document.querySelectorAll('meta[name=theme-color]')]"
        ".filter(({media}) => matchMedia(media).matches).map(({content}) => content)"
    )
    return {"#fbfaf6": "light", "#121715": "dark"}[colour]


@pytest.mark.parametrize("system", ["light", "dark"])
def test_without_a_choice_a_page_looks_as_the_system_does(visit, system):
    page = visit(color_scheme=system)
    assert scheme(page) == system
    assert page.get_by_role("radio", name="Auto").is_checked()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_choice_holds_at_once(visit, javascript):
    page = visit(color_scheme="light", java_script_enabled=javascript)
    page.get_by_text("Dark", exact=True).click()
    assert scheme(page) == "dark"
    page.get_by_text("Light", exact=True).click()
    assert scheme(page) == "light"
    page.emulate_media(color_scheme="dark")
    assert scheme(page) == "light"
    page.get_by_text("Auto", exact=True).click()
    assert scheme(page) == "dark"


def test_what_is_around_the_page_follows_the_choice(visit):
    page = visit(color_scheme="light")
    page.get_by_text("Dark", exact=True).click()
    assert around(page) == "dark"
    page.goto("/tags/")
    assert around(page) == "dark"
    page.get_by_text("Auto", exact=True).click()
    assert around(page) == "light"
    page.emulate_media(color_scheme="dark")
    assert around(page) == "dark"


def test_a_choice_is_there_on_every_page_before_it_is_painted(visit):
    page = visit(color_scheme="light")
    page.get_by_text("Dark", exact=True).click()
    page.add_init_script(FIRST)
    page.goto("/tags/")
    assert page.evaluate("window.first") == "dark"
    assert scheme(page) == "dark"
    assert page.get_by_role("radio", name="Dark").is_checked()
    page.reload()
    assert page.evaluate("window.first") == "dark"
    page.get_by_text("Auto", exact=True).click()
    page.reload()
    assert scheme(page) == "light"


def test_a_page_that_the_reader_comes_back_to_follows_the_choice_made_meanwhile(visit):
    page = visit(color_scheme="light")
    page.goto("/tags/")
    page.get_by_text("Dark", exact=True).click()
    page.go_back()
    assert scheme(page) == "dark"
    assert page.get_by_role("radio", name="Dark").is_checked()


def test_a_browser_that_remembers_nothing_still_switches(visit):
    page = visit(color_scheme="light")
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
    page.reload()
    page.get_by_text("Dark", exact=True).click()
    assert scheme(page) == "dark"
    assert page.complaints == []


def test_the_arrow_keys_walk_through_the_choices(visit):
    page = visit(color_scheme="light")
    page.get_by_role("group", name="Colours").get_by_role("radio", name="Auto").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="Dark").is_checked()
    assert scheme(page) == "dark"


def test_paper_is_always_light(visit):
    page = visit("/articles/slack-water/", color_scheme="dark")
    page.get_by_text("Dark", exact=True).click()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
