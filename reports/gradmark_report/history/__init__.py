"""A folder of result files over time: what became slower or faster, by how much, and where in the history.

folder.py reads it, points.py puts its processes in order, trends.py finds the changes, findings.py says them in words;
terminal.py, as_markdown.py, as_json.py and as_page.py show them."""
