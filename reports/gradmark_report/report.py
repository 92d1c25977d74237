"""The report of one result file: which sections there are, in which order, and what stands in them. The brief form has
tables where a page has plots."""

from gradmark_report import faults, placement, record_sections, row_tables, words
from gradmark_report.answer import answer
from gradmark_report.document import Answer, Block, Document, Facts, Listing, Section, Text
from gradmark_report.record_sections import or_not_set
from gradmark_report.result import Result
from gradmark_report.selection import Selection

EVERY_ROW = Selection()
HOW_TO_READ = (
    "A row is one implementation of one op on one working set and thread count; its name is "
    "op/dtype/implementation/level/threads. In the sweep the working set's size stands where the level stands.",
    f"Times are nanoseconds per element. {placement.TIMES} To decide whether something became faster or slower, "
    "compare processes: scripts/compare.",
    placement.STATES,
    "Attainable is the larger of two times, both taken by turns with the row: that of its twin, which moves the same "
    "data without the arithmetic, and that of its core twin, which does the same arithmetic without moving data. That "
    "is 100%; a row's percentage is its limit's undisturbed time over its own, and its interval comes from the rounds "
    "that both were in. " + faults.MEANING,
    "Bound by says what of the larger one binds: a memory level, or what the core does most of: divisions and roots, "
    "multiply-adds (FMA), other arithmetic, or loads and stores.",
    "A row at a border between two levels is drawn and listed, but not scored.",
    "scalar is compiled with the vectorizer off, autovec is the same source left to the compiler. An implementation "
    "whose name ends in _fast estimates divisions and roots; all others round as IEEE 754 says.",
    "Accuracy is the largest error against a double-precision oracle, in units in the last place (ulp), in the proof "
    "that ran before the timings. What failed its proof was not timed.",
    "What this machine does not show is called not visible; it is never taken to be fine.",
)


def subtitle(result: Result) -> str:
    return f"{record_sections.measured(result)}, {result.settings['profile']} profile"


def _circumstances(result: Result, brief: bool) -> Section:
    settings = result.settings
    status: dict[str, int] = {}
    for row in result.rows:
        status[row.status] = status.get(row.status, 0) + 1
    verified = sum(bool(row.verified_at_size) for row in result.timed)
    counts = words.listed([f"{number} {name}" for name, number in status.items()])
    if result.left_out:
        counts += f"; {len(result.left_out)} left out for want of time"
    untimed = placement.untimed(result)
    facts = [
        record_sections.period(result),
        ("Rows", counts + (" (interrupted)" if result.partial else "")),
        ("Verified by the process of", settings.get("verified_by") or "this run"),
        (
            "Verified at their own size, too",
            words.UNKNOWN if result.first_model else f"{verified} of {len(result.timed)}",
        ),
        *record_sections.build(result),
        ("Profile", settings["profile"]),
        ("Levels", ", ".join(settings["levels"]) or "none"),
        ("Sweep", "yes" if settings["sweep"] else "no"),
        ("Threads", ", ".join(str(count) for count in settings["threads"])),
        ("Only what matches", or_not_set(settings["filter"])),
        ("Only these ISAs", or_not_set(settings["isa"])),
        ("GRADMARK_ISA", or_not_set(settings["isa_rule"])),
        ("Plug-ins", or_not_set(settings["plugins"])),
        ("Placement in memory, pages", f"{settings['placement']}, {settings['pages']}"),
        ("Rounds", words.UNKNOWN if result.before_rounds else str(settings["rounds"])),
        ("Length of a sample", words.duration(settings["sample_seconds"])),
        ("DRAM set over last cache", f"{settings['dram_factor']:g}"),
        ("Test delay", f"{settings['test_delay_percent']:g}%" if settings["test_delay_percent"] else "none"),
        ("By turns with others", "yes" if settings["turns_group"] else "no"),
        ("Seed of the proof", settings["seed"]),
        record_sections.command(result),
    ]
    return Section(
        "circumstances",
        "Every circumstance of the run",
        [
            Facts(facts, caption="Settings" if brief else "", copied=record_sections.COMMAND),
            *([Listing("Rows without a time", untimed, folded=True)] if untimed.rows else []),
            record_sections.isa_flags(result),
        ],
    )


def _placement(result: Result, brief: bool) -> Section:
    title = "Where the threads ran"
    said = placement.sentences(result)
    blocks: list[Block] = [Text(said or ["This file is from before that was looked at."])]
    for caption, table in (
        ("States that were seen", placement.states(result)),
        ("Processors, two at a time", placement.pairs(result)),
    ):
        if table.rows:
            blocks.append(Listing(caption, table, folded=brief or len(table.rows) > 8))
    return Section("placement", title, blocks)


def _plots(result: Result) -> list[Section]:
    from gradmark_report.plots.catalog import PLOTS  # takes its time to load

    return [Section(plot.name, plot.title, [plot]) for plot in (make(result) for make in PLOTS.values())]


def _tables(result: Result, selection: Selection, all_rows: bool) -> list[Section]:
    said = [] if result.before_rounds else [placement.TIMES]
    if not all_rows:
        said.append(
            "The best exact implementation of each op and, where there is one, the best _fast one, whose divisions and "
            "roots are estimates."
        )
    chosen = selection.of(result.rows)
    if left := len(result.rows) - len(chosen):
        said.append(f"Only rows that {selection} leaves; {left} of {len(result.rows)} are not shown.")
    sweep = [row for row in chosen if row.sweep]
    levels = [row for row in chosen if not row.sweep]
    blocks: list[Block] = [*row_tables.best_of_each_op(result, selection, every_row=all_rows)]
    if not all_rows:
        blocks.append(row_tables.every_row(levels, "Every row at a level"))
        if sweep:  # many times as long: a comment of a pull request has at most 65,536 characters
            said.append(f"{words.plural(len(sweep), 'row')} of the sweep not shown (--rows all lists them).")
    elif sweep:
        blocks.append(row_tables.every_row(sweep, "Every row of the sweep"))
    return [Section("times", "Times", [Text(said), *blocks])]


def make(result: Result, *, brief: bool = False, selection: Selection = EVERY_ROW, all_rows: bool = False) -> Document:
    """`selection` and `all_rows` are of the tables of the brief form."""
    head, machine = (
        Section("answer", "The answer", [Answer(answer(result))]),
        record_sections.machine(result, brief=brief),
    )
    if brief:
        placed = [_placement(result, brief)] if result.placement else []
        sections = [head, *_tables(result, selection, all_rows), *placed, machine]
    else:
        sections = [head, machine, _placement(result, brief), *_plots(result)]
    sections.append(_circumstances(result, brief))
    if not brief:
        sections.append(Section("reading", "How to read this", [Text(HOW_TO_READ)]))
    title, footer = record_sections.title(result), record_sections.footer(result, brief=brief)
    return Document(title, subtitle(result), sections, footer)
