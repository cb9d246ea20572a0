"""The workbooks and lists that are written for people. The sheet itself is never written to."""
