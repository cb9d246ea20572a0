"""Propose a schema for a sheet, and make up the columns of a starter sheet for a schema. Pure: no I/O."""
