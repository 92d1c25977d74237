"""The report of one result file: which sections there are, in which order, and what stands in them."""

from gradmark_report import record_page, words
from gradmark_report.answer import answer
from gradmark_report.page import Answer, Facts, Page, Section, Text
from gradmark_report.plots.catalog import PLOTS
from gradmark_report.record_page import or_not_set
from gradmark_report.result import Result

HOW_TO_READ = (
    "A row is one implementation of one op on one working set and thread count; its name is "
    "op/dtype/implementation/level/threads. In the sweep the working set's size stands where the level stands.",
    "Times are nanoseconds per element: the median of the samples and the interval that holds the true median with 95% "
    "probability, by order statistics. It speaks of this one process alone; two runs differ by more. To decide whether "
    "something became faster or slower, compare processes: scripts/compare.",
    "Attainable is the larger of two times taken here: that of the twin, a kernel that walks the same streams with "
    "almost no arithmetic, timed by turns with the row; and that of the same mix of instructions in loops that never "
    "leave the registers. 100% is that limit. More than 100% means that the limit was under-measured, not that physics "
    "was beaten.",
    "Bound by says which of the two was the larger: a memory level, or a unit of the core.",
    "A row at a border between two levels is drawn and listed, but not scored.",
    "scalar is compiled with the vectorizer off, autovec is the same source left to the compiler. An implementation "
    "whose name ends in _fast estimates divisions and roots; all others round as IEEE 754 says.",
    "Accuracy is the largest error against a double-precision oracle, in units in the last place (ulp), in the proof "
    "that ran before the timings. What failed its proof was not timed.",
    "What this machine does not show is called not visible; it is never taken to be fine.",
)


def subtitle(result: Result) -> str:
    return f"{record_page.measured(result)}, {result.settings['profile']} profile"


def _circumstances(result: Result) -> Section:
    settings = result.settings
    status: dict[str, int] = {}
    for row in result.rows:
        status[row.status] = status.get(row.status, 0) + 1
    counts = words.listed([f"{number} {name}" for name, number in status.items()])
    facts = [
        record_page.period(result),
        ("Rows", counts + (" (interrupted)" if result.partial else "")),
        *record_page.build(result),
        ("Profile", settings["profile"]),
        ("Levels", ", ".join(settings["levels"]) or "none"),
        ("Sweep", "yes" if settings["sweep"] else "no"),
        ("Threads", ", ".join(str(count) for count in settings["threads"])),
        ("Only what matches", or_not_set(settings["filter"])),
        ("Only these ISAs", or_not_set(settings["isa"])),
        ("GRADMARK_ISA", or_not_set(settings["isa_rule"])),
        ("Plug-ins", or_not_set(settings["plugins"])),
        ("Placement, pages", f"{settings['placement']}, {settings['pages']}"),
        ("Length of a sample", words.duration(settings["sample_seconds"])),
        ("DRAM set over last cache", f"{settings['dram_factor']:g}"),
        ("Test delay", f"{settings['test_delay_percent']:g}%" if settings["test_delay_percent"] else "none"),
        ("By turns with others", "yes" if settings["turns_group"] else "no"),
        ("Seed of the proof", settings["seed"]),
        record_page.command(result),
    ]
    return Section(
        "circumstances",
        "Every circumstance of the run",
        [Facts(facts), record_page.isa_flags(result)],
    )


def page(result: Result) -> Page:
    sections = [Section("answer", "The answer", [Answer(answer(result))]), record_page.machine(result)]
    plots = [make(result) for make in PLOTS.values()]
    sections += [Section(plot.name, plot.title, [plot]) for plot in plots]
    sections += [_circumstances(result), Section("reading", "How to read this", [Text(HOW_TO_READ)])]
    return Page(record_page.title(result), subtitle(result), sections, record_page.footer(result))
