"""Where `batch-dialer` and `python -m batch_dialer` begin.

It imports next to nothing before it can answer Ctrl-C, and before no standard stream is missing.
"""


def main() -> None:
    """Make the streams ready, import the program, and run it."""
    try:
        from batch_dialer.terminal.interrupts import LeavingAtOnce  # noqa: PLC0415  (only where Ctrl-C is caught)

        with LeavingAtOnce():
            from batch_dialer.terminal.streams import prepare_streams  # noqa: PLC0415  (as above)

            prepare_streams()
            from batch_dialer import cli  # noqa: PLC0415  (as above)
        cli.main()
    except KeyboardInterrupt:  # in the moments in which nothing else answers it
        from batch_dialer.terminal.interrupts import leave  # noqa: PLC0415  (as above)

        leave()


if __name__ == "__main__":
    main()
