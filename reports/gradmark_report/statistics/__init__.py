"""Which rows changed between two sets of processes, how sure that is, and where a history changed its level
(changepoints.py, which takes long to load and is imported where it is needed).

`compare` is for campaigns, whose processes may be paired; `compare_processes` says the same of any runs that there are,
single ones as well: of two hosts, of two points in time. Times are compared by the differences of their logarithms, in
one state of the machine (states.py), by one interval (student.py)."""

from gradmark_report.statistics.compare import compare, compare_processes
from gradmark_report.statistics.model import CHANGED, UNDECIDED, ComparedRow, Interval, Settings, Verdict

__all__ = [
    "CHANGED",
    "UNDECIDED",
    "ComparedRow",
    "Interval",
    "Settings",
    "Verdict",
    "compare",
    "compare_processes",
]
