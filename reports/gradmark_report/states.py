"""The states of one AdamW step: what must be held in memory at once, and whether a machine can."""

from gradmark_report.result import Result

OP = "adamw/f32"
BYTES_PER_PARAMETER = 16  # the parameter, its gradient and both moments


def size(parameters: float) -> float:
    """Bytes."""
    return parameters * BYTES_PER_PARAMETER


def fit(result: Result, parameters: float) -> bool | None:
    """None: the memory is not visible."""
    there = result.memory_bytes
    return None if there is None else size(parameters) <= there
