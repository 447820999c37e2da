"""A recording, played to the real client while it sends: the sandbox's own, or a brave operator's.

`WAHEAL_RECORDING=FILE pytest tests/conformance/test_recordings.py` plays another one.
"""

import os
from pathlib import Path

import pytest

from tests.conformance.__main__ import main
from tests.conformance.notation import Cast, stanza
from tests.conformance.player import Player
from tests.conformance.recordings import SANDBOX, NoRecordingError, read, shapes, unasked

RECORDING = Path(os.environ.get("WAHEAL_RECORDING", SANDBOX))
_ENDED = ("offline", "healing")


@pytest.mark.real
def test_whatever_the_server_says_unasked_the_client_stays_up(player: Player) -> None:
    ended = [
        f"line {line.number}: {line.skeleton}"
        for line in unasked(read(RECORDING))
        if any(each.startswith(_ENDED) for each in player.beside_a_run(line.skeleton))
    ]
    assert ended == []


def test_every_line_can_be_made_a_stanza_again() -> None:
    lines = read(RECORDING)
    cast = Cast("447700900001", "447700900002", "3A", 0.0)
    assert [stanza(line.skeleton, cast).tag for line in lines]


def test_the_sandbox_says_what_its_recording_has() -> None:
    said = shapes(read(SANDBOX))
    assert '<iq from="s.whatsapp.net" id="<id>" type="result"/>' in said
    assert any(each.startswith("<success ") for each in said)
    assert [line.skeleton[:4] for line in unasked(read(SANDBOX))] == ["<ib ", "<ack", "<rec"]


def test_what_the_sandbox_never_said_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "a.txt"
    new = (
        '<ib from="s.whatsapp.net"><thread_metadata><item t="<number 10>"/></thread_metadata></ib>'
    )
    recording.write_text(f"{SANDBOX.read_text()}3.000 in {new}\n3.100 in {new}\n")
    monkeypatch.setattr("sys.argv", ["conformance", str(recording)])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert capsys.readouterr().out == f"{new.replace('number 10', 'number')}\n"


def test_another_file_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# waheal\nhello\n")
    with pytest.raises(NoRecordingError, match="line 2"):
        read(tmp_path / "a.txt")
