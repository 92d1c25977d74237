"""Reads a file of whichever kind it says that it is: for the commands that show one file."""

from pathlib import Path

from gradmark_report import older, record_file, result_file
from gradmark_report.result import Result
from gradmark_report.training import read as training_file
from gradmark_report.training.model import Training


def read(path: Path | str) -> Result | Training:
    """Raises BadInput with one sentence that names the file."""
    path = Path(path)
    root = record_file.load(path)
    if root["schema"] in older.versions(older.TRAINING):
        return training_file.of(path, root)
    return result_file.of(path, root)
