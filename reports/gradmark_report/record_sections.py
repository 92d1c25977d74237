"""What a document says of the machine, its circumstances and the build: the same for every kind of file. In the brief
form all but the warnings is folded away."""

import shlex
from typing import Any, Literal

from gradmark_report import __version__, drawing, words
from gradmark_report.document import Block, Facts, Listing, Picture, Section, Text
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.record import Record
from gradmark_report.text import shown_path
from gradmark_report.words import NOT_VISIBLE

Mark = Literal["good", "bad", "doubt"]


def title(record: Record) -> str:
    cores = record.machine["topology"]["cores"]
    return f"gradmark: {record.processor}, {words.plural(cores, 'core')}"


def measured(record: Record) -> str:
    """Where, when and by what: the beginning of a subtitle."""
    when = f"{record.started[:10]} {record.started[11:16]} UTC"
    return f"Measured on {record.host}, {when}, by gradmark {record.build['version']} ({record.revision})"


def _text(value: Any) -> str:
    return NOT_VISIBLE if value is None or value == "" else str(value)


def _machine_facts(record: Record, brief: bool) -> Facts:
    machine, processor = record.machine, record.machine["processor"]
    topology = machine["topology"]
    family = "/".join(_text(processor[key]) for key in ("family", "model", "stepping"))
    facts = [
        ("Processor", record.processor),
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
    return Facts(facts, marks, "What the machine is" if brief else "")


def _isas(record: Record, brief: bool) -> Listing:
    rows = []
    for isa in record.machine["isas"]:
        state = (
            Cell("runs here", mark="good")
            if isa["runnable"]
            else Cell(isa.get("why_not") or "does not run here", mark="doubt")
        )
        rows.append([Cell(isa["name"]), state, Cell(_text(isa["requires"]))])
    columns = [Column("Instruction set", code=True), Column("Here"), Column("Requires")]
    return Listing("Instruction sets", Table(columns, rows), folded=brief)


def _environment(record: Record, brief: bool) -> Listing:
    rows = []
    marks: dict[str, Mark] = {"fine": "good", "warned": "bad", NOT_VISIBLE: "doubt"}
    for item in record.environment["items"].values():
        value = item["value"] or item.get("why_not") or ""
        rows.append(
            [
                Cell(item["label"]),
                Cell(item["state"], mark=marks.get(item["state"], "doubt")),
                Cell(_text(value) if value else ""),
            ]
        )
    table = Table([Column("What may disturb a measurement"), Column("State"), Column("Seen, or why not")], rows)
    return Listing("What may disturb a measurement", table, folded=brief or len(rows) > 8)


def _warnings(record: Record) -> list[Block]:
    said = [
        f"{warning['what'].rstrip('.')}. Cause: {warning['cause'].rstrip('.')}. Cure: {warning['cure'].rstrip('.')}."
        for warning in record.warnings
    ]
    if record.environment["emulated"]:
        emulator = record.environment["emulator"] or "An emulator"
        said.insert(0, f"{emulator} ran this: the times say nothing of any processor.")
    return [Text(said, "doubt") if said else Text(["The run gave no warning."], "good")]


def _picture(record: Record) -> Block:
    svg, why_not = drawing.topology(record)
    topology = record.machine["topology"]
    parts = f"{words.plural(topology['packages'], 'package')}, {words.plural(topology['cores'], 'core')}"
    described = f"hwloc's drawing of the machine: {parts} and their caches, as listed below."
    return Picture(svg, described) if svg else Text([why_not], "note")


def machine(record: Record, *, brief: bool) -> Section:
    picture = [] if brief else [_picture(record)]
    facts = _machine_facts(record, brief)
    tables = [_isas(record, brief), _environment(record, brief)]
    return Section("machine", "The machine", [*picture, facts, *_warnings(record), *tables])


def build(record: Record) -> list[tuple[str, str]]:
    build = record.build
    return [
        ("gradmark", f"{build['version']}, revision {record.revision}"),
        *([("Ran from the bundle", build["bundle"])] if build["bundle"] else []),
        ("Compiler", f"{build['compiler']} {build['compiler_version']}, {build['build_type']}"),
        ("Flags of every kernel", build["kernel_flags"]),
    ]


def isa_flags(record: Record) -> Listing:
    flags = [part.partition(":") for part in record.build["isa_flags"].split(";")]
    table = Table(
        [Column("Instruction set", code=True), Column("Flags", code=True)],
        [[Cell(name.strip()), Cell(given.strip())] for name, _, given in flags if name.strip()],
    )
    return Listing("Flags by instruction set", table, folded=True)


COMMAND = "Command"


def command(record: Record) -> tuple[str, str]:
    return COMMAND, shlex.join(part or "?" for part in record.settings["command"])


def period(record: Record) -> tuple[str, str]:
    return "Started, finished (UTC)", f"{record.started}, {record.finished}"


def or_not_set(text: str | None) -> str:
    return text or "not set"


def made_by(source: str, *, brief: bool) -> list[str]:
    """The foot of a document; `source` ends the sentence, such as " from FILE"."""
    offline = "" if brief else " This file needs no network, and sends nothing."
    return [f"Made by gradmark-report {__version__}{source}.{offline}"]


def footer(record: Record, *, brief: bool) -> list[str]:
    return made_by(f" from {shown_path(record.path.name)}", brief=brief)
