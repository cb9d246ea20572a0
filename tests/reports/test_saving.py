"""Why a file for people cannot be written decides what its error says to do."""

import errno
import os
from pathlib import Path

import pytest

from batch_dialer.errors import UsageError
from batch_dialer.reports.saving import failing_as_unwritable, write_file


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "Make room on the disk, or name a file on another one."),
        (errno.EDQUOT, "Make room on the disk, or name a file on another one."),
        (errno.EACCES, "Close it where it is open, or name a file in another folder."),
        (errno.EROFS, "Close it where it is open, or name a file in another folder."),
        (
            errno.ENOENT,
            "Close it where it is open, make room on the disk, or name another file.",
        ),
    ],
)
def test_the_remedy_is_one_for_its_cause(tmp_path: Path, code: int, remedy: str) -> None:
    with pytest.raises(UsageError, match="cannot be written: ") as refusal, failing_as_unwritable(tmp_path / "a.csv"):
        raise OSError(code, os.strerror(code))
    assert remedy == refusal.value.remedy


def test_a_folder_that_does_not_exist_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file or directory") as refusal:
        write_file(tmp_path / "no" / "a.csv", b"")
    assert "Make the folder, or name a file in another one." == refusal.value.remedy
