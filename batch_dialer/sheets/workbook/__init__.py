"""Workbooks become cells as a person sees them, each kind of file by its own reader."""
