"""One file a command: options in, a flow called, its end told. No rule and no loop over rows lives here."""
