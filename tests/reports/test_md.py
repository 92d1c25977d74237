"""The Markdown page: what stands in it, and that no text of a result file becomes markup, a link or a table's end."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import synthetic
from gradmark_report import placement
from gradmark_report.cli import main
from gradmark_report.document import markdown
from gradmark_report.plots.plot import Cell, Column, Table
from markdown_it import MarkdownIt

GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = (
    "<script>alert(1)</script>",
    "<b>x</b> &lt; &amp;",
    "[a](http://evil.example)",
    "![a](http://evil.example/a.png)",
    "<http://evil.example>",
    "a | b || c",
    "a \\| b \\",
    "`a` ``b`` \\`",
    "1. x",
    "- y",
    "# z",
    "+ x",
    "> x",
    "---",
    "===",
    "*a* **b** _c_ __d__ ~~e~~ a_b_c",
    "$x$ $$y$$",
    "a\n\n# b\n\n<script>",
    "|---|---|",
    "```",
)


def shown(html: str) -> str:
    """The text that a reader sees."""
    text = re.sub(r"<[^>]*>", "", html).strip()
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def made(tmp_path: Path, *options: str, **settings: Any) -> str:
    return said(tmp_path, synthetic.make_result(**settings), *options)


def said(tmp_path: Path, result: dict[str, Any], *options: str) -> str:
    source = synthetic.write(tmp_path / "result.json", result)
    page = tmp_path / "page.md"
    assert main(["md", str(source), "-o", str(page), "--force", *options]) == 0
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_shown_as_it_is(text: str) -> None:
    plain = " ".join(text.split())
    for form in (markdown.literal(text), markdown.code(text)):
        html = GITHUB.render(f"{form}\n")
        assert shown(html).replace("\N{WORD JOINER}", "") == plain
        assert not re.search(r"<(?!/?(p|code)>)", html), html


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_a_cell(text: str) -> None:
    table = Table(
        [Column("a"), Column("b", code=True), Column("c")], [[Cell(text), Cell(text), Cell("end", mark="bad")]]
    )
    html = GITHUB.render(markdown.table(table))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html, re.DOTALL)
    plain = " ".join(text.split())
    assert [shown(cell).replace("\N{WORD JOINER}", "") for cell in cells] == [plain, plain, "end"]
    assert not re.search(r"<(?!/?(table|thead|tbody|tr|th|td|code|strong)\b)", html), html


@pytest.mark.parametrize(
    "text", ["http://evil.example", "www.evil.example", "@somebody", "me@evil.example", "#12", "a/b#7", "GH-3"]
)
def test_github_links_nothing(text: str) -> None:
    # GitHub sees addresses, people and issues in the text that is shown, whatever was escaped.
    seen = shown(GITHUB.render(markdown.literal(text)))
    assert not re.search(r"(?i)://|www\.|@\w|#\d|gh-\d", seen), seen


def test_dollars_make_no_formula() -> None:
    assert markdown.literal("$x$") == "\\$x\\$"


def test_a_page_of_hostile_text(tmp_path: Path) -> None:
    result = synthetic.make_result(ops=("adamw",), impls=("scalar", "avx2"), sweep=False)
    text = "<img src=x onerror=alert(1)> | [a](http://evil.example) `x` @all"
    result["machine"]["host"] = text
    result["machine"]["processor"]["name"] = text
    result["build"]["revision"] = text
    result["warnings"] = [dict.fromkeys(("id", "what", "cause", "cure"), text)]
    result["settings"]["command"] = ["gradmark", "x\n```\n<script>"]
    for row in result["rows"]:
        row["impl"] = f"{row['impl']}|<script>alert(1)<|script>`"
        row["name"] = "/".join([row["op"], row["dtype"], row["impl"], *row["name"].split("/")[3:]])
    source = synthetic.write(tmp_path / "result.json", result)
    page = tmp_path / "page.md"
    assert main(["md", str(source), "-o", str(page)]) == 0
    html = GITHUB.render(page.read_text(encoding="utf-8"))
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= {
        *("h1", "h2", "h3", "p", "ul", "li", "strong", "code", "pre", "details", "summary"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert "href" not in html
    for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL):
        assert len(re.findall("<t[dh]", row)) in (1, 2, 3, 5, 11, 12)


def test_what_stands_in_it(tmp_path: Path) -> None:
    page = made(tmp_path)
    assert page.startswith("# gradmark: Example(R) Processor 4000, 2 cores\n")
    assert re.search(r"L2 cache\*\*: 2(\.00)? MiB", page)
    assert "2026-05-04 10:00 UTC" in page
    assert "by gradmark 0.1.0 (1234567)" in page
    assert "- **Use.** " in page
    assert "### L2, 1 thread" in page
    assert "### DRAM, 2 threads" in page
    assert "This is a virtual machine" in page
    assert "gradmark run\n```" in page
    assert "<summary>Every row at a level: 192 rows</summary>" in page
    assert "696 rows of the sweep not shown" in page
    assert "96KiB" not in page
    assert len(page) < 65_536  # what GitHub takes as a comment
    assert "96KiB" in made(tmp_path, "--rows", "all")


def test_the_best_exact_and_the_best_fast_of_each_op(tmp_path: Path) -> None:
    page = made(tmp_path, "--level", "L2", threads=(1,), sweep=False)
    table = page.split("### L2, 1 thread")[1].split("\n\n")[1]
    lines = [line for line in table.splitlines() if "adamw" in line]
    assert len(lines) == 2
    assert "`avx512` |" in lines[0]
    assert "`avx512_fast` |" in lines[1]
    assert "divide/sqrt" in lines[0]
    assert "±" in lines[0]


def test_a_row_says_its_state_and_what_other_states_took(tmp_path: Path) -> None:
    page = made(tmp_path, "--level", "L2", ops=("adamw",), impls=("avx2",), sweep=False, shared=3, unknown=1)
    one, two = (page.split(f"### L2, {threads}")[1].split("\n\n")[1].splitlines() for threads in ("1 t", "2 t"))
    head, _, row, other = [[cell.strip() for cell in line.split("|")[1:-1]] for line in two]
    assert head[2:6] == ["undisturbed, ns", "±", "typical, ns", "on"]
    assert row[5] == "2 cores (8 of 16 samples)"
    assert float(row[2]) < float(row[4]) < float(other[2])
    assert (other[:2], other[5]) == (["", ""], "1 core (6 samples)")
    assert other[3].startswith("±")
    assert len(one) == 3
    assert " on |" not in one[0]
    assert "| typical, ns |" in one[0]
    assert placement.TIMES in page


def test_where_the_threads_ran(tmp_path: Path) -> None:
    result = synthetic.make_result(ops=("adamw",), sweep=False, shared=2)
    result["placement"]["pairs"] = [{"first": 0, "second": 3, "effective_cores": 1.02, "line_ns": None}]
    result["left_out"] = ["adamw/f32/avx9/L2/t1"]
    result["rows"][0] |= {"status": "skipped", "why_not": "too little memory", "attainable_percent": None}
    result["rows"][0] |= dict.fromkeys(("ns_per_element", "attainable_percent_low", "attainable_percent_high"))
    page = said(tmp_path, result)
    assert "## Where the threads ran\n\nThe topology shows 2 processors on 2 cores. A hypervisor may put" in page
    assert "\n\n2 threads were seen 60 times on 2 cores and 20 times on 1 core, and moved at least 4 times.\n\n" in page
    assert "| 2 | 1 core | 20 of 80 | 0.980 | 30.0 |" in page
    assert "<summary>Processors, two at a time: 1 row</summary>" in page
    assert "| 0 | 3 | 1.02 | – |" in page
    assert "1 row was left out for want of time" in page
    assert "| `adamw/f32/avx9/L2/t1` | left out | the profile's time was not enough |" in page
    assert "**skipped: too little memory**" in page
    (watched,) = result["placement"]["watched"]
    watched["states"][0]["probes"], watched["moves"] = 1, 1
    assert "2 threads were seen once on 2 cores and 20 times on 1 core, and moved at least once." in said(
        tmp_path, result
    )
    watched.update(probes=1, states=watched["states"][:1])
    assert "\n\n2 threads were seen on 2 cores, once.\n\n" in said(tmp_path, result)
    result["placement"].update(topology=None, may_move=None, watched=[], pairs=[])
    page = said(tmp_path, result)
    assert "The topology is not visible. Whether a hypervisor may move these processors is not visible." in page
    assert "Where several threads ran was not looked at" in page


def test_a_file_from_before_there_were_rounds_says_what_its_times_are(tmp_path: Path) -> None:
    page = said(tmp_path, json.loads(synthetic.SECOND_RESULT.read_text(encoding="utf-8")))
    assert page.count(placement.BEFORE_ROUNDS) == 1
    assert placement.TIMES not in page
    assert "Where the threads ran" not in page


def test_a_bundle_is_named_where_it_ran_from_one(tmp_path: Path) -> None:
    result = synthetic.make_result(ops=("sgd",), impls=("avx2",), levels=("L2",), sweep=False)
    assert "bundle" not in said(tmp_path, result)
    result["build"]["bundle"] = "gradmark-0.1.0-abc-x86_64"
    assert "gradmark-0.1.0-abc-x86" in said(tmp_path, result).partition("Ran from the bundle")[2].partition("\n")[0]


def test_all_rows_on_request(tmp_path: Path) -> None:
    page = made(tmp_path, "--rows", "all", sweep=False)
    assert page.count("| `adamw/f32` |") == 6 * 4 * 2
    assert "<summary>Every row" not in page


def test_failed_rows_are_named(tmp_path: Path) -> None:
    result = synthetic.make_result(ops=("adamw",), sweep=False)
    for member in result["rows"][0]:
        if member.endswith(("element", "percent", "_low", "_high", "per_s")) or member.startswith("speedup"):
            result["rows"][0][member] = None
    result["rows"][0] |= {"status": "failed", "verified": False, "bound_by": None}
    source = synthetic.write(tmp_path / "result.json", result)
    assert main(["md", str(source), "-o", str(tmp_path / "page.md")]) == 0
    assert "**failed**" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_a_filter_says_what_it_left_out(tmp_path: Path) -> None:
    page = made(tmp_path, "--filter", "^adamw/", sweep=False)
    assert "`sgd/f32`" not in page
    assert "Only rows that --filter '^adamw/' leaves; 144 of 192 are not shown." in page


def test_what_cannot_be_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(synthetic.write(tmp_path / "result.json", synthetic.make_result(sweep=False)))
    assert main(["md", source, "--filter", "("]) == 2
    assert "is no regular expression" in capsys.readouterr().err
    assert main(["md", source, "--level", "L9"]) == 2
    assert "there are L1, L2, L3, DRAM" in capsys.readouterr().err
    assert main(["md", source, "--filter", "nothing"]) == 4
    assert "none of its timed rows matches --filter 'nothing'" in capsys.readouterr().err
    (tmp_path / "page.md").write_text("mine")
    assert main(["md", source, "-o", str(tmp_path / "page.md")]) == 2
    assert (tmp_path / "page.md").read_text() == "mine"


def test_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = synthetic.write(tmp_path / "result.json", synthetic.make_result(sweep=False))
    assert main(["md", str(source)]) == 0
    assert capsys.readouterr().out.startswith("# gradmark: ")
