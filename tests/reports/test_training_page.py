"""The page of a training as its reader meets it: in a real browser, offline, in the dark, on a phone, by keyboard."""

import base64
from pathlib import Path
from typing import Any

import pytest
import synthetic_training
from browser import Browser
from test_page import DEAD_CHOICES, HOSTILE, page_of

SECTIONS = [
    *("answer", "runs", "loss", "accuracy", "speed", "bits", "kernels", "compression", "confusion", "wrong"),
    *("machine", "circumstances", "reading"),
]
KEPT = ("schema", "status", "seed", "started", "finished", "state", "weights_hash", "pixels", "bound_by")
WIDTH = "return document.documentElement.scrollWidth"


def small() -> dict[str, Any]:
    """Everything that a page can have, with short tables and few points."""
    made = synthetic_training.make_training(isas=("scalar", "avx2"), threads=(1,), epochs=2, points=12, wrong=2)
    made["compression"] = synthetic_training.compress()["compression"]
    # So that another run has other kernels and another matrix.
    made["runs"][0]["kernels"] = made["runs"][0]["kernels"][:2]
    return made


def spoiled(value: Any, key: str = "") -> Any:
    """Every text says something unpleasant, names of runs alike wherever they stand."""
    if isinstance(value, dict):
        return {name: spoiled(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [spoiled(item, key) for item in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) and key not in KEPT else value


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(tmp_path_factory.mktemp("training"), small())


def test_it_is_whole_and_nothing_is_wrong_with_it(browser: Browser, page: Path) -> None:
    browser.see(page)
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.run("return [...document.querySelectorAll('main > section')].map((s) => s.id)") == SECTIONS
    drawn = "[...document.querySelectorAll('.chart')].map((c) => c.querySelectorAll('svg path').length)"
    assert 0 not in browser.run(f"return {drawn}")
    pictures = browser.run(
        "return [...document.querySelectorAll('.gallery img')].map((i) => [i.alt, i.naturalWidth, i.naturalHeight])"
    )
    assert pictures == [["a 0 taken for a 3, 90% sure", 24, 24], ["a 1 taken for a 4, 80% sure", 24, 24]]
    assert browser.messages() == []


def test_steps_and_seconds_change_by_keyboard(browser: Browser, page: Path) -> None:
    browser.see(page)
    caption = "return document.querySelector('#loss .shown').innerText"
    words = "return [...document.querySelectorAll('#loss .chart text')].map((t) => t.textContent)"
    assert browser.run(caption) == "Shown: against seconds, logarithmic, single batches; all implementations."
    assert "seconds of training" in browser.run(words)
    browser.tab_to("#loss [data-param=against] input")
    browser.press("ArrowRight")
    browser.until(f"{words}.includes('steps')")
    assert browser.run(caption) == "Shown: against steps, single batches; all implementations."
    browser.forget()


def test_every_choice_changes_its_plot_and_axe_finds_nothing_serious(browser: Browser, page: Path) -> None:
    browser.see(page)
    assert browser.run_async(DEAD_CHOICES) == []
    assert browser.violations_in_both_schemes() == []
    assert browser.messages() == []
    browser.forget()


def test_every_text_is_hostile(browser: Browser, tmp_path: Path) -> None:
    """In the dark and on the narrowest phone, too: long words make a page wide."""
    page = page_of(tmp_path, spoiled(small()))
    browser.look(width=320)
    browser.open(page)
    assert browser.violations_in_both_schemes() == []
    assert browser.messages() == []
    assert browser.run(WIDTH) <= 320
    assert browser.run("return window.pwned === undefined && !document.querySelector('img[src=x]')")
    assert "<script>window.pwned=1</script>" in browser.run("return document.querySelector('h1').textContent")
    pills = browser.run(
        "return [...document.querySelectorAll('#loss [data-param=impls] span')].map((s) => s.innerText)"
    )
    assert pills == [f"{isa}{HOSTILE}" for isa in ("scalar", "avx2")]


def test_nothing_is_wider_than_the_window(browser: Browser, page: Path) -> None:
    browser.see(page, width=320)
    assert browser.run(WIDTH) <= 320
    browser.widen(768)
    browser.until(f"{WIDTH} <= 768")
    browser.forget()


def test_on_paper_every_plot_says_what_it_shows(browser: Browser, page: Path) -> None:
    browser.look(scheme="dark", media="print")
    browser.open(page)
    shown = "[...document.querySelectorAll('figure.plot .shown')].map((p) => p.innerText)"
    assert [text.split(":")[0] for text in browser.run(f"return {shown}")] == ["Shown"] * 4
    assert browser.run("return document.querySelector('.controls').offsetHeight") == 0
    assert base64.b64decode(browser.cdp("Page.printToPDF", preferCSSPageSize=True)["data"]).startswith(b"%PDF")


def widest() -> dict[str, Any]:
    """The longest names that runs have, as many columns as there are, and runs that lasted otherwise."""
    made = synthetic_training.make_training(
        "mnist-all", optimizers=("rmsprop_centered_momentum", "adam"), isas=("scalar", "avx512"), threads=(1, 2)
    )
    made["runs"][0] |= {"status": "diverged", "diverged_at_step": 7}
    made["runs"][1]["model"]["layers"] = [784, 512, 256, 128, 10]
    return made


@pytest.mark.parametrize("kind", [*synthetic_training.KINDS, "widest"])
def test_nothing_ends_beyond_the_window(browser: Browser, tmp_path: Path, kind: str) -> None:
    """On a laptop whole tables are seen, too."""
    browser.look(width=1280)
    browser.open(page_of(tmp_path, widest() if kind == "widest" else synthetic_training.KINDS[kind]()))
    assert browser.overflowing(1280, 360) == []


@pytest.mark.parametrize("kind", ["mnist-all", "quadratic", "unknowns"])
def test_pages_of_every_kind(browser: Browser, tmp_path: Path, kind: str) -> None:
    page = page_of(tmp_path, synthetic_training.KINDS[kind]())
    assert page.stat().st_size < 1_500_000
    browser.look(width=360)
    browser.open(page)
    assert browser.messages() == []
    assert browser.run(WIDTH) <= 360
    figures = browser.run("return [...document.querySelectorAll('.chart')].map((c) => c.dataset.drawn)")
    assert figures
    assert set(figures) == {"yes"}
