"""The readers of workbooks: cells as a person sees them, and nothing of a damaged or hostile file."""
