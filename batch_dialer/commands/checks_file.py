"""`--checks FILE.py:NAME`: the file is run as Python, and its schema of pandera taken."""

import sys
from pathlib import Path
from types import ModuleType

from batch_dialer.contacts.own_checks import OwnChecks, is_schema, to_checks
from batch_dialer.contacts.own_file import OwnFile
from batch_dialer.errors import UsageError

_MODULE = "checks_of_this_run"


def read_checks(told: str | None) -> OwnChecks | None:
    """Run the file of *told* and return its checks (None for None); raise `UsageError` where that cannot be done."""
    if told is None:
        return None
    path, _, name = told.rpartition(":")
    if not path or not name.isidentifier():
        remedy = "Write the file, a colon and the name in it, as in --checks checks.py:Rules."
        raise UsageError(f"--checks {told} does not say what to take from which file.", remedy)
    source = _read(Path(path))
    file = OwnFile(path, name, source.decode(errors="replace"))
    found = _run(source, file)
    usable = [known for known, value in found.items() if is_schema(value)]
    if name not in found:
        named = f"It has: {', '.join(usable)}." if usable else "It has no other that could be used, either."
        raise UsageError(f"{path} has no {name}, which --checks names.", named)
    if name not in usable:
        remedy = "Take DataFrameModel or DataFrameSchema from pandera.polars: import pandera.polars as pa."
        raise UsageError(f"{file.at(name)}: {name} is no model and no schema of pandera.polars.", remedy)
    return to_checks(found[name], file)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or fault
        raise UsageError(f"The file of --checks {path} cannot be read: {why}.", "Check --checks.") from None


def _run(source: bytes, file: OwnFile) -> dict[str, object]:
    """Run *source*, as a module that can import what stands beside it; return what it defines."""
    module = ModuleType(_MODULE)
    module.__file__ = file.path
    sys.modules[_MODULE] = module  # where annotations that are written as text are looked up
    sys.path.append(str(Path(file.path).parent.absolute()))
    try:
        exec(compile(source, file.path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  (the person asks for it)
    except (SyntaxError, ValueError) as fault:
        if isinstance(fault, SyntaxError) and fault.filename == file.path:
            remedy = "Mend the file of --checks at that place. Nobody was called."
            raise UsageError(f"{file.path}, line {fault.lineno}: {fault.msg}.", remedy) from None
        raise file.code_error(fault, file.name) from None
    except (Exception, SystemExit) as fault:  # noqa: BLE001  (whatever a person's code raises)
        raise file.code_error(fault, file.name) from None
    return module.__dict__
