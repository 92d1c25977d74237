"""The page as its reader meets it: in a real browser, offline, by keyboard, in the dark, on paper, on a phone."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import altair as alt
import pytest
import synthetic
import two_sides
from browser import Browser
from gradmark_report.cli import main
from gradmark_report.document import Answer, Block, Document, Facts, Listing, Picture, Section, Text
from gradmark_report.document.html import render
from gradmark_report.plots import sweep, theme
from gradmark_report.plots.plot import Cell, Column, Control, Plot, Table
from gradmark_report.result_file import read

MOST_BYTES, MOST_OF_PLOTS = 2_500_000, 900_000
HOSTILE = """</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">'"`${1}&lt;{{7*7}}"""


# Which controls of a page change nothing.
DEAD_CHOICES = """
const done = arguments[0];
const picture = (figure) => figure.querySelector('.chart svg').outerHTML;
const changes = async (figure, before) => {
  for (let tries = 0; tries < 1000 && picture(figure) === before; tries++)
    await new Promise((go) => setTimeout(go, 30));
  return picture(figure) !== before;
};
(async () => {
  const dead = [];
  for (const figure of document.querySelectorAll('figure.plot')) {
    for (const group of figure.querySelectorAll('[data-param]')) {
      const options = [...group.querySelectorAll('input, option')];
      if (options.length < 2) continue;
      const other = options.findLast((one) => !one.matches(':checked')) || options[0];
      const before = picture(figure);
      if (other.matches('input')) other.click();
      else {
        other.selected = true;
        group.dispatchEvent(new Event('change', { bubbles: true }));
      }
      if (!(await changes(figure, before))) dead.push(figure.id + ' ' + group.dataset.param);
    }
  }
  done(dead);
})();
"""


def page_of(folder: Path, raw: dict[str, Any]) -> Path:
    page = folder / "page.html"
    assert main(["html", str(synthetic.write(folder / "result.json", raw)), "-o", str(page)]) == 0
    return page


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole report of a synthetic default run."""
    raw = synthetic.make_result(samples=20)  # no plot draws more of them
    for row in raw["rows"]:  # so that every choice of threads has another picture
        if row["threads"] == 2 and row["attainable_percent"]:
            for member in ("attainable_percent", "attainable_percent_low", "attainable_percent_high"):
                row[member] *= 0.9
    return page_of(tmp_path_factory.mktemp("report"), raw)


KEPT = (
    *("schema", "profile", "levels", "level", "placement", "pages", "seed", "started", "finished"),
    *("status", "bound_by", "twin_stores", "name", "op", "dtype", "impl", "state"),
)


def hostile_result() -> dict[str, Any]:
    """Every text that a result file can carry says something unpleasant."""
    return spoiled(synthetic.make_result(ops=("adamw",), impls=("scalar", "avx2"), samples=3))


def spoiled(result: dict[str, Any]) -> dict[str, Any]:
    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: spoil(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [spoil(item, key) for item in value]
        return f"{value}{HOSTILE}" if isinstance(value, str) and key not in KEPT else value

    made: dict[str, Any] = spoil(result)
    made["machine"]["processor"]["name"] += HOSTILE
    slashless = HOSTILE.replace("/", "|")  # a slash in a name's part would be another part
    for row in made["rows"]:
        row["op"] += slashless
        row["impl"] += slashless
        parts = row["name"].split("/")
        row["name"] = "/".join([row["op"], row["dtype"], row["impl"], *parts[3:]])
    return made


# ---- the whole report ------------------------------------------------------------------------------------------------


def test_it_loads_offline_without_a_word_on_the_console(browser: Browser, report: Path) -> None:
    browser.see(report)
    assert browser.messages() == []
    drawn = browser.run(
        "return [...document.querySelectorAll('.chart')].map((c) => c.querySelectorAll('svg path').length)"
    )
    assert len(drawn) == 5
    assert all(marks > 0 for marks in drawn)
    assert browser.run("return performance.getEntriesByType('resource').length") == 0


def data_of(report: Path) -> list[str]:
    """What stands in the page's elements of JSON."""
    text = report.read_text(encoding="utf-8")
    return re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.S)


def test_it_is_small_enough_to_be_mailed(report: Path) -> None:
    assert report.stat().st_size < MOST_BYTES
    assert sum(map(len, data_of(report))) < MOST_OF_PLOTS


def test_the_sections_stand_in_their_order(browser: Browser, report: Path) -> None:
    browser.see(report)
    ids = browser.run("return [...document.querySelectorAll('main > section')].map((s) => s.id)")
    plots = ["sweep", "attainable", "scaling", "roofline", "accuracy"]
    assert ids == ["answer", "machine", "placement", *plots, "circumstances", "reading"]
    dead = "[...document.querySelectorAll('a')].filter((a) => !document.querySelector(a.getAttribute('href')))"
    assert browser.run(f"return {dead}.length") == 0


def test_dark_mode_is_dark_also_within_the_plots(browser: Browser, report: Path) -> None:
    background = "return getComputedStyle(document.body).backgroundColor"
    ink = "return getComputedStyle(document.querySelector('.chart svg text')).fill"
    browser.see(report)
    light, light_ink = browser.run(background), browser.run(ink)
    browser.colour("dark")
    dark, dark_ink = browser.run(background), browser.run(ink)
    browser.colour("light")
    assert light == "rgb(255, 255, 255)"
    assert dark == "rgb(20, 23, 27)"
    assert light_ink != dark_ink


def test_the_keyboard_reaches_every_choice(browser: Browser, report: Path) -> None:
    """By Tab alone, from the top to the end."""
    browser.see(report)
    there = "const all = [...document.querySelectorAll('[data-param], summary')]; "
    reached = set()
    for _ in range(400):
        browser.press("Tab")
        at = browser.run(
            f"{there}const e = document.activeElement; if (e === document.body) return -2; "
            "return all.indexOf(e.matches('summary') ? e : e.closest('[data-param]'))"
        )
        if at == -2:
            break
        reached.add(at)
    assert reached - {-1} == set(range(browser.run(f"{there}return all.length")))


def test_the_policy_forbids_what_the_page_does_not_need(browser: Browser, report: Path) -> None:
    browser.see(report)
    browser.run(
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 2'; document.body.append(s);"
    )
    assert browser.run("return window.pwned") is None
    assert any("Content Security Policy" in one for one in browser.messages())


def test_every_choice_changes_its_plot(browser: Browser, report: Path) -> None:
    browser.see(report)
    assert browser.run_async(DEAD_CHOICES) == []
    assert browser.messages() == []
    browser.forget()


@pytest.fixture(scope="module")
def small_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that a report has, with short tables: axe looks at every cell, and needs minutes for thousands."""
    raw = synthetic.make_result(ops=("adamw",), impls=("scalar", "avx2"), levels=("L2", "DRAM"), samples=3)
    raw["rows"] = [row for number, row in enumerate(raw["rows"]) if not row["sweep"] or number % 8 < 2]
    return page_of(tmp_path_factory.mktemp("small"), raw)


def test_axe_finds_nothing_serious(browser: Browser, small_report: Path) -> None:
    browser.look()
    browser.open(small_report)
    assert browser.violations_in_both_schemes() == []


def test_axe_can_find_something(browser: Browser, small_report: Path, tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    broken = tmp_path / "broken.html"
    text = small_report.read_text(encoding="utf-8").replace('<html lang="en">', "<html>")
    broken.write_text(re.sub(r'<label for="[^"]*">', "<label>", text).replace("<legend>", "<i>"), encoding="utf-8")
    browser.look()
    browser.open(broken)
    assert any("html-has-lang" in one for one in browser.violations("html-has-lang"))


def test_nothing_ends_beyond_the_window(browser: Browser, report: Path) -> None:
    browser.see(report)
    assert browser.overflowing(1280, 360) == []


def test_nothing_is_wider_than_the_window(browser: Browser, report: Path) -> None:
    """As it is opened, and as the reader makes it wider or narrower."""
    browser.see(report, width=320)
    assert browser.run("return document.documentElement.scrollWidth") <= 320
    for width in (768, 360):
        browser.widen(width)
        browser.until("return document.documentElement.scrollWidth <= arguments[0]", width)
    browser.forget()


def test_on_paper_the_colours_are_light_and_the_controls_are_gone(browser: Browser, report: Path) -> None:
    browser.see(report, scheme="dark", media="print")
    assert (
        browser.run("return getComputedStyle(document.body).getPropertyValue('--page').trim()") == theme.LIGHT["page"]
    )
    assert browser.run("return document.querySelector('.controls').offsetHeight") == 0
    pdf = base64.b64decode(browser.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert pdf.startswith(b"%PDF")


def test_every_plot_says_what_it_shows(browser: Browser, report: Path) -> None:
    """On screen, on paper, and to who cannot see it: also before anything was chosen."""
    browser.see(report, scheme="dark", media="print")
    captions = browser.run(
        "return [...document.querySelectorAll('figure.plot')].map((f) => f.querySelector('.shown').innerText)"
    )
    assert captions == [
        "Shown: adamw/f32, 1 thread, raw samples shown; all implementations.",
        "Shown: DRAM, 1 thread; avx2, avx2_fast, avx512, avx512_fast.",
        "Shown: avx512.",
        "Shown: DRAM, 1 thread, avx512.",
        "Shown: adamw/f32, L1, 1 thread.",
    ]
    labels = browser.run("return [...document.querySelectorAll('.chart')].map((c) => c.getAttribute('aria-label'))")
    assert all(caption in label for caption, label in zip(captions, labels, strict=True))


@pytest.fixture(scope="module")
def one_plot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep with every kind of control: so many ops that they are a list, and pills of both kinds."""
    raw = synthetic.make_result(ops=("adamw",), impls=("scalar", "avx2"), levels=(), samples=3)
    of_sweep = [row for row in raw["rows"] if row["working_set_bytes"] in synthetic.sweep_sizes()[::5]]
    raw["rows"] = [
        {**row, "op": op, "name": row["name"].replace("adamw/", f"{op}/")}
        for op in ("adamw", "b", "c", "d", "e", "f", "g")
        for row in of_sweep
    ]
    for row in raw["rows"]:
        if row["op"] == "b":
            row["ns_per_element"] = {**row["ns_per_element"], "undisturbed": row["ns_per_element"]["high"]}
    folder = tmp_path_factory.mktemp("plot")
    plot = sweep.make(read(synthetic.write(folder / "result.json", raw)))
    page = folder / "plot.html"
    page.write_text(render(Document("t", "s", [Section("sweep", "A sweep", [plot])])), encoding="utf-8")
    return page


PICTURE = "return document.querySelector('.chart svg').outerHTML"
CAPTION = "return document.querySelector('figcaption .shown').innerText"


@pytest.mark.parametrize(
    ("control", "keys", "caption"),
    [
        ("select[data-param=op]", ["ArrowDown"], "Shown: b/f32, 1 thread, raw samples shown; all implementations."),
        (
            "[data-param=threads] input",
            ["ArrowRight"],
            "Shown: adamw/f32, 2 threads, raw samples shown; all implementations.",
        ),
        ("[data-param=impls] input", ["Space"], "Shown: adamw/f32, 1 thread, raw samples shown; avx2."),
        (
            "[data-param=impls] input",
            ["Space", "Tab", "Space"],
            "Shown: adamw/f32, 1 thread, raw samples shown; none of the implementations.",
        ),
        (
            "[data-param=samples] input",
            ["ArrowRight"],
            "Shown: adamw/f32, 1 thread, raw samples hidden; all implementations.",
        ),
    ],
)
def test_the_keyboard_changes_a_plot_and_its_caption_says_to_what(
    browser: Browser, one_plot: Path, control: str, keys: list[str], caption: str
) -> None:
    browser.look()
    browser.open(one_plot)
    assert browser.run(CAPTION) == "Shown: adamw/f32, 1 thread, raw samples shown; all implementations."
    before = browser.run(PICTURE)
    browser.tab_to(control)
    for key in keys:
        browser.press(key)
    browser.until(f"{PICTURE} !== arguments[0]", before)
    assert browser.run(CAPTION) == caption
    label = browser.run("return document.querySelector('.chart').getAttribute('aria-label')")
    assert label.startswith(f"Time per element against working set. {caption} adamw/f32 on 1 thread")
    assert browser.messages() == []


def test_the_keyboard_opens_and_sorts_a_table(browser: Browser, one_plot: Path) -> None:
    browser.look()
    browser.open(one_plot)
    browser.tab_to("figure.plot summary")
    browser.press("Enter")
    assert browser.until("return document.querySelector('details').open")
    browser.tab_to("th:nth-child(3) button")
    sizes = "return [...document.querySelectorAll('tbody tr')].map((r) => Number(r.cells[2].dataset.s))"
    for key, order in (("Space", "descending"), ("Enter", "ascending")):
        browser.press(key)
        browser.until("return document.querySelector('th:nth-child(3)').ariaSort === arguments[0]", order)
        found = browser.run(sizes)
        assert found == sorted(found, reverse=order == "descending")
        assert len(set(found)) > 1


# ---- the pages of several files --------------------------------------------------------------------------------------


def hostile_sides(folder: Path) -> list[str]:
    def change(result: dict[str, Any], letter: str, number: int) -> None:
        result.update(spoiled(result))

    slower = {two_sides.ROW: 1.2}
    base, head = two_sides.make_sides(folder, slower, order="ABBABAAB" * 2, change=change)
    return ["compare", base, head, "--format", "html"]


def hostile_history(folder: Path) -> list[str]:
    for number in range(6):
        made = two_sides.small_result(
            slower={two_sides.ROW: 1.3} if number > 2 else None,
            seed=number,
            revision=f"{number}{number}",
            started=f"2026-05-0{number + 1}T10:00:00Z",
        )
        made["machine"]["kernel"] = "6.6" if number > 3 else "6.1"
        synthetic.write(folder / f"{number}.json", spoiled(made))
    (folder / "broken.json").write_text(HOSTILE)
    return ["history", str(folder)]


def hostile_machines(folder: Path) -> list[str]:
    files = []
    for number in range(6):
        made = two_sides.small_result(
            levels=("L2", "DRAM"), threads=(1, 2), seed=number, host=f"n{number}", process=0.3 if number == 5 else 0.001
        )
        files.append(str(synthetic.write(folder / f"{number}.json", spoiled(made))))
    return ["merge", *files]


SEVERAL = {"compare": hostile_sides, "history": hostile_history, "merge": hostile_machines}


@pytest.fixture(scope="module", params=SEVERAL)
def several(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a command, of small files in which every text is hostile."""
    folder = tmp_path_factory.mktemp("several")
    page = folder / "page.html"
    assert main([*SEVERAL[request.param](folder), "-o", str(page)]) == 0
    return page


def test_pages_of_several_files_are_as_sound_as_the_report(browser: Browser, several: Path) -> None:
    browser.look(width=360)
    browser.open(several)
    assert browser.violations_in_both_schemes() == []
    assert browser.messages() == []
    assert browser.overflowing(360) == []
    assert browser.run("return window.pwned === undefined && !document.querySelector('img[src=x]')")
    drawn = "[...document.querySelectorAll('.chart')].map((c) => c.querySelectorAll('svg path').length)"
    assert 0 not in browser.run(f"return {drawn}")
    assert "<script>window.pwned=1</script>" in browser.run("return document.body.textContent")


# ---- tables ----------------------------------------------------------------------------------------------------------


def table_page(folder: Path) -> Path:
    rows = [
        [Cell(f"row {i}"), Cell(f"{v} ns", sort=float(v))]
        for i, v in enumerate([3, 10, 1, 7, 2, 5, 9, 4, 8, 6, 12, 11, 13])
    ]
    table = Table([Column("name", code=True), Column("time", number=True)], rows)
    page = folder / "table.html"
    page.write_text(render(Document("t", "s", [Section("a", "A", [Listing("Times", table)])])), encoding="utf-8")
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
    browser.look()
    browser.open(page_of(tmp_path, hostile_result()))
    assert browser.run("return window.pwned === undefined && !document.querySelector('img[src=x]')")
    assert "49" not in browser.run("return document.querySelector('h1').textContent").replace("4900", "")
    assert "<script>window.pwned=1</script>" in browser.run("return document.querySelector('h1').textContent")
    assert browser.messages() == []


def test_hostile_blocks_stay_text(browser: Browser, tmp_path: Path) -> None:
    data = alt.InlineData(values=[{"x": HOSTILE, "y": 1}, {"x": "other", "y": 2}])
    chart = alt.Chart(data).mark_bar().encode(x="x:N", y="y:Q", tooltip="x:N")
    table = Table([Column(HOSTILE)], [[Cell(HOSTILE, sort=HOSTILE)]])
    control = Control("p", HOSTILE, [(HOSTILE, HOSTILE), ("b", "b")], HOSTILE)
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
    page.write_text(render(Document(HOSTILE, HOSTILE, [Section("a", HOSTILE, blocks)], [HOSTILE])), encoding="utf-8")
    browser.look()
    browser.open(page)
    assert browser.run("return window.pwned") is None
    assert browser.run("return document.title") == HOSTILE
    assert browser.messages() == []


def test_data_in_a_page_are_json_that_cannot_end_its_element(report: Path) -> None:
    found = data_of(report)
    assert len(found) == 5
    for one in found:
        assert "<" not in one
        json.loads(one)
