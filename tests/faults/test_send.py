"""A campaign through real hosts, with nothing going wrong."""

from pathlib import Path

import pytest

from tests.kit.rig import rig
from waheal.events import RunFinished, RunStarted
from waheal.model import ExitCode

pytestmark = pytest.mark.real


def test_every_recipient_gets_their_text_once(tmp_path: Path) -> None:
    with rig(tmp_path, devices=3) as made:
        phones = made.enroll(50)
        events = made.send()
        assert isinstance(events[0], RunStarted)
        assert isinstance(events[-1], RunFinished)
        assert events[-1].exit_code is ExitCode.OK
        assert made.texts() == {phone: [f"to {phone}"] for phone in phones}


def test_a_second_run_sends_nothing(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        made.enroll(5)
        made.send()
        made.enroll(5)
        events = made.send()
        assert [type(event) for event in events] == [RunStarted, RunFinished]
        assert sum(len(texts) for texts in made.texts().values()) == 5
