"""A spreadsheet file becomes cells of text. What a column means is judged elsewhere; only our own marks are known here.

`formats.py` lists the formats, and a new one gets in there.
"""
