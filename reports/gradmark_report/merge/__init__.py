"""Several machines in one report: columns are machines.

machines.py names and prices them, cases.py puts side by side what can be, steps.py is about one AdamW step, outliers.py
finds slow nodes, findings.py says it in words; tables.py, terminal.py, as_markdown.py, as_json.py and as_page.py show
it."""

from gradmark_report.merge.as_page import page

__all__ = ["page"]
