"""One AdamW step on each machine: how long it takes, what limits it and what it costs."""

from dataclasses import dataclass

from gradmark_report import states, words
from gradmark_report.merge.cases import Fleet
from gradmark_report.merge.machines import Machine
from gradmark_report.result import Figures, Row


@dataclass(frozen=True)
class Step:
    machine: Machine
    row: Row
    time: Figures
    state: str | None  # that `time` is of

    def seconds(self, parameters: float) -> float:
        return self.time.undisturbed * 1e-9 * parameters

    @property
    def gb_per_s(self) -> float | None:
        return self.row.bytes_per_element / self.time.undisturbed if self.row.bytes_per_element else None

    def fits(self, parameters: float) -> bool | None:
        """None: the memory is not visible."""
        return states.fit(self.machine.result, parameters)

    def euros(self, parameters: float) -> float | None:
        price = self.machine.euros_per_hour
        return None if price is None else self.seconds(parameters) / 3600 * price


def steps(fleet: Fleet) -> list[Step | None]:
    """One for each machine: the exact implementation in DRAM on all threads; None where that was not measured."""
    for case in fleet.cases:
        if (case.op, case.level, case.who, case.fast) == (states.OP, "DRAM", "all", False):
            seen = [(row, case.time(index), case.state(index)) for index, row in enumerate(case.rows)]
            return [
                Step(machine, row, time, state) if row and time else None
                for machine, (row, time, state) in zip(fleet.machines, seen, strict=True)
            ]
    return [None] * len(fleet.machines)


def euros(value: float) -> str:
    """0.00041 -> 0.041 cents"""
    return f"{words.significant(value, 2)} €" if value >= 0.1 else f"{words.significant(100 * value, 2)} cents"
