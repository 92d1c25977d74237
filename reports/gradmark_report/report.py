"""The report of one result file: which sections there are, in which order, and what stands in them."""

from typing import Any, Literal

from gradmark_report import __version__, drawing, words
from gradmark_report.answer import answer
from gradmark_report.page import Answer, Facts, Listing, Page, Picture, Section, Text
from gradmark_report.page.blocks import Block
from gradmark_report.plots.catalog import PLOTS
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.result import Result
from gradmark_report.text import shown_path
from gradmark_report.words import NOT_VISIBLE

Mark = Literal["good", "bad", "doubt"]

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


def title(result: Result) -> str:
    cores = result.machine["topology"]["cores"]
    return f"gradmark: {result.processor}, {words.plural(cores, 'core')}"


def subtitle(result: Result) -> str:
    measured = f"Measured on {result.host}, {result.started[:10]} {result.started[11:16]} UTC"
    return (
        f"{measured}, by gradmark {result.build['version']} ({result.revision}), {result.settings['profile']} profile"
    )


def _text(value: Any) -> str:
    return NOT_VISIBLE if value is None or value == "" else str(value)


def _machine_facts(result: Result) -> Facts:
    machine, processor = result.machine, result.machine["processor"]
    topology = machine["topology"]
    family = "/".join(_text(processor[key]) for key in ("family", "model", "stepping"))
    facts = [
        ("Processor", result.processor),
        ("Vendor, architecture", f"{_text(processor['vendor'])}, {_text(processor['architecture'])}"),
        ("Family/model/stepping", family),
        ("Microcode", _text(processor["microcode"])),
        ("Cores, hardware threads", f"{topology['cores']}, {topology['pus']}"),
        ("Packages, NUMA nodes", f"{topology['packages']}, {topology['numa_nodes']}"),
    ]
    for cache in machine["caches"]:
        what = NOT_VISIBLE
        if cache["bytes"]:
            what = words.size(cache["bytes"]) + (f" × {cache['count']}" if (cache.get("count") or 1) > 1 else "")
        facts.append((f"L{cache['level']} cache", what))
    memory = machine["memory"]
    facts += [
        ("Memory", words.size(memory["total_bytes"]) if memory.get("total_bytes") else NOT_VISIBLE),
        ("Page", words.size(memory["page_bytes"]) if memory.get("page_bytes") else NOT_VISIBLE),
        ("System", _text(machine["system"])),
        ("Kernel", _text(machine["kernel"])),
    ]
    if memory["limit_bytes"]:
        facts.append(("Limit of memory", words.size(memory["limit_bytes"])))
    hypervisor = machine["hypervisor"] if isinstance(machine["hypervisor"], dict) else {}
    present = hypervisor.get("present")
    name = hypervisor.get("name") or "yes"
    facts.append(("Hypervisor", NOT_VISIBLE if present is None else str(name) if present else "none"))
    marks: dict[str, Mark] = {label: "doubt" for label, value in facts if value == NOT_VISIBLE}
    return Facts(facts, marks)


def _isas(result: Result) -> Listing:
    rows = []
    for isa in result.machine["isas"]:
        state = (
            Cell("runs here", mark="good")
            if isa["runnable"]
            else Cell(isa.get("why_not") or "does not run here", mark="doubt")
        )
        rows.append([Cell(isa["name"]), state, Cell(_text(isa["requires"]))])
    return Listing(
        "Instruction sets", Table([Column("Instruction set", code=True), Column("Here"), Column("Requires")], rows)
    )


def _environment(result: Result) -> Listing:
    rows = []
    marks: dict[str, Mark] = {"fine": "good", "warned": "bad", NOT_VISIBLE: "doubt"}
    for item in result.environment["items"].values():
        value = item["value"] or item.get("why_not") or ""
        rows.append(
            [
                Cell(item["label"]),
                Cell(item["state"], mark=marks.get(item["state"], "doubt")),
                Cell(_text(value) if value else ""),
            ]
        )
    table = Table([Column("What may disturb a measurement"), Column("State"), Column("Seen, or why not")], rows)
    return Listing("What may disturb a measurement", table, folded=len(rows) > 8)


