"""What every file of gradmark's tells besides its figures: the machine, its circumstances, the build, the settings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIRST_MODEL = (
    "This file's limits are by gradmark's first model, which was wrong by up to 2.4 times: none of its percents of "
    "attainable is shown or compared (– stands there). Its times stand."
)


@dataclass(frozen=True)
class Record:
    path: Path
    machine: dict[str, Any]
    environment: dict[str, Any]
    build: dict[str, Any]
    settings: dict[str, Any]
    warnings: tuple[dict[str, str], ...]
    started: str  # UTC, ISO 8601
    finished: str
    partial: bool
    first_model: bool  # a file of an older schema: it was read without its limits (FIRST_MODEL)

    @property
    def host(self) -> str:
        return self.machine["host"] or "unnamed host"

    @property
    def processor(self) -> str:
        return self.machine["processor"]["name"] or "unknown processor"

    @property
    def revision(self) -> str:
        return self.build["revision"] or "unknown revision"

    @property
    def memory_bytes(self) -> int | None:
        """What a process may use here: a container's limit counts where it is the smaller. None: not visible."""
        memory = self.machine["memory"]
        return min((size for size in (memory["total_bytes"], memory["limit_bytes"]) if size), default=None)
