"""hwloc's own drawing of a machine, from the topology that the result file carries. The file is untrusted: hwloc reads
it in a process of its own with bounded time and memory, by its own small parser, which knows no entities, and
cannot fill the disk."""

import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

from gradmark_report.record import Record

PROGRAMS = ("lstopo-no-graphics", "lstopo")
SECONDS = 20
MEMORY_BYTES = 2 << 30
PICTURE_BYTES = 4 << 20  # hundreds of cores take half of one MiB


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (PICTURE_BYTES, PICTURE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def topology(record: Record) -> tuple[bytes | None, str]:
    """The SVG, and where there is none the reason in one sentence."""
    xml = record.machine["topology"].get("xml")
    if not xml:
        return None, "The result file carries no topology to draw."
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        return None, "hwloc's lstopo is not installed where this report was made (Debian's package hwloc-nox)."
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "topology.xml"
        source.write_text(xml, encoding="utf-8")
        target = Path(folder) / "topology.svg"
        # No kinds of I/O: they double the picture and say nothing of training.
        options = ["--no-io", "--no-legend", "--of", "nativesvg"]
        command = [program, "--if", "xml", "-i", str(source), *options, str(target)]
        environment = {"PATH": os.environ.get("PATH", ""), "HWLOC_LIBXML": "0", "LC_ALL": "C.UTF-8"}
        try:
            subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=True,
                preexec_fn=_bounded,
            )
            return target.read_bytes(), ""
        except (OSError, subprocess.SubprocessError):
            return None, "hwloc's lstopo could not draw the topology that the result file carries."
