"""A pairing's code as a picture in a file: there while it can be scanned, and not longer."""

import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.support import Waheal, control, running, served
from waheal.cli.codes import _InFile
from waheal.events import PairedAlready, PairingEvent, QrShown
from waheal.model import DeviceId, ExitCode

SHOP = DeviceId("shop")


class Told:
    def __init__(self) -> None:
        self.events: list[PairingEvent] = []

    def show(self, event: PairingEvent) -> None:
        self.events.append(event)


def test_a_file_that_stood_there_stays_where_no_code_was_needed(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    path.write_text("a picture of mine")
    with closing(_InFile(Told(), path)) as shown:
        shown.show(PairedAlready(SHOP))
    assert path.read_text() == "a picture of mine"


def test_what_shows_the_rest_is_told_of_the_code_too(tmp_path: Path) -> None:
    told, path = Told(), tmp_path / "code.png"
    with closing(_InFile(told, path)) as shown:
        shown.show(QrShown(SHOP, "2@first"))
        first = path.read_bytes()
        shown.show(QrShown(SHOP, "2@second"))
        assert path.read_bytes() != first
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [type(each) for each in told.events] == [QrShown] * 2
    assert not path.exists()


@pytest.mark.real
def test_a_device_is_paired_by_the_picture(
    waheal_apart: Waheal, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "code.png"
    with served(tmp_path) as trust:
        words = ("devices", "pair", "shop", "--trust", trust, "--json", "--qr-file", path)
        with running(home, tmp_path, *words) as pair:
            code = str(pair.until("qr")["code"])
            assert path.read_bytes().startswith(b"\x89PNG")
            control(trust).phones.scan(code)
            pair.until("paired")
            assert pair.end().code == ExitCode.OK
        assert not path.exists()
        again = waheal_apart("devices", "pair", "shop", "--trust", trust, "--qr-file", path)
        assert (again.code, path.exists()) == (ExitCode.OK, False)
