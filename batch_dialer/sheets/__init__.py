"""A spreadsheet file becomes cells. It is parsed here and never judged: nothing knows what a column means."""
