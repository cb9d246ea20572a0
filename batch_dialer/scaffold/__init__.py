"""What people begin with: a schema proposed from a sheet, the columns of a starter sheet. Pure: no I/O."""
