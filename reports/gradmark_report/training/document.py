"""What is said of a training: which sections there are, in which order, and what stands in them. A section without
data is not there. The brief form has tables where a page has plots."""

from gradmark_report import faults, record_sections, words
from gradmark_report.document import Answer, Block, Document, Facts, Listing, Section, Text
from gradmark_report.plots import confusion, shares
from gradmark_report.plots.catalog import TRAINING_PLOTS
from gradmark_report.plots.plot import Cell, Column, Plot, Table
from gradmark_report.record_sections import or_not_set
from gradmark_report.training import digits, labels, tables
from gradmark_report.training.findings import answer
from gradmark_report.training.model import Run, Training

MOST_ROWS = 40  # of a page; a table of more is folded away
MOST_RUNS = 12  # of the brief form

HOW_TO_READ = (
    "A run trains one model from the same first weights, on the same batches in the same order, with one optimizer, "
    "one implementation of the kernels and one number of threads. It is named by what sets it apart from the others.",
    "Seconds are those of the training: its kernels, its data, and the loop around them. Evaluations are not in them.",
    "Accuracy is the share of the test set that was taken for what it is. Precision is, of what was taken for a class, "
    "the share that is of it; recall is, of what is of a class, the share that was taken for it; F1 is their harmonic "
    "mean. Over all classes each counts alike.",
    "The same bits means that every weight at the end is the same to its last bit; a hash of them all says so. "
    "Implementations with a fused multiply-add round alike, however wide their vectors and however many the threads.",
    "Attainable is what this machine could do at best on the same shape: the larger of two times, both taken by turns "
    "with the kernel: that of its twin, which moves the same data without the arithmetic, and that of its core twin, "
    "which does the same arithmetic without moving data. " + faults.MEANING,
    "What this machine does not show is called not visible; it is never taken to be fine.",
)


def _plot(training: Training, name: str, *after: Block) -> list[Section]:
    plot: Plot | None = TRAINING_PLOTS[name](training)
    return [Section(name, plot.title, [plot, *after])] if plot else []


def _listing(id_: str, title: str, table: Table, most: int = MOST_ROWS) -> list[Section]:
    return [Section(id_, title, [Listing(title, table, folded=len(table.rows) > most)])] if table.rows else []


def _wrong_table(run: Run) -> Table:
    rows = [[Cell(f"{one.index:,}"), Cell(digits.description(one))] for one in run.wrong]
    return Table([Column("sample", number=True), Column("what")], rows)


def _confusion(training: Training, brief: bool) -> list[Section]:
    tested = confusion.tested(training)
    if not tested:
        return []
    run, test, label = tested[0]
    of = f" ({label})" if len(tested) > 1 else ""
    classes = Listing(f"Precision, recall and F1 of each class{of}", tables.classes(test))
    if brief:
        title = f"What was taken for what{of}"
        wrong_table = Listing("Some that it got wrong", _wrong_table(run), folded=True)
        return [Section("confusion", title, [Listing(title, confusion.matrix(test)), classes, wrong_table])]
    sections = _plot(training, "confusion", classes)
    if run.wrong:
        wrong = sum(map(sum, test.confusion)) - sum(row[i] for i, row in enumerate(test.confusion))
        said = f"{len(run.wrong)} of the {wrong:,} that were taken for another class{of}, the surest mistakes first: "
        said += "what it is, what it was taken for, and how sure the model was."
        sections.append(Section("wrong", "What it got wrong", [Text([said]), digits.gallery(run)]))
    return sections


_ASKED = (
    ("optimizer", "Optimizer"),
    ("lr", "Learning rate"),
    ("schedule", "Schedule"),
    ("init", "First weights"),
    ("validate", "Share for validation"),
    ("clip", "Gradients clipped at"),
    ("l1", "L1"),
    ("l2", "L2"),
    ("save", "Saved to"),
    ("resume", "Resumed from"),
)


def _settings(training: Training, brief: bool) -> Section:
    settings, data = training.settings, training.data
    facts = [
        record_sections.period(training),
        ("Runs", str(len(training.runs)) + (" (interrupted)" if training.partial else "")),
        *record_sections.build(training),
        ("Workload", settings["workload"]),
        ("Threads", ", ".join(map(str, settings["threads"]))),
        ("ISA asked for", or_not_set(settings["isa"])),
        ("GRADMARK_ISA", or_not_set(settings["isa_rule"])),
        *((what, or_not_set(None if settings[key] is None else f"{settings[key]}")) for key, what in _ASKED),
        ("Seed", settings["seed"]),
        record_sections.command(training),
    ]
    if data:
        sizes = [
            f"{data[key]:,} to {what}"
            for key, what in (("train", "train"), ("validation", "validate"), ("test", "test"))
            if data[key]
        ]
        shape = f"{data['rows']} × {data['columns']} pixels" if data["rows"] and data["columns"] else ""
        parts = [data["source"] or "", shape or (words.plural(data["features"], "feature") if data["features"] else "")]
        parts.append(words.plural(data["classes"], "class", "classes") if data["classes"] else "")
        facts.append(("Data", ", ".join(part for part in (*parts, *sizes) if part) or words.UNKNOWN))
        if data["directory"]:
            facts.append(("Data from", data["directory"]))
    return Section(
        "circumstances",
        "Every circumstance of the training",
        [
            Facts(facts, caption="Settings" if brief else "", copied=record_sections.COMMAND),
            Listing("How each was trained", tables.ways(training), folded=brief),
            record_sections.isa_flags(training),
        ],
    )


def _times(training: Training, every_run: bool) -> list[Section]:
    """In the brief form: of the run that stands for all, or of each."""
    best, named = labels.subject(training), labels.labels(training.runs)
    of = f" ({named[best.name]})" if len(training.runs) > 1 else ""
    title = f"Where the time went{of}"
    blocks = [Listing(title, shares.table([best]))]
    if every_run:
        others = [run for run in training.runs if run is not best]
        blocks += [
            Listing(f"Where the time of {named[run.name]} went", shares.table([run]), folded=True) for run in others
        ]
    return [Section("kernels", title, blocks)]


def title(training: Training) -> str:
    return f"gradmark train {training.workload}: {training.processor}"


def make(training: Training, *, brief: bool, every_run: bool = False) -> Document:
    sections = [Section("answer", "The answer", [Answer(answer(training))])]
    if len(training.runs) > 1:
        sections += _listing("runs", "Every run", tables.runs(training), MOST_RUNS if brief else MOST_ROWS)
    if training.fits:
        sections += _listing("fits", "Known answers", tables.fits(training))
    if not brief:
        sections += [*_plot(training, "loss"), *_plot(training, "accuracy"), *_plot(training, "speed")]
    if training.reproducibility:
        sections += _listing("bits", "The same bits", tables.reproducibility(training))
    sections += _times(training, every_run) if brief else _plot(training, "kernels")
    if training.compression:
        sections += _listing("compression", "Size and accuracy", tables.compression(training))
    sections += [
        *_confusion(training, brief),
        record_sections.machine(training, brief=brief),
        _settings(training, brief),
    ]
    if not brief:
        sections.append(Section("reading", "How to read this", [Text(HOW_TO_READ)]))
    return Document(
        title(training), record_sections.measured(training), sections, record_sections.footer(training, brief=brief)
    )
