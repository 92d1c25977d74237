"""What a Markdown page says of the machine, its circumstances and the build: the same for every kind of file."""

import shlex

from gradmark_report import __version__, markdown, words
from gradmark_report.plots.plot import Cell, Column, Table
from gradmark_report.record import Record


def head(record: Record) -> list[str]:
    cores = words.plural(record.machine["topology"]["cores"], "core")
    under = [f"{cores}, {_caches(record)}", _date(record.started), f"revision {record.revision}"]
    return [f"# gradmark: {markdown.literal(record.processor)}", " · ".join(map(markdown.literal, under))]


def foot(record: Record) -> list[str]:
    command = shlex.join(part or "?" for part in record.settings["command"])
    return [f"Made by gradmark-report {__version__} from the result of:", markdown.fenced(command)]


def warnings(record: Record) -> str:
    lines = []
    if record.environment["emulated"]:
        emulator = record.environment["emulator"] or "an emulator"
        lines.append(("Emulated", f"{emulator} ran this: the times say nothing of any processor."))
    for warning in record.warnings:
        what = f"{warning['cause']}. {warning['cure']}."
        lines.append((warning["what"].rstrip("."), what.replace("..", ".")))
    return "## Warnings\n\n" + markdown.bullets(lines) if lines else ""


def circumstances(record: Record, settings: str) -> str:
    build, machine = record.build, record.machine
    topology = machine["topology"]
    memory = machine["memory"].get("total_bytes")
    parts = [words.plural(topology[key], name) for key, name in (("packages", "package"), ("cores", "core"))]
    facts = [
        ("host", record.host),
        ("processor", f"{record.processor}, microcode {machine['processor']['microcode'] or words.NOT_VISIBLE}"),
        ("topology", f"{', '.join(parts)}, {words.plural(topology['pus'], 'hardware thread')}"),
        ("caches", _caches(record)),
        ("memory", words.size(memory) if memory else words.NOT_VISIBLE),
        ("system", f"{machine['system']}, kernel {machine['kernel']}"),
        ("gradmark", f"{build['version']}, revision {record.revision}"),
        (
            "compiler",
            f"{build['compiler']} {build['compiler_version']}, {build['build_type']}, {build['kernel_flags']}",
        ),
        ("settings", settings),
        ("started, finished", f"{_date(record.started)}, {_date(record.finished)}"),
    ]
    for item in record.environment["items"].values():
        if item["state"] != "fine":
            why = item["value"] or item.get("why_not") or ""
            facts.append((item["label"], f"{item['state']}{': ' if why else ''}{why}"))
    made = Table([Column("what"), Column("here")], [[Cell(label), Cell(value)] for label, value in facts])
    return markdown.details("Circumstances", markdown.table(made))


def _caches(record: Record) -> str:
    known = [cache for cache in record.machine["caches"] if cache["bytes"]]
    return ", ".join(f"L{cache['level']} {words.size(cache['bytes'])}" for cache in known) or "caches not visible"


def _date(moment: str) -> str:
    return f"{moment[:10]} {moment[11:16]} UTC"
