"""A training as a Markdown page: the answer, the runs, where the time went, then all that it rests on."""

from gradmark_report import markdown, record_markdown, words
from gradmark_report.plots import confusion, shares
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.training import digits, labels, tables
from gradmark_report.training.findings import answer
from gradmark_report.training.model import Run, Training

MOST_RUNS = 12  # that are not folded away

_KERNELS = (
    Column("kernel", code=True),
    Column("shape"),
    Column("share", number=True),
    Column("seconds", number=True),
    Column("calls", number=True),
    Column("ns per element", number=True),
    Column("Gflop/s", number=True),
    Column("of attainable", number=True),
    Column("95% interval", number=True),
    Column("bound by"),
)


def _section(title: str, table: Table, *, folded: bool = False) -> str:
    made = markdown.table(table)
    if not made:
        return ""
    if folded:
        return markdown.details(f"{title}: {words.plural(len(table.rows), 'row')}", made)
    return f"## {markdown.literal(title)}\n\n{made}"


def _kernels(run: Run, title: str, *, folded: bool) -> str:
    ordered = sorted(run.kernels, key=lambda one: -one.share)
    return _section(title, Table(_KERNELS, [shares.cells(one) for one in ordered]), folded=folded)


def _wrong(run: Run) -> str:
    if not run.wrong:
        return ""
    rows = [[Cell(f"{one.index:,}"), Cell(digits.description(one))] for one in run.wrong]
    return _section("Some that it got wrong", Table([Column("sample", number=True), Column("what")], rows), folded=True)


def page(training: Training, *, every_run: bool) -> str:
    best = labels.subject(training)
    named = labels.labels(training.runs)
    several = len(training.runs) > 1
    of = f" ({named[best.name]})" if several else ""
    parts = [*record_markdown.head(training), markdown.bullets(answer(training))]
    if several:
        parts.append(_section("Every run", tables.runs(training), folded=len(training.runs) > MOST_RUNS))
    if training.fits:
        parts.append(_section("Known answers", tables.fits(training)))
    if training.compression:
        parts.append(_section("Size and accuracy", tables.compression(training)))
    parts.append(_kernels(best, f"Where the time went{of}", folded=False))
    if every_run:
        others = [run for run in training.runs if run is not best]
        parts += [_kernels(run, f"Where the time of {named[run.name]} went", folded=True) for run in others]
    if training.sameness:
        parts.append(_section("The same bits", tables.sameness(training)))
    tested = confusion.tested(training)
    if tested:
        run, test, label = tested[0]
        of = f" ({label})" if len(tested) > 1 else ""
        parts.append(_section(f"What was taken for what{of}", confusion.matrix(test)))
        parts.append(_section("Each class", tables.classes(test)))
        parts.append(_wrong(run))
    parts += [
        record_markdown.warnings(training),
        "## All that this rests on",
        _section("How each was trained", tables.ways(training), folded=True),
        record_markdown.circumstances(training, f"workload {training.workload}, seed {training.settings['seed']}"),
        *record_markdown.foot(training),
    ]
    return markdown.page(parts)
