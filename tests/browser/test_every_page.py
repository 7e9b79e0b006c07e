"""Every page in a real browser: nothing scrolls sideways, every target can be hit, axe finds
nothing, and the browser itself has nothing to complain about (see conftest.py)."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages import PAGES, load_demonstration

pytestmark = pytest.mark.django_db(transaction=True)

# Inline links in a sentence are excused by WCAG 2.5.8 as well; citations are padded by CSS.
NOTICE = """() => {
  const seen = e => {
    const r = e.getBoundingClientRect();
    return r.width && r.height && getComputedStyle(e).visibility !== 'hidden';
  };
  const inSentence = e =>
    getComputedStyle(e).display === 'inline' && e.closest('p,li,dd,td,h1,h2,h3');
  const faults = [];
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1) faults.push(`sideways scroll: ${wide} > ${innerWidth}`);
  const targets = 'a[href],button,input:not([type=hidden]),select,textarea,summary';
  for (const e of document.querySelectorAll(targets)) {
    // A press on its label is a press on a box or a radio.
    const label = e.matches('[type=checkbox],[type=radio]') && e.closest('label');
    const r = (label || e).getBoundingClientRect();
    if (!seen(e) || inSentence(e) || e.matches('.skip,.trap input')) continue;
    const size = `${Math.round(r.width)} by ${Math.round(r.height)}`;
    if (r.width < 44 || r.height < 43.5) faults.push(`target ${size}: ${e.textContent.trim()}`);
  }
  for (const e of document.querySelectorAll('img'))
    if (e.complete && !e.naturalWidth && !e.loading) faults.push(`broken picture: ${e.src}`);
  return faults;
}"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def faults_of(page, url):
    status = page.goto(url).status
    if status != PAGES[url]:
        return [f"status {status}"]
    found = page.evaluate(NOTICE)
    for violation in Axe().run(page).response["violations"]:
        nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
        found.append(f"axe {violation['id']}: {violation['help']}: {nodes}")
    return found


@pytest.mark.parametrize(
    ("width", "scheme"), [(320, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
)
def test_pages_are_easy_to_use(page, expected_console_errors, width, scheme):
    expected_console_errors += ["404", "410"]
    load_demonstration()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    faults = {url: found for url in PAGES if (found := faults_of(page, url))}
    assert not faults, "\n".join(f"{url}: {fault}" for url in faults for fault in faults[url])


def test_text_twice_as_large_on_a_phone_still_fits(page, expected_console_errors):
    expected_console_errors += ["404", "410"]
    load_demonstration()
    page.set_viewport_size({"width": 360, "height": 800})
    for url in PAGES:
        page.goto(url)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 361, f"{url} is {wide} px wide"


def test_a_keyboard_reaches_the_text_first(page):
    load_demonstration()
    page.goto("/articles/who-is-counted/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_survival_numbers_open_only_when_asked_for_also_without_a_mouse(page):
    load_demonstration()
    page.goto("/articles/who-is-counted/")
    numbers = page.locator(".numbers")
    assert not numbers.locator(".fold-body").is_visible()
    assert numbers.get_by_text("cannot say what will happen to one person").is_visible()
    numbers.locator("summary").focus()
    page.keyboard.press("Enter")
    assert numbers.locator(".fold-body").is_visible()


def test_a_citation_leads_to_its_source_and_back(page):
    load_demonstration()
    page.goto("/articles/who-is-counted/")
    page.get_by_role("link", name="Source 1").first.click()
    assert page.url.endswith("#source-1") and page.locator("#source-1").is_visible()
    page.get_by_role("link", name="Back to 1a, use a of source 1").click()
    assert page.url.endswith("#use-1-a")


def test_nothing_jumps_while_a_page_loads(page):
    """Pictures have their dimensions and fallback fonts their measures: no layout shift."""
    load_demonstration()
    for url in ("/", "/articles/who-is-counted/"):
        page.goto(url)
        page.wait_for_load_state("networkidle")
        shift = page.evaluate(
            """() => new Promise(done => {
                let sum = 0;
                new PerformanceObserver(list => {
                    for (const entry of list.getEntries()) sum += entry.value;
                }).observe({type: 'layout-shift', buffered: true});
                setTimeout(() => done(sum), 300);
            })"""
        )
        assert shift < 0.02, f"{url} shifts by {shift:.3f}"
