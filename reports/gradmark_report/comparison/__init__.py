"""Two sets of result files: what differs in their circumstances, and what the statistics say of each row.

sides.py reads the sides and pairs their processes, comparison.py compares them, summary.py says it in sentences, and
document.py, json_form.py and junit.py show it. campaign.py runs the processes that scripts/compare compares; trial.py
reads what the tool says of itself."""
