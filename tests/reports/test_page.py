"""The page as its reader meets it: in a real browser, offline, by keyboard, in the dark, on paper, on a phone."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import altair as alt
import pytest
import synthetic
from browser import Browser
from gradmark_report.cli import main
from gradmark_report.page import Answer, Block, Facts, Listing, Page, Picture, Section, Text, render
from gradmark_report.plots import theme
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table

MOST_BYTES = 2_500_000
HOSTILE = """</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">'"`${1}&lt;{{7*7}}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole report of a synthetic default run."""
    folder = tmp_path_factory.mktemp("report")
    source = synthetic.write(folder / "result.json", synthetic.make_result())
    page = folder / "report.html"
    assert main(["html", str(source), "-o", str(page)]) == 0
    return page


def hostile_result() -> dict[str, Any]:
    """Every text that a result file can carry says something unpleasant."""
    result = synthetic.make_result(ops=("adamw",), impls=("scalar", "avx2"), samples=3)

    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: spoil(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [spoil(item, key) for item in value]
        kept: tuple[str, ...] = (
            "schema",
            "profile",
            "levels",
            "level",
            "placement",
            "pages",
            "seed",
            "started",
            "finished",
        )
        kept = (*kept, "status", "bound_by", "name", "op", "dtype", "impl", "state")
        return f"{value}{HOSTILE}" if isinstance(value, str) and key not in kept else value

    spoiled: dict[str, Any] = spoil(result)
    spoiled["machine"]["processor"]["name"] += HOSTILE
    slashless = HOSTILE.replace("/", "|")  # a slash in a name's part would be another part
    for row in spoiled["rows"]:
        row["op"] += slashless
        row["impl"] += slashless
        parts = row["name"].split("/")
        row["name"] = "/".join([row["op"], row["dtype"], row["impl"], *parts[3:]])
    return spoiled


# ---- the whole report ------------------------------------------------------------------------------------------------


def test_it_loads_offline_without_a_word_on_the_console(browser: Browser, report: Path) -> None:
    browser.look()
    browser.open(report)
    assert browser.messages() == []
    drawn = browser.run(
        "return [...document.querySelectorAll('.chart')].map((c) => c.querySelectorAll('svg path').length)"
    )
    assert len(drawn) == 5
    assert all(marks > 0 for marks in drawn)
    assert browser.run("return performance.getEntriesByType('resource').length") == 0


def test_it_is_small_enough_to_be_mailed(report: Path) -> None:
    assert report.stat().st_size < MOST_BYTES


def test_the_sections_stand_in_their_order(browser: Browser, report: Path) -> None:
    browser.look()
    browser.open(report)
    ids = browser.run("return [...document.querySelectorAll('main > section')].map((s) => s.id)")
    plots = ["sweep", "attainable", "scaling", "roofline", "accuracy"]
    assert ids == ["answer", "machine", *plots, "circumstances", "reading"]
    dead = "[...document.querySelectorAll('a')].filter((a) => !document.querySelector(a.getAttribute('href')))"
    assert browser.run(f"return {dead}.length") == 0


def test_every_choice_changes_its_plot(browser: Browser, report: Path) -> None:
    browser.look()
    browser.open(report)
    unchanged = browser.run_async("""
        const done = arguments[0];
        const settle = () => new Promise((go) => setTimeout(go, 120));
        const picture = (figure) => figure.querySelector('.chart svg').outerHTML;
        (async () => {
          const dead = [];
          for (const figure of document.querySelectorAll('figure.plot')) {
            for (const group of figure.querySelectorAll('fieldset')) {
              const other = group.querySelector('input:not(:checked)') || group.querySelector('input');
              if (!other || group.querySelectorAll('input').length < 2) continue;
              const before = picture(figure);
              other.click();
              await settle();
              if (picture(figure) === before) dead.push(figure.id + ' ' + group.dataset.param);
            }
            for (const select of figure.querySelectorAll('select')) {
              const before = picture(figure);
              select.selectedIndex = select.selectedIndex ? 0 : select.options.length - 1;
              select.dispatchEvent(new Event('change', { bubbles: true }));
              await settle();
              if (picture(figure) === before) dead.push(figure.id + ' ' + select.dataset.param);
            }
          }
          done(dead);
        })();""")
    assert unchanged == []
    assert browser.messages() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, report: Path, scheme: str) -> None:
    browser.look(scheme=scheme)
    browser.open(report)
    browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert browser.violations() == []


def test_axe_can_find_something(browser: Browser, report: Path, tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    broken = tmp_path / "broken.html"
    text = report.read_text(encoding="utf-8").replace('<html lang="en">', "<html>")
    broken.write_text(re.sub(r'<label for="[^"]*">', "<label>", text).replace("<legend>", "<i>"), encoding="utf-8")
    browser.look()
    browser.open(broken)
    assert any("html-has-lang" in one for one in browser.violations())


@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_is_wider_than_the_window(browser: Browser, report: Path, width: int) -> None:
    browser.look(width=width)
    browser.open(report)
    assert browser.run("return document.documentElement.scrollWidth") <= width


def test_dark_mode_is_dark_also_within_the_plots(browser: Browser, report: Path) -> None:
    background = "return getComputedStyle(document.body).backgroundColor"
    ink = "return getComputedStyle(document.querySelector('.chart svg text')).fill"
    seen = []
    for scheme in ("light", "dark"):
        browser.look(scheme=scheme)
        browser.open(report)
        seen.append((browser.run(background), browser.run(ink)))
    (light, light_ink), (dark, dark_ink) = seen
    assert light == "rgb(255, 255, 255)"
    assert dark == "rgb(20, 23, 27)"
    assert light_ink != dark_ink


def test_on_paper_the_colours_are_light_and_the_controls_are_gone(browser: Browser, report: Path) -> None:
    browser.look(scheme="dark", media="print")
    browser.open(report)
    assert (
        browser.run("return getComputedStyle(document.body).getPropertyValue('--page').trim()") == theme.LIGHT["page"]
    )
    assert browser.run("return document.querySelector('.controls').offsetHeight") == 0
    pdf = base64.b64decode(browser.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert pdf.startswith(b"%PDF")


def test_the_keyboard_reaches_and_changes_every_choice(browser: Browser, report: Path) -> None:
    browser.look()
    browser.open(report)
    hidden = browser.run("""
        return [...document.querySelectorAll('.controls input, .controls select, summary, th button')].filter((e) => {
          const closed = e.closest('details:not([open])');
          if (closed && e.tagName !== 'SUMMARY') return false;
          e.focus();
          return document.activeElement !== e;
        }).length""")
    assert hidden == 0


# ---- tables ----------------------------------------------------------------------------------------------------------


def table_page(folder: Path) -> Path:
    rows = [
        [Cell(f"row {i}"), Cell(f"{v} ns", sort=float(v))]
        for i, v in enumerate([3, 10, 1, 7, 2, 5, 9, 4, 8, 6, 12, 11, 13])
    ]
    table = Table([Column("name", code=True), Column("time", number=True)], rows)
    page = folder / "table.html"
    page.write_text(render(Page("t", "s", [Section("a", "A", [Listing("Times", table)])])), encoding="utf-8")
    return page


def test_a_table_sorts_by_its_numbers_both_ways_and_says_so(browser: Browser, tmp_path: Path) -> None:
    browser.look()
    browser.open(table_page(tmp_path))
    column = "return [...document.querySelectorAll('tbody tr')].map((r) => r.cells[1].textContent)"
    press = "document.querySelectorAll('th button')[1].click(); return document.querySelectorAll('th')[1].ariaSort"
    assert browser.run(press) == "descending"
    assert browser.run(column) == [f"{v} ns" for v in range(13, 0, -1)]
    assert browser.run(press) == "ascending"
    assert browser.run(column) == [f"{v} ns" for v in range(1, 14)]


def test_a_table_shows_only_what_is_searched_for(browser: Browser, tmp_path: Path) -> None:
    browser.look()
    browser.open(table_page(tmp_path))
    browser.run("""const input = document.querySelector('input[type=search]'); input.value = 'ROW 12';
        input.dispatchEvent(new Event('input'));""")
    shown = browser.run(
        "return [...document.querySelectorAll('tbody tr:not([hidden])')].map((r) => r.cells[0].textContent)"
    )
    assert shown == ["row 10", "row 12"]  # the first took 12 ns
    assert browser.run("return document.querySelector('[role=status]').textContent") == "2 of 13 rows"


# ---- what is untrusted -----------------------------------------------------------------------------------------------


def test_nothing_from_a_file_runs_in_the_page(browser: Browser, tmp_path: Path) -> None:
    source = synthetic.write(tmp_path / "hostile.json", hostile_result())
    page = tmp_path / "hostile.html"
    assert main(["html", str(source), "-o", str(page)]) == 0
    browser.look()
    browser.open(page)
    assert browser.run("return window.pwned === undefined && !document.querySelector('img[src=x]')")
    assert "49" not in browser.run("return document.querySelector('h1').textContent").replace("4900", "")
    assert "<script>window.pwned=1</script>" in browser.run("return document.querySelector('h1').textContent")
    assert browser.messages() == []


def test_hostile_blocks_stay_text(browser: Browser, tmp_path: Path) -> None:
    data = alt.InlineData(values=[{"x": HOSTILE, "y": 1}, {"x": "other", "y": 2}])
    chart = alt.Chart(data).mark_bar().encode(x="x:N", y="y:Q", tooltip="x:N")
    table = Table([Column(HOSTILE)], [[Cell(HOSTILE, sort=HOSTILE)]])
    control = Control("p", HOSTILE, False, [(HOSTILE, HOSTILE), ("b", "b")], HOSTILE)
    chart = chart.add_params(alt.param(name="p", value=HOSTILE))
    plot = Plot("hostile", HOSTILE, HOSTILE, HOSTILE, chart, table, [control])
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="parent.pwned=1"><script>parent.pwned=1</script></svg>'
    blocks: list[Block] = [
        Text([HOSTILE]),
        Answer([(HOSTILE, HOSTILE)]),
        Facts([(HOSTILE, HOSTILE)]),
        Picture(svg, HOSTILE),
        plot,
    ]
    page = tmp_path / "blocks.html"
    page.write_text(render(Page(HOSTILE, HOSTILE, [Section("a", HOSTILE, blocks)], [HOSTILE])), encoding="utf-8")
    browser.look()
    browser.open(page)
    assert browser.run("return window.pwned") is None
    assert browser.run("return document.title") == HOSTILE
    assert browser.messages() == []


def test_the_policy_forbids_what_the_page_does_not_need(browser: Browser, report: Path) -> None:
    browser.look()
    browser.open(report)
    browser.run(
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 2'; document.body.append(s);"
    )
    assert browser.run("return window.pwned") is None
    assert any("Content Security Policy" in one for one in browser.messages())


def test_data_in_a_page_are_json_that_cannot_end_its_element(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    found = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.S)
    assert len(found) == 5
    for one in found:
        assert "<" not in one
        json.loads(one)
