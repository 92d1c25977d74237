"""The tables of a training that belong to no plot."""

from collections.abc import Sequence
from functools import partial

from gradmark_report import words
from gradmark_report.plots import columns
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.result import unique
from gradmark_report.training import labels
from gradmark_report.training.findings import lasted, parted
from gradmark_report.training.model import Compressed, Fit, Run, Test, Training, model_of


def _distinct(table: Table, *kept: str) -> Table:
    """Without the columns that say nothing, or, but for those in `kept`, the same of all."""
    said = [{row[place].text for row in table.rows} - {words.UNKNOWN, ""} for place in range(len(table.columns))]
    few = 1 if len(table.rows) > 1 else 0
    there = [n for n, column in enumerate(table.columns) if len(said[n]) > (0 if column.title in kept else few)]
    return Table([table.columns[n] for n in there], [[row[n] for n in there] for row in table.rows])


def runs(training: Training) -> Table:
    """All runs: how well and how fast, and where they differ what each is and how it ended."""
    named = labels.labels(training.runs)
    thresholds = labels.thresholds(training.runs)
    titles = [
        Column("run", code=True),
        Column("accuracy", number=True),
        Column("loss", number=True),
        Column("samples/s", number=True),
        Column("over scalar", number=True),
        Column("seconds", number=True),
        *(Column(f"to {100 * one:g}%", number=True) for one in thresholds),
        Column("F1", number=True),
        Column("in kernels", number=True),
        Column("model"),
        Column("lasted"),
        Column("ended"),
    ]
    rows = [_run(run, named[run.name], training, thresholds) for run in training.runs]
    kept = [column.title for column in titles if column.number]
    return _distinct(Table(titles, rows), "run", *kept)


def _run(run: Run, name: str, training: Training, thresholds: Sequence[float]) -> list[Cell]:
    reached = {one.accuracy: one.seconds for one in run.seconds_to if run.from_the_start}
    beside = labels.over_scalar(run, training.runs)
    f1 = run.test.macro_f1 if run.test else None
    ended = Cell(run.status, mark="" if labels.ended(run) else "bad")
    if run.diverged_at_step is not None:
        ended = Cell(f"diverged at step {run.diverged_at_step:,}", mark="bad")
    return [
        Cell(name),
        Cell(words.share(run.accuracy), run.accuracy),
        Cell(words.significant(run.last_loss), run.last_loss),
        Cell(words.rate(run.samples_per_second), run.samples_per_second),
        Cell(words.times(beside[0]) if beside else words.UNKNOWN, beside[0] if beside else None),
        Cell(words.significant(run.seconds), run.seconds),
        *(Cell(words.duration(reached.get(one)), reached.get(one)) for one in thresholds),
        Cell(words.share(f1), f1),
        Cell(words.share(run.kernel_share), run.kernel_share),
        Cell(model_of(run.layers)),
        Cell(lasted(run), run.steps),
        ended,
    ]


def classes(test: Test) -> Table:
    titles = [
        Column("class", number=True),
        *(Column(one, number=True) for one in ("precision", "recall", "F1", "samples")),
    ]
    rows = [
        [
            Cell(str(one.label), one.label),
            *(Cell(words.share(value), value) for value in (one.precision, one.recall, one.f1)),
            Cell(f"{one.samples:,}", one.samples),
        ]
        for one in test.classes
    ]
    mean = (test.macro_precision, test.macro_recall, test.macro_f1)
    rows.append(
        [Cell("all, averaged"), *(Cell(words.share(value), value) for value in mean), Cell(f"{test.samples:,}")]
    )
    return Table(titles, rows)


def _bits(run: Run) -> str:
    """Enough of the hash to tell a handful apart."""
    return (run.weights_hash or words.UNKNOWN)[:8]


