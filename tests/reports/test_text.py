"""Text that anybody may have written does nothing but stand there: in a terminal, in Markdown, in a sentence."""

import html
import random
import re
import unicodedata
from itertools import product
from pathlib import Path

import pytest
from gradmark_report import text
from gradmark_report.document import markdown
from gradmark_report.plots.plot import Cell, Column, Table
from markdown_it import MarkdownIt
from markdown_it.token import Token

JOINER = "\N{WORD JOINER}"

HOSTILE = [
    "plain", "a b", "*a*", "**a**", "_a_", "__a__", "a_b_c", "~~a~~", "`a`", "``a` ``", "`", "a``b", "\\", "a\\", "\\`",
    "a|b", "|", "\\|", "<b>a</b>", "<script>alert(1)</script>", "<!-- a -->", "<!--", "<?a?>", "<![CDATA[a]]>",
    "&lt;", "&#60;", "&amp;amp;", "[a](http://b.example)", "[a]", "[a]: http://b.example", "![a](http://b.example/c.png)",
    "[a][b]", "<http://a.example>", "<a@b.example>", "http://a.example", "https://a.example/b?c=d", "HTTP://A.EXAMPLE",
    "www.a.example", "WWW.a.example", "a@b.example", "@someone", "@org/team", "#123", "a/b#123", "GH-123", "gh-1",
    "# a", "## a", "#", "- a", "+ a", "* a", "1. a", "1) a", "12345. a", "> a", "---", "***", "___", "===", "a\n===",
    "a\n---", "    a", "\ta", "```a", "~~~", "```\na\n```", ":---:", "| a | b |\n| --- | --- |\n| c | d |", "a  \nb",
    "a\\\nb", "[ ] a", "[x] a", "[^1]", "[^1]: a", ":smile:", "$a$", "$$a$$", "a<br>b", "<details>", "</details>",
    "{{7*7}}", "${1}", "javascript:alert(1)", "[a](javascript:alert(1))", "'\"", "a^b", "H~2~O", "==a==", "!", "![",
    "adamw/f32/avx512/L2/t1", "Intel(R) Xeon(R) Processor @ 2.00GHz", "-mavx2 -mfma", "50% (of 3)", "",
    " ", "🦊 日本 é",
]  # fmt: skip

COMMONMARK = MarkdownIt("commonmark")
GITHUB = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])


def leaves(tokens: list[Token]) -> list[Token]:
    return [leaf for token in tokens for leaf in (leaves(token.children) if token.children else [token])]


