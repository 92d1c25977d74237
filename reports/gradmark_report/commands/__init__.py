"""One module per command: its help in the docstring, add_arguments(parser) and run(arguments) -> exit code."""
