"""Parse a schema file; report errors by table, key and line. Pure: no I/O, except in `file.py`."""
