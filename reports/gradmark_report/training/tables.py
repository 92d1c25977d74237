"""The tables of a training that belong to no plot."""

from collections.abc import Sequence

from gradmark_report import words
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.result import unique
from gradmark_report.training import labels
from gradmark_report.training.findings import lasted, parted
from gradmark_report.training.model import Run, Test, Training, model_of


def _distinct(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *kept: str) -> Table:
    """Without the columns that say nothing, or, but for those in `kept`, the same of all."""
    said = [{row[place].text for row in rows} - {words.UNKNOWN, ""} for place in range(len(columns))]
    few = 1 if len(rows) > 1 else 0
    there = [n for n, column in enumerate(columns) if len(said[n]) > (0 if column.title in kept else few)]
    return Table([columns[n] for n in there], [[row[n] for n in there] for row in rows])


def runs(training: Training) -> Table:
    """All runs: how well and how fast, and where they differ what each is and how it ended."""
    named = labels.labels(training.runs)
    thresholds = labels.thresholds(training.runs)
    columns = [
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
    kept = [column.title for column in columns if column.number]
    return _distinct(columns, rows, "run", *kept)


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
    columns = [
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
    return Table(columns, rows)


def _bits(run: Run) -> str:
    """Enough of the hash to tell a handful apart."""
    return (run.weights_hash or words.UNKNOWN)[:8]


def reproducibility(training: Training) -> Table:
    """A line for each group of runs with the same bits."""
    named = labels.labels(training.runs)
    columns = [
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
    kept = [column.title for column in columns[1:]]  # of one way of training it is known which
    return _distinct(columns, rows, *kept)


def fits(training: Training) -> Table:
    columns = [
        Column("part"),
        Column("parameter", code=True),
        Column("value", number=True),
        Column("expected", number=True),
        Column("differs by", number=True),
        Column("tolerance", number=True),
        Column("held"),
        Column("expected from"),
    ]
    named = labels.labels(training.runs) if len(training.runs) > 1 else {training.runs[0].name: ""}
    rows = []
    for one in training.fits:
        gap = None if one.value is None or one.expected is None else abs(one.value - one.expected)
        rows.append(
            [
                Cell(named.get(one.part, one.part)),
                Cell(one.parameter),
                Cell(words.significant(one.value, 7), one.value),
                Cell(words.significant(one.expected, 7), one.expected),
                Cell(words.significant(gap, 2), gap),
                Cell(words.significant(one.tolerance, 2), one.tolerance),
                Cell("yes", mark="good") if one.held else Cell("no", mark="bad"),
                Cell(one.reference),
            ]
        )
    return _distinct(columns, rows, *(column.title for column in columns))


def compression(training: Training) -> Table:
    columns = [
        Column("model"),
        Column("layers", code=True),
        Column("parameters", number=True),
        Column("not zero", number=True),
        Column("size", number=True),
        Column("of the first", number=True),
        Column("accuracy", number=True),
        Column("change", number=True),
        Column("epochs", number=True),
    ]
    first = training.compression[0]
    rows = []
    for one in training.compression:
        part = 100 * one.bytes / first.bytes if one.bytes is not None and first.bytes else None
        full = 100 * one.nonzero / one.parameters if one.nonzero is not None and one.parameters else None
        change = None if one.accuracy is None or first.accuracy is None else 100 * (one.accuracy - first.accuracy)
        points = words.UNKNOWN if change is None else f"{words.signed_percent(change).rstrip('%')} points"
        rows.append(
            [
                Cell(one.part),
                Cell(model_of(one.layers)),
                Cell(f"{one.parameters:,}", one.parameters),
                Cell(words.percent(full), full),
                Cell(words.size(one.bytes), one.bytes),
                Cell(words.percent(part), part),
                Cell(words.share(one.accuracy), one.accuracy),
                Cell(words.UNKNOWN if one is first else points, change),
                Cell(f"{one.epochs:,}", one.epochs),
            ]
        )
    return Table(columns, rows)


def ways(training: Training) -> Table:
    """Of each way of training what the optimizer was given."""
    columns = [
        Column("runs", code=True),
        Column("optimizer", code=True),
        Column("hyperparameters"),
        Column("schedule"),
        Column("first weights"),
    ]
    columns += [Column("batch", number=True), Column("loss", code=True), Column("activation", code=True)]
    groups, named = labels.tasks(training.runs), labels.task_labels(training.runs)
    rows = [
        [
            Cell(named[run.name] if len(groups) > 1 else "all"),
            Cell(run.optimizer or words.UNKNOWN),
            Cell(_hypers(run)),
            Cell(run.schedule or words.UNKNOWN),
            Cell(run.initialization or words.UNKNOWN),
            Cell(f"{run.batch:,}" if run.batch is not None else words.UNKNOWN, run.batch),
            Cell(run.loss or words.UNKNOWN),
            Cell((run.activation if len(run.layers) > 2 else None) or words.UNKNOWN),
        ]
        for run in (group[0] for group in groups)
    ]
    return Table(columns, rows)


def _hypers(run: Run) -> str:
    given = {**run.hypers, **{name: getattr(run, name) or None for name in ("l1", "l2", "clip")}}
    return ", ".join(f"{name} {value:g}" for name, value in given.items() if value is not None) or words.UNKNOWN
