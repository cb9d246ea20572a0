"""The schema file: what may stand in it, and what is wrong with it, by table, key and line. Pure but for `file.py`."""
