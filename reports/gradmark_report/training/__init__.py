"""The result of a training (gradmark train). read.py makes a model.py of a file; labels.py names its runs and chooses
the one that stands for all; findings.py says in words what it shows, tables.py in tables; document.py puts it
together, digits.py draws what was taken for another class. Its plots are in plots/."""