def reproducibility(training: Training) -> Table:
    """A line for each group of runs with the same bits."""
    named = labels.labels(training.runs)
    titles = [
        Column("what", code=True),
        Column("runs"),
        Column("bits at the end", code=True),
        Column("why not the same"),
    ]
    rows = []
    for one in training.reproducibility:
        if one.same:
            bits = Cell(_bits(one.same[0]), mark="good" if len(one.same) > 1 else "")
            rows.append([Cell(one.what), Cell(", ".join(named[run.name] for run in one.same)), bits, Cell("")])
        for others, why in one.other:
            losses = parted(others[0], one.same[0]) if one.same else ""
            reason = "; ".join(part for part in (why.rstrip("."), losses) if part)
            names = ", ".join(named[run.name] for run in others)
            differing = words.listed(unique(_bits(run) for run in others))
            rows.append([Cell(one.what), Cell(names), Cell(differing, mark="doubt"), Cell(reason)])
    kept = [column.title for column in titles[1:]]  # of one way of training it is known which
    return _distinct(Table(titles, rows), *kept)


def fits(training: Training) -> Table:
    named = labels.labels(training.runs) if len(training.runs) > 1 else {training.runs[0].name: ""}

    def gap(one: Fit) -> float | None:
        return None if one.value is None or one.expected is None else abs(one.value - one.expected)

    listed: list[columns.Made[Fit]] = [
        columns.text("part", lambda one: named.get(one.part, one.part)),
        columns.name("parameter", lambda one: one.parameter),
        columns.number("value", lambda one: one.value, partial(words.significant, digits=7)),
        columns.number("expected", lambda one: one.expected, partial(words.significant, digits=7)),
        columns.number("differs by", gap, partial(words.significant, digits=2)),
        columns.number("tolerance", lambda one: one.tolerance, partial(words.significant, digits=2)),
        columns.cell("held", lambda one: Cell("yes", mark="good") if one.held else Cell("no", mark="bad")),
        columns.text("expected from", lambda one: one.reference),
    ]
    return _distinct(columns.table(listed, training.fits), *(column.title for column, _ in listed))


def compression(training: Training) -> Table:
    first = training.compression[0]

    def part(one: Compressed) -> float | None:
        return 100 * one.bytes / first.bytes if one.bytes is not None and first.bytes else None

    def full(one: Compressed) -> float | None:
        return 100 * one.nonzero / one.parameters if one.nonzero is not None and one.parameters else None

    def change(one: Compressed) -> Cell:
        if one.accuracy is None or first.accuracy is None:
            return Cell(words.UNKNOWN)
        gain = 100 * (one.accuracy - first.accuracy)
        return Cell(words.UNKNOWN if one is first else f"{words.signed_percent(gain).rstrip('%')} points", gain)

    listed: list[columns.Made[Compressed]] = [
        columns.text("model", lambda one: one.part),
        columns.name("layers", lambda one: model_of(one.layers)),
        columns.number("parameters", lambda one: one.parameters, columns.whole),
        columns.number("not zero", full, words.percent),
        columns.number("size", lambda one: one.bytes, words.size),
        columns.number("of the first", part, words.percent),
        columns.number("accuracy", lambda one: one.accuracy, words.share),
        columns.cell("change", change, is_number=True),
        columns.number("epochs", lambda one: one.epochs, columns.whole),
    ]
    return columns.table(listed, training.compression)


def ways(training: Training) -> Table:
    """Of each way of training what the optimizer was given."""
    groups, named = labels.tasks(training.runs), labels.task_labels(training.runs)
    listed: list[columns.Made[Run]] = [
        columns.name("runs", lambda run: named[run.name] if len(groups) > 1 else "all"),
        columns.name("optimizer", lambda run: run.optimizer or words.UNKNOWN),
        columns.text("hyperparameters", _hypers),
        columns.text("schedule", lambda run: run.schedule or words.UNKNOWN),
        columns.text("first weights", lambda run: run.initialization or words.UNKNOWN),
        columns.number("batch", lambda run: run.batch, columns.whole),
        columns.name("loss", lambda run: run.loss or words.UNKNOWN),
        columns.name("activation", lambda run: (run.activation if len(run.layers) > 2 else None) or words.UNKNOWN),
    ]
    return columns.table(listed, [group[0] for group in groups])


def _hypers(run: Run) -> str:
    given = {**run.hypers, **{name: getattr(run, name) or None for name in ("l1", "l2", "clip")}}
    return ", ".join(f"{name} {value:g}" for name, value in given.items() if value is not None) or words.UNKNOWN
