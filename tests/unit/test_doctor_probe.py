"""What `waheal doctor` tells of a library that does not start: the process's own last words."""

from pathlib import Path

import pytest

from waheal.acts.doctor import _probed
from waheal.doctor.situation import Probe
from waheal.errors import OwnFault
from waheal.store.home import Home


def fails() -> str:
    raise OwnFault("host 0 ended with code 2")


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("", "host 0 ended with code 2"),
        ("a\nerror: not the library\nhint: run pip\n", ": error: not the library"),
        ("Traceback\nImportError: libmagic\n", ": ImportError: libmagic"),
    ],
)
def test_its_last_words_are_told_and_no_hint_of_its_own(
    tmp_path: Path, log: str, told: str
) -> None:
    home = Home.open(tmp_path, create=True)
    home.logs.mkdir(exist_ok=True)
    (home.logs / "host-1.log").write_text(log)
    probe = _probed(fails, home)
    assert isinstance(probe, Probe)
    assert probe.library is None
    assert probe.fault is not None
    assert probe.fault.endswith(told)
