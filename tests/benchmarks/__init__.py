"""How fast, beside what else: a file for each stage, run by `python tests/benchmark.py`."""
