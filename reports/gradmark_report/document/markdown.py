"""A document in Markdown as GitHub shows it, made of text that anybody may have written: none of it can become markup,
a link, a mention of somebody or the end of a table's cell."""

import html
import re
from collections.abc import Sequence

from gradmark_report import text, words
from gradmark_report.document import Answer, Block, Document, Facts, Listing, Section, Text
from gradmark_report.plots.plot import Table

_JOINER = "\N{WORD JOINER}"  # shows nothing, and keeps GitHub from seeing an address, a name or a number of an issue
_LINKS = (
    (re.compile(r"@"), "@" + _JOINER),
    (re.compile(r"://"), f":{_JOINER}//"),
    (re.compile(r"(?i)\bwww\."), lambda match: match[0][:3] + _JOINER + "."),
    (re.compile(r"#(?=\d)"), "#" + _JOINER),
    (re.compile(r"(?i)\bgh-(?=\d)"), lambda match: match[0] + _JOINER),
)


# What means something inside a line. The rest of text.markdown's list does so only where a line begins, and so does a
# number with a dot. An underscore within a word means nothing on GitHub.
_INSIDE = re.compile(r"[\\`*\[\]<>|~&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BEGIN = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+#=](?:[-+#=\s]|$)))")


def literal(value: str) -> str:
    """As plain text of one line."""
    value = text.one_line(value)
    for pattern, replacement in _LINKS:
        value = pattern.sub(replacement, value)
    return _BEGIN.sub(r"\1\\", _INSIDE.sub(r"\\\g<0>", value))


def code(value: str) -> str:
    """As a code span. What could end a span or a table's cell on one reader or another becomes plain text instead."""
    value = text.one_line(value)
    if not value:
        return ""
    return literal(value) if re.search(r"[|\\`]", value) else text.markdown_code(value)


def bullets(points: Sequence[tuple[str, str]]) -> str:
    """Sentences, each led by its word in bold."""
    return "\n".join(f"- **{literal(lead)}.** {literal(sentence)}" for lead, sentence in points)


def table(made: Table) -> str:
    """A marked cell is bold, for Markdown has no colours."""
    if not made.rows:
        return ""

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    lines = [line([literal(column.title) or " " for column in made.columns])]
    lines.append(line(["---:" if column.number else "---" for column in made.columns]))
    for row in made.rows:
        cells = []
        for column, cell in zip(made.columns, row, strict=True):
            shown = code(cell.text) if column.code else literal(cell.text)
            cells.append(f"**{shown}**" if cell.mark and shown else shown)
        lines.append(line(cells))
    return "\n".join(lines)


def details(summary: str, content: str) -> str:
    """Folded away. The summary is HTML to GitHub, the content is Markdown only after an empty line."""
    return f"<details>\n<summary>{html.escape(summary)}</summary>\n\n{content}\n\n</details>"


def fenced(value: str) -> str:
    """A block of code that no run of backticks in it can leave."""
    longest = max((len(run) for run in re.findall("`+", value)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{value}\n{fence}"


def _facts(block: Facts) -> str:
    lines = [f"- **{literal(label)}**: {literal(value)}" for label, value in block.facts if label != block.copied]
    commands = [fenced(value) for label, value in block.facts if label == block.copied]
    made = "\n\n".join(["\n".join(lines), *commands])
    return details(block.caption, made) if block.caption else made


def _listing(block: Listing, title: str) -> str:
    made = table(block.table)
    if made and block.folded:
        return details(f"{block.caption}: {words.plural(len(block.table.rows), 'row')}", made)
    return f"### {literal(block.caption)}\n\n{made}" if made and block.caption != title else made


def _block(block: Block, section: Section) -> str:
    if isinstance(block, Text):
        sentences = [literal(paragraph) for paragraph in block.paragraphs]
        points = block.kind != "plain" and (len(sentences) > 1 or block.kind != "note")
        return "\n".join(f"- {one}" for one in sentences) if points else "\n\n".join(sentences)
    if isinstance(block, Answer):
        return bullets(block.points)
    if isinstance(block, Facts):
        return _facts(block)
    return _listing(block, section.title) if isinstance(block, Listing) else ""


def render(document: Document) -> str:
    """The first section, the answer, needs no heading."""
    parts = [f"# {literal(document.title)}", literal(document.subtitle)]
    for number, section in enumerate(document.sections):
        shown = [made for block in section.blocks if (made := _block(block, section))]
        if shown and number:
            parts.append(f"## {literal(section.title)}")
        parts += shown
    return "\n\n".join(part for part in [*parts, *map(literal, document.footer)] if part) + "\n"
