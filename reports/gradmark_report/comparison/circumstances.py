"""What the two sides have in common but for the code under test, and where they differ: the first thing that the
reader of a comparison must know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradmark_report import words
from gradmark_report.comparison.sides import Side
from gradmark_report.result import Result, unique
from gradmark_report.text import one_line

NOT_VISIBLE = "not visible"

# These items of the environment are figures of a moment, which no two processes share: only their state is compared.
_OF_A_MOMENT = {"load", "steal", "reserved_huge_pages", "placement"}


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


def _setting(value: Any) -> str:
    """A setting that is null was not given."""
    return "none" if value is None else plain(value)


def _processor(result: Result) -> str:
    processor = result.machine["processor"]
    model = ", ".join(f"{part} {plain(processor[part])}" for part in ("family", "model", "stepping"))
    return f"{plain(processor['name'])} ({plain(processor['architecture'])}, {model})"


def _caches(result: Result) -> str:
    caches = [f"L{cache['level']} {words.size(cache['bytes'])}" for cache in result.machine["caches"]]
    return ", ".join(caches) or NOT_VISIBLE


def _memory(result: Result) -> str:
    memory = result.machine["memory"]
    total = memory.get("total_bytes") if isinstance(memory, dict) else None
    return words.size(float(total)) if isinstance(total, (int, float)) else NOT_VISIBLE


def _hypervisor(result: Result) -> str:
    hypervisor = result.machine["hypervisor"]
    if not isinstance(hypervisor, dict) or hypervisor.get("present") is None:
        return NOT_VISIBLE
    return plain(hypervisor.get("name") or "yes") if hypervisor["present"] else "none"


def _delay(result: Result) -> str:
    percent = result.settings["test_delay_percent"]
    return f"{percent:g}%" if percent else "none"


_FIXED: tuple[tuple[str, Callable[[Result], str]], ...] = (
    ("revision", lambda result: plain(result.build["revision"])),
    ("version", lambda result: plain(result.build["version"])),
    ("compiler", lambda result: f"{plain(result.build['compiler'])} {plain(result.build['compiler_version'])}"),
    ("kind of build", lambda result: plain(result.build["build_type"])),
    ("flags of the kernels", lambda result: plain(result.build["kernel_flags"])),
    ("flags of the ISAs", lambda result: plain(result.build["isa_flags"])),
    ("test delay", _delay),
    ("host", lambda result: plain(result.host)),
    ("product", lambda result: plain(result.machine["product"])),
    ("processor", _processor),
    ("microcode", lambda result: plain(result.machine["processor"]["microcode"])),
    ("cores", lambda result: plain(result.machine["topology"]["cores"])),
    ("caches", _caches),
    ("memory", _memory),
    ("system", lambda result: plain(result.machine["system"])),
    ("kernel", lambda result: plain(result.machine["kernel"])),
    ("hypervisor", _hypervisor),
    ("emulator", lambda result: plain(result.environment["emulator"] or "none")),
    ("profile", lambda result: _setting(result.settings["profile"])),
    ("filter", lambda result: _setting(result.settings["filter"])),
    ("levels", lambda result: _setting(result.settings["levels"])),
    ("threads", lambda result: _setting(result.settings["threads"])),
    ("ISAs asked for", lambda result: _setting(result.settings["isa"])),
    ("rule for the ISA", lambda result: _setting(result.settings["isa_rule"])),
    ("plug-ins", lambda result: _setting(result.settings["plugins"])),
    ("placement", lambda result: _setting(result.settings["placement"])),
    ("pages", lambda result: _setting(result.settings["pages"])),
    ("rounds", lambda result: _setting(result.settings.get("rounds"))),
    ("seconds of a sample", lambda result: _setting(result.settings["sample_seconds"])),
    ("DRAM working set", lambda result: f"{plain(result.settings['dram_factor'])} times the last cache"),
    ("sweep", lambda result: _setting(result.settings["sweep"])),
)


def _item(name: str, result: Result) -> str:
    item = result.environment["items"].get(name)
    if item is None or item["state"] == "not visible":
        return NOT_VISIBLE
    if name in _OF_A_MOMENT:
        return plain(item["state"])
    return plain(item["value"] if item["value"] is not None else item["number"])


def _vulnerability(name: str, result: Result) -> str:
    known = result.environment["vulnerabilities"]
    return plain(known.get(name)) if isinstance(known, dict) else NOT_VISIBLE


def _named(side_results: Iterable[Result], of: Callable[[Result], Any]) -> list[str]:
    return unique(name for result in side_results for name in (of(result) if isinstance(of(result), dict) else ()))


def circumstances(base: Side, head: Side) -> list[Circumstance]:
    """All of them, what concerns the code first. The dates are each side's own, and no part of it."""
    both = (*base.results, *head.results)

    def of(label: str, value: Callable[[Result], str], of_a_moment: bool = False) -> Circumstance:
        values = [tuple(unique(map(value, side.results))) for side in (base, head)]
        return Circumstance(label, values[0], values[1], of_a_moment)

    found = [of(label, value) for label, value in _FIXED]
    labels = {name: item["label"] for result in both for name, item in result.environment["items"].items()}
    # The hypervisor and the emulator stand above already.
    for name in (name for name in labels if name not in {"hypervisor", "emulation"}):
        found.append(of(plain(labels[name]), partial(_item, name), name in _OF_A_MOMENT))
    for name in _named(both, lambda result: result.environment["vulnerabilities"]):
        found.append(of(f"vulnerability {plain(name)}", partial(_vulnerability, name)))
    return found


def period(side: Side) -> str:
    """2026-05-04 10:00 to 10:21 UTC"""
    first, last = side.results[0].started, max(result.finished for result in side.results)
    begin = f"{first[:10]} {first[11:16]}"
    if first[:16] == last[:16]:
        return f"{begin} UTC"
    return f"{begin} to {last[11:16] if first[:10] == last[:10] else f'{last[:10]} {last[11:16]}'} UTC"
