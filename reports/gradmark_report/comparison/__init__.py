"""Two sets of result files: what differs in their circumstances, and what the statistics say of each row.

sides.py reads them, contrast.py puts a Contrast together, and terminal.py, markdown.py, json_form.py, junit.py and
html.py show it. campaign.py runs the processes that scripts/compare compares; trial.py reads what the tool says of
itself."""
