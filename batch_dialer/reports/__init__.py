"""Write workbooks and lists for people. The sheet itself is never written to."""
