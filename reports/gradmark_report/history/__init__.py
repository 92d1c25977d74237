"""A folder of result files over time: what became slower or faster, by how much, and where in the history.

folder.py reads it, points.py puts its processes in order, trends.py finds the changes, findings.py says them in words;
document.py shows them, as_json.py to programs."""
