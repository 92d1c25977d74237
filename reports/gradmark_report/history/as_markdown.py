"""A history in Markdown."""

from collections.abc import Sequence

from gradmark_report import __version__, markdown, words
from gradmark_report.history import tables
from gradmark_report.history.findings import History, answer, summary


def page(histories: Sequence[History], skipped: Sequence[str], left_out: Sequence[str], *, every_row: bool) -> str:
    parts = ["# gradmark: history"]
    for history in histories:
        rows = list(history.trends) if every_row else history.changed
        left = len(history.trends) - len(rows)
        parts += [
            f"## {markdown.literal(history.machine.name)}",
            markdown.literal(summary(history)),
            markdown.bullets(answer(history)),
            markdown.table(tables.trends(history, rows)),
            f"{words.plural(left, 'row')} without a change not shown." if left else "",
            markdown.details("Every change", markdown.table(tables.changes(history))) if history.events else "",
            markdown.details("Every revision", markdown.table(tables.points(history))),
        ]
    for title, sentences in (("Skipped files", skipped), ("Left out", left_out)):
        if sentences:
            parts += [f"## {title}", "\n".join(f"- {markdown.literal(said)}" for said in sentences)]
    return markdown.page([*parts, f"Made by gradmark-report {__version__}."])
