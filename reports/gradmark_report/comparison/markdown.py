"""The comparison as Markdown, for a pull request."""

from gradmark_report import markdown
from gradmark_report.comparison import summary
from gradmark_report.comparison.contrast import Contrast
from gradmark_report.comparison.tables import circumstance_table, row_table


def _quoted(sentences: list[str]) -> str:
    return "\n".join(f"- {markdown.literal(sentence)}." for sentence in sentences)


def text(made: Contrast, *, every_row: bool = False) -> str:
    """The answer first; the circumstances are folded away where nothing differs but what one expects."""
    rows, hidden = summary.shown(made, every_row)
    sides = [
        f"**{label}**: {processes}, {markdown.code(revisions)}, {markdown.literal(period)}"
        for label, processes, revisions, period in map(summary.side_facts, (made.base, made.head))
    ]
    parts = [
        f"**{markdown.literal(summary.counted(made))}**",
        _quoted([*summary.changed_most(made), *summary.to_decide(made)]),
        "\n".join(f"- {side}" for side in sides),
    ]
    if made.warnings:
        parts.append("Warnings:\n\n" + _quoted(list(made.warnings)))
    if made.differences:
        parts.append("What differs:\n\n" + markdown.table(circumstance_table(made.differences)))
    parts.append(markdown.literal(summary.same_in_one_line(made)) + ".")
    if made.rows:
        parts.append(" ".join(f"{markdown.literal(sentence)}." for sentence in summary.over_the_table(made)))
    if rows:
        parts.append(markdown.table(row_table(rows, made)))
    if hidden:
        parts.append(markdown.literal(hidden) + ".")
    parts.append(_quoted(summary.left_out(made)))
    reading = "\n".join(f"- **{verdict.value}**: {meaning}" for verdict, meaning in summary.MEANING.items())
    parts.append(
        markdown.details(
            "How to read this",
            f"`~`: nothing was seen, the interval holds a change of 0. Positive is slower.\n\n{reading}",
        )
    )
    return markdown.page(parts)
