"""What came out faster than is attainable: gradmark's model of the limits is wrong there, or the time is. Never the
machine."""

from collections.abc import Iterable
from typing import Literal, Protocol

from gradmark_report import words

AT_FAULT = 103.0  # percent of attainable; above it the model is wrong
BELIEVED = 150.0  # above it nothing is believed
COMMAND = "scripts/limits"
NOT_BELIEVABLE = "not believable"
MEANING = (
    f"Above {AT_FAULT:.0f}%, with all of its interval, gradmark's model of the limits is at fault, and not the "
    f"machine: {COMMAND} looks for it. What is above {BELIEVED:.0f}% is not believable, and no other figure or "
    "sentence rests on it."
)


class Limited(Protocol):
    """A row, or a kernel of a training."""

    @property
    def name(self) -> str: ...
    @property
    def attainable_percent(self) -> float | None: ...
    @property
    def attainable_low(self) -> float | None: ...
    @property
    def believable(self) -> bool: ...


def at_fault(one: Limited) -> bool:
    """Beyond what its interval leaves to chance."""
    percent = one.attainable_percent if one.attainable_low is None else one.attainable_low
    return percent is not None and percent > AT_FAULT


def mark(one: Limited) -> str:
    """What stands beside its figures, wherever they are shown; mostly nothing."""
    return NOT_BELIEVABLE if not one.believable else "model at fault" if at_fault(one) else ""


def colour(one: Limited) -> Literal["", "doubt", "bad"]:
    """Of its cell in a table."""
    return "bad" if not one.believable else "doubt" if at_fault(one) else ""


def percent(one: Limited) -> str:
    """Of attainable, for a table: 97%; 237%, not believable."""
    return ", ".join(part for part in (words.percent(one.attainable_percent), mark(one)) if part)


def sentence(listed: Iterable[Limited], what: str = "row") -> str:
    """Of all that are faulty, and what to do about them; empty where none is."""
    faulty = [one for one in listed if at_fault(one) or not one.believable]
    if not faulty:
        return ""
    worst = max(faulty, key=lambda one: one.attainable_percent or 0.0)
    most = (
        ""
        if worst.attainable_percent is None
        else f", at most {worst.name} with {words.percent(worst.attainable_percent)}"
    )
    text = (
        f"{words.plural(len(faulty), what)} came out above {words.percent(AT_FAULT)} of attainable{most}: a fault of "
        f"gradmark's model of the limits, to be looked for with {COMMAND}."
    )
    beyond = sum(not one.believable for one in faulty)
    if beyond:
        some = f"{beyond} of them {'is' if beyond == 1 else 'are'}"
        who = "It is" if len(faulty) == 1 else "All are" if beyond == len(faulty) else some
        text += (
            f" {who} {NOT_BELIEVABLE} (above {words.percent(BELIEVED)}), and left out of all else that is said here."
        )
    return text
