"""What the two sides have in common but for the code under test, and where they differ: the first thing that the
reader of a comparison must know."""

from dataclasses import dataclass
from typing import Any

from gradmark_report import words
from gradmark_report.comparison.sides import Side
from gradmark_report.result import Result, unique
from gradmark_report.text import one_line

NOT_VISIBLE = "not visible"

# These items of the environment are figures of a moment, which no two processes share: only their state is compared.
_OF_A_MOMENT = {"load", "steal", "reserved_huge_pages", "placement"}

_SETTINGS = {
    "profile": "profile",
    "filter": "filter",
    "levels": "levels",
    "threads": "threads",
    "ISAs asked for": "isa",
    "rule for the ISA": "isa_rule",
    "plug-ins": "plugins",
    "placement": "placement",
    "pages": "pages",
    "rounds": "rounds",
    "seconds of a sample": "sample_seconds",
}


@dataclass(frozen=True)
class Circumstance:
    """What each process of a side says of one thing, each value once."""

    label: str
    base: tuple[str, ...]
    head: tuple[str, ...]
    of_a_moment: bool = False  # may vary from one process to the next

    @property
    def same(self) -> bool:
        return set(self.base) == set(self.head)

    @property
    def unseen(self) -> bool:
        return set(self.base) | set(self.head) == {NOT_VISIBLE}


def plain(value: Any) -> str:
    """Any value that a file may hold where the schema leaves it open."""
    if value is None or value == "":
        return NOT_VISIBLE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value) or "none"
    return one_line(str(value))


def _memory(memory: Any) -> str:
    total = memory.get("total_bytes") if isinstance(memory, dict) else None
    return words.size(float(total)) if isinstance(total, (int, float)) else NOT_VISIBLE


def _hypervisor(hypervisor: Any) -> str:
    if not isinstance(hypervisor, dict) or hypervisor.get("present") is None:
        return NOT_VISIBLE
    return plain(hypervisor.get("name") or "yes") if hypervisor["present"] else "none"


def _fixed(result: Result) -> dict[str, str]:
    """By their labels those that every file has. A setting that is null was not given."""
    build, machine, settings, processor = result.build, result.machine, result.settings, result.machine["processor"]
    model = ", ".join(f"{part} {plain(processor[part])}" for part in ("family", "model", "stepping"))
    caches = [f"L{cache['level']} {words.size(cache['bytes'])}" for cache in machine["caches"]]
    given = {label: settings.get(member) for label, member in _SETTINGS.items()}
    return {
        "revision": plain(build["revision"]),
        "version": plain(build["version"]),
        "bundle": plain(build["bundle"] or "none"),
        "compiler": f"{plain(build['compiler'])} {plain(build['compiler_version'])}",
        "kind of build": plain(build["build_type"]),
        "flags of the kernels": plain(build["kernel_flags"]),
        "flags of the ISAs": plain(build["isa_flags"]),
        "test delay": f"{settings['test_delay_percent']:g}%" if settings["test_delay_percent"] else "none",
        "host": plain(result.host),
        "product": plain(machine["product"]),
        "processor": f"{plain(processor['name'])} ({plain(processor['architecture'])}, {model})",
        "microcode": plain(processor["microcode"]),
        "cores": plain(machine["topology"]["cores"]),
        "caches": ", ".join(caches) or NOT_VISIBLE,
        "memory": _memory(machine["memory"]),
        "system": plain(machine["system"]),
        "kernel": plain(machine["kernel"]),
        "hypervisor": _hypervisor(machine["hypervisor"]),
        "emulator": plain(result.environment["emulator"] or "none"),
        **{label: "none" if value is None else plain(value) for label, value in given.items()},
        "DRAM working set": f"{plain(settings['dram_factor'])} times the last cache",
        "sweep": "none" if settings["sweep"] is None else plain(settings["sweep"]),
    }


def _item(name: str, item: dict[str, Any]) -> str:
    """Of the environment."""
    if item["state"] == "not visible":
        return NOT_VISIBLE
    if name in _OF_A_MOMENT:
        return plain(item["state"])
    return plain(item["value"] if item["value"] is not None else item["number"])


def _seen(result: Result) -> dict[tuple[int, str], tuple[str, str]]:
    """Label and value of each circumstance, by its kind and its name."""
    found = {(0, label): (label, value) for label, value in _fixed(result).items()}
    for name, item in result.environment["items"].items():
        if name not in ("hypervisor", "emulation"):  # they stand above already
            found[1, name] = plain(item["label"]), _item(name, item)
    vulnerabilities = result.environment["vulnerabilities"]
    for name, value in vulnerabilities.items() if isinstance(vulnerabilities, dict) else ():
        found[2, name] = f"vulnerability {plain(name)}", plain(value)
    return found


def circumstances(base: Side, head: Side) -> list[Circumstance]:
    """All of them, what concerns the code first. The dates are each side's own, and no part of it."""
    sides = [[_seen(result) for result in side.results] for side in (base, head)]
    labels = {key: label for side in sides for seen in side for key, (label, _) in seen.items()}
    found = []
    for kind, name in sorted(labels, key=lambda key: key[0]):
        label = labels[kind, name]
        values = [tuple(unique(seen.get((kind, name), (label, NOT_VISIBLE))[1] for seen in side)) for side in sides]
        found.append(Circumstance(label, values[0], values[1], kind == 1 and name in _OF_A_MOMENT))
    return found


def period(side: Side) -> str:
    """2026-05-04 10:00 to 10:21 UTC"""
    first, last = side.results[0].started, max(result.finished for result in side.results)
    begin = f"{first[:10]} {first[11:16]}"
    if first[:16] == last[:16]:
        return f"{begin} UTC"
    return f"{begin} to {last[11:16] if first[:10] == last[:10] else f'{last[:10]} {last[11:16]}'} UTC"
