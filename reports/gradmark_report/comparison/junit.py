"""The comparison as JUnit's XML, which every CI shows: a testcase per row; a regression is a failure, what could not be
decided is skipped with its reason."""

import re
import xml.etree.ElementTree as ET

from gradmark_report import words
from gradmark_report.comparison import summary
from gradmark_report.comparison.comparison import Comparison
from gradmark_report.statistics import UNDECIDED, Verdict

# XML has no way to hold these, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _case(suite: ET.Element, name: str) -> ET.Element:
    op = ".".join(["gradmark", *name.split("/")[:2]])
    return ET.SubElement(suite, "testcase", classname=_clean(op), name=_clean(name), time="0")


def text(made: Comparison) -> str:
    suite = ET.Element("testsuite", name="gradmark-report compare")
    for row in made.rows:
        case = _case(suite, row.name)
        told = (
            f"{row.verdict.value}: {words.signed_percent(row.change)} ({summary.interval(row)}), "
            f"{' -> '.join(map(summary.time, row.times))}, {summary.pairs(row)}"
        )
        if row.verdict == Verdict.SLOWER:
            ET.SubElement(case, "failure", type="slower", message=_clean(told)).text = _clean(row.reason)
        elif row.verdict in UNDECIDED:
            ET.SubElement(case, "skipped", message=_clean(f"{row.verdict.value}: {row.reason}"))
        else:
            ET.SubElement(case, "system-out").text = _clean(told)
    for name, why in made.not_compared.items():
        case = _case(suite, name)
        if name in made.broken:
            ET.SubElement(case, "failure", type="proof", message=_clean(why))
        else:
            ET.SubElement(case, "skipped", message=_clean(f"not compared: {why}"))
    for kind, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        suite.set(kind, str(len(list(suite.iter(tag)))))
    suite.set("errors", "0")
    suite.set("time", "0")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
