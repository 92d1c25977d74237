"""Several machines in Markdown."""

from gradmark_report import __version__, markdown
from gradmark_report.merge import tables
from gradmark_report.merge.cases import Fleet, where
from gradmark_report.merge.findings import answer
from gradmark_report.merge.outliers import outliers


def page(fleet: Fleet) -> str:
    parts = ["# gradmark: machines side by side", markdown.bullets(answer(fleet, outliers(fleet)))]
    step = tables.adamw(fleet)
    if step:
        parts += ["## One AdamW step, in DRAM on all threads", markdown.table(step)]
    parts.append(
        "ns per element, and the time over the best one's; the best is bold, and what cannot be told from it (~)."
    )
    for number, place in enumerate(fleet.places):
        made = markdown.table(tables.times(fleet, place))
        parts.append(f"## {where(place)}\n\n{made}" if number < 2 else markdown.details(where(place), made))
    for place in fleet.places[:2]:
        summary = f"What limits it: {where(place)}"
        parts.append(markdown.details(summary, markdown.table(tables.limits(fleet, place))))
    parts.append(markdown.details("The machines", markdown.table(tables.circumstances(fleet))))
    return markdown.page([*parts, f"Made by gradmark-report {__version__}."])
