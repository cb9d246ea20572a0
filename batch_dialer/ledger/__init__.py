"""What is known of every row, on disk before it is acted upon. The journal is believed; the results are for people."""