def _warnings(result: Result) -> list[Block]:
    if not result.warnings:
        return [Text(["The run gave no warning."], "good")]
    return [
        Text([f"{warning['what']}.", f"Cause: {warning['cause']}. Cure: {warning['cure']}."], "doubt")
        for warning in result.warnings
    ]


def _machine(result: Result) -> Section:
    svg, why_not = drawing.topology(result)
    topology = result.machine["topology"]
    parts = f"{words.plural(topology['packages'], 'package')}, {words.plural(topology['cores'], 'core')}"
    described = f"hwloc's drawing of the machine: {parts} and their caches, as listed below."
    picture: Block = Picture(svg, described) if svg else Text([why_not], "note")
    return Section(
        "machine",
        "The machine",
        [picture, _machine_facts(result), *_warnings(result), _isas(result), _environment(result)],
    )


def _circumstances(result: Result) -> Section:
    build, settings = result.build, result.settings
    status: dict[str, int] = {}
    for row in result.rows:
        status[row.status] = status.get(row.status, 0) + 1
    counts = words.listed([f"{number} {name}" for name, number in status.items()])
    facts = [
        ("Started, finished (UTC)", f"{result.started}, {result.finished}"),
        ("Rows", counts + (" (interrupted)" if result.partial else "")),
        ("gradmark", f"{build['version']}, revision {result.revision}"),
        ("Compiler", f"{build['compiler']} {build['compiler_version']}, {build['build_type']}"),
        ("Flags of every kernel", build["kernel_flags"]),
        ("Profile", settings["profile"]),
        ("Levels", ", ".join(settings["levels"]) or "none"),
        ("Sweep", "yes" if settings["sweep"] else "no"),
        ("Threads", ", ".join(str(count) for count in settings["threads"])),
        ("Only what matches", _none(settings["filter"])),
        ("Only these ISAs", _none(settings["isa"])),
        ("GRADMARK_ISA", _none(settings["isa_rule"])),
        ("Plug-ins", _none(settings["plugins"])),
        ("Placement, pages", f"{settings['placement']}, {settings['pages']}"),
        ("Length of a sample", words.duration(settings["sample_seconds"])),
        ("DRAM set over last cache", f"{settings['dram_factor']:g}"),
        ("Test delay", f"{settings['test_delay_percent']:g}%" if settings["test_delay_percent"] else "none"),
        ("By turns with others", "yes" if settings["turns_group"] else "no"),
        ("Seed of the proof", settings["seed"]),
        ("Command", " ".join(part or "?" for part in settings["command"])),
    ]
    flags = [part.partition(":") for part in build["isa_flags"].split(";")]
    isa_flags = Table(
        [Column("Instruction set", code=True), Column("Flags", code=True)],
        [[Cell(name.strip()), Cell(given.strip())] for name, _, given in flags if name.strip()],
    )
    return Section(
        "circumstances",
        "Every circumstance of the run",
        [Facts(facts), Listing("Flags by instruction set", isa_flags, folded=True)],
    )


def _none(text: str | None) -> str:
    return text or "not set"


def page(result: Result) -> Page:
    sections = [Section("answer", "The answer", [Answer(answer(result))]), _machine(result)]
    plots = [make(result) for make in PLOTS.values()]
    sections += [Section(plot.name, plot.title, [plot]) for plot in plots]
    sections += [_circumstances(result), Section("reading", "How to read this", [Text(HOW_TO_READ)])]
    source = shown_path(result.path.name)
    made = f"Made by gradmark-report {__version__} from {source}. This file needs no network, and sends nothing."
    return Page(title(result), subtitle(result), sections, [made])
