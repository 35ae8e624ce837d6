"""`make bench`: time pages, files and writes over loopback HTTP, with peers on the same rows beside them.

    python -m tests.benchmarks [sqlite|postgres] [--sizes 32,1000] [--quick] [--only pages]

It prints one Markdown table for each database. `docs/benchmarks.md` explains how to read it.
"""
