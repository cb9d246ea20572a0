"""`python -m batch_dialer`, the same as `batch-dialer`."""

from batch_dialer.cli import main

main()
