"""The numbers of the errors in .xls and .xlsb."""

_NAMES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#N/A",
}


def error_name(code: int) -> str:
    """Return the error as it is shown, `#VALUE!` for an unknown *code*."""
    return _NAMES.get(code, "#VALUE!")