def plain(rendered: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", rendered)).replace(JOINER, "").strip()


def expected(value: str) -> str:
    return " ".join(value.split())


@pytest.mark.parametrize("value", HOSTILE)
def test_a_sentence_is_literal(value: str) -> None:
    frame = {"list_item", "bullet_list", "blockquote", "heading", "paragraph", "inline"}
    for parser, before in product((COMMONMARK, GITHUB), ("", "word ", "- ", "> ", "## ", "**bold.** ")):
        source = before + markdown.literal(value)
        kinds = {token.type for token in leaves(parser.parse(source))} - {"strong_open", "strong_close"}
        assert {kind.removesuffix("_open").removesuffix("_close") for kind in kinds} <= {"text", *frame}, source
        if expected(value) and before.strip() not in {"-", ">", "##"}:
            blocks = {"list", "bullet", "blockquote", "heading"}
            assert not {kind for kind in kinds if kind.split("_")[0] in blocks}, source
        word = {"word ": "word ", "**bold.** ": "bold. "}.get(before, "")
        assert plain(parser.render(source)) == (word + expected(value)).strip(), source


@pytest.mark.parametrize("value", HOSTILE)
def test_a_cell_of_a_table_is_literal(value: str) -> None:
    for code in (False, True):
        made = Table([Column("a", code=code), Column("b")], [[Cell(value), Cell("last")], [Cell("x"), Cell(value)]])
        rendered = GITHUB.render(markdown.table(made))
        rows = re.findall("<tr>(.*?)</tr>", rendered, re.DOTALL)
        assert len(rows) == 3, rendered
        cells = [[plain(cell) for cell in re.findall("<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows[1:]]
        assert cells == [[expected(value), "last"], ["x", expected(value)]]
        assert not re.search("<(a|img|em|strong|del|script|b|br|h[1-6]|ul|ol|input)[ >/]", rendered)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_code_span_is_literal(value: str) -> None:
    if not expected(value):
        assert markdown.code(value) == ""
        return
    rendered = GITHUB.render(f"a {markdown.code(value)} b")
    assert plain(rendered) == f"a {expected(value)} b"
    assert not re.search("<(a|img|em|strong|del|script|br)[ >/]", rendered)
    if "|" not in value:
        rendered = COMMONMARK.render(text.markdown_code(value))
        assert rendered.startswith("<p><code>")
        assert plain(rendered) == expected(value)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_fenced_block_ends_where_it_should(value: str) -> None:
    tokens = COMMONMARK.parse(f"{markdown.fenced(value)}\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content == f"{value}\n"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_summary_is_literal(value: str) -> None:
    made = markdown.details(value, "content")
    inner = re.search("<summary>(.*?)</summary>", made, re.DOTALL)
    assert inner is not None
    assert html.unescape(inner[1]) == value
    assert "<" not in inner[1]


@pytest.mark.parametrize(
    "value",
    ["@someone", "a @org/team", "#123", "a/b#12", "GH-12", "http://a.b", "https://a.b", "www.a.b", "x@y.example"],
)
def test_github_finds_nothing_to_link(value: str) -> None:
    """Its own patterns, as its documents describe them: mentions, issues, addresses with and without a scheme."""
    shown = plain_but_joined(markdown.literal(value))
    assert not re.search(r"(?i)(^|\W)@\w|#\d|\bgh-\d|\b(https?|ftp)://|\bwww\.|[\w.+-]@[\w-]", shown), shown


def plain_but_joined(source: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", GITHUB.render(source))).strip()


def test_random_text_is_literal_too() -> None:
    dice = random.Random(20260504)
    signs = "\\`*_{}[]<>()#+-.!|~&:;/=@$^'\"% \n\t0a1b?" + "—é🦊"
    for _ in range(1500):
        value = "".join(dice.choice(signs) for _ in range(dice.randint(1, 12)))
        source = markdown.literal(value)
        assert plain(GITHUB.render(source)) == expected(value), (value, source)
        made = markdown.table(Table([Column("a", code=True), Column("b")], [[Cell(value), Cell(value)]]))
        cells = re.findall("<td[^>]*>(.*?)</td>", GITHUB.render(made), re.DOTALL)
        assert [plain(cell) for cell in cells] == [expected(value)] * 2, (value, made)


# ---- terminals and sentences -----------------------------------------------------------------------------------------


def test_every_character_is_harmless_or_replaced() -> None:
    bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    for number in [*range(0x3000), *range(0xD7F0, 0xF000), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0200), 0x10FFFF]:
        character = chr(number)
        clean = text.harmless(character)
        if character in "\n\t" or unicodedata.category(character) not in bad:
            assert clean == character
        else:
            assert clean == "\N{REPLACEMENT CHARACTER}"


def test_what_steers_terminals_is_gone() -> None:
    hostile = "\x1b[2J\x1b]0;title\x07\x9b31m\r\b\x7f\u202eevil\u2066\u200b\ufeff\x00"
    clean = text.harmless(hostile)
    assert clean.isprintable()
    assert "evil" in clean
    assert len(clean) == len(hostile)


def test_a_very_long_text_is_cut() -> None:
    assert len(text.harmless("x" * (text.LONGEST + 10))) == text.LONGEST


def test_one_line() -> None:
    assert text.one_line(" a\n\tb\u2028c \r\n") == "a b c"


@pytest.mark.parametrize(
    "value", ["", "a", "a\nb", "a" * 80, "a" * 81, "\0" * 10_000_000, 5, None, ["x"]], ids=lambda value: repr(value)[:9]
)
def test_shown(value: object) -> None:
    shown = text.shown(value)
    assert len(shown) <= 80
    assert shown.isprintable()
    assert shown.endswith("…") == (len(str(value)) > 80)


def test_the_name_of_a_file_keeps_its_end() -> None:
    path = Path("/" + "long/" * 100 + "result.json")
    assert text.shown_path(path).endswith("/long/result.json")
    assert len(text.shown_path(path)) == 100
    assert text.shown_path("a/b.json") == "a/b.json"
    assert text.shown_path("\x1b\udcff.json").isprintable()
