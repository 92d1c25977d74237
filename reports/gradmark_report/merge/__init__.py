"""Several machines in one report: columns are machines.

machines.py names and prices them, cases.py puts side by side what can be, steps.py is about one AdamW step, outliers.py
finds slow nodes, findings.py says it in words; tables.py and document.py show it, as_json.py to programs."""
