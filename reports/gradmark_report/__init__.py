"""What is made of gradmark's result files: pages, plots, comparisons, verdicts."""

__version__ = "0.1.0"
