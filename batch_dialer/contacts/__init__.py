"""Turn a row of text into a contact that can be dialed, or into problems with their remedies. Pure: no I/O."""
