"""A row of text becomes a contact that can be dialed, or problems with their remedies. Pure: no I/O."""
