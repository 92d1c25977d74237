"""Turns the JUnit file of meson or pytest into the lines that scripts/test counts: KIND, tab, 1, tab, NAME."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def one_line(text: str) -> str:
    return " ".join(text.split())[:200]


def judge(case: ElementTree.Element) -> tuple[str, str]:
    name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
    for tag, kind in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        found = case.find(tag)
        if found is not None:
            printed = (case.findtext("system-out") or "").strip().splitlines() if kind == "skipped" else []
            reason = one_line(found.get("message") or found.text or (printed or ["see the log"])[-1])
            return kind, f"{name}: {reason}"
    return "passed", name


def main() -> None:
    path = Path(sys.argv[1])
    if not path.is_file():
        print(f"failed\t1\t{path.name} was not written: the test runner did not get that far")
        return
    for case in ElementTree.parse(path).iter("testcase"):
        kind, name = judge(case)
        print(f"{kind}\t1\t{name}")


if __name__ == "__main__":
    main()
