"""Limits and attachments through real hosts: N means N, and a file is handed in once a device."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.rig import Rig, phones, rig
from waheal.events import RunFinished
from waheal.model import Content, ExitCode, Media, MediaKind, Planned
from waheal.policy.pacing import Limits

pytestmark = pytest.mark.real

DAY = 86_400.0


def run(made: Rig, limits: Limits) -> RunFinished:
    last = made.send(replace(made.settings(), limits=limits, max_wait=5.0))[-1]
    assert isinstance(last, RunFinished)
    return last


def test_a_days_limit_holds_across_five_restarts(tmp_path: Path) -> None:
    with rig(tmp_path, devices=2) as made:
        made.enroll(30)
        limits = Limits(per_day=3)
        sent = []
        for _ in range(5):
            assert run(made, limits).exit_code is ExitCode.LEFT_OVER
            sent.append(len(made.control.phones.received()))
            made.clock.moved += DAY / 5  # the fifth run is still within the first day
        assert sent == [6, 6, 6, 6, 6]
        made.clock.moved += 60.0
        run(made, limits)
        assert len(made.control.phones.received()) == 12
        jids = [each.device for each in made.control.phones.received()]
        per_device = [jids.count(made.jid(label)) for label in ("d0", "d1")]
        assert per_device == [6, 6]


def test_an_attachment_arrives_intact_with_one_upload_a_device(tmp_path: Path) -> None:
    file = Path(__file__).resolve().parents[2] / "campaigns" / "media" / "ticket.png"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    media = Media(str(file), MediaKind.IMAGE, "image/png", digest)
    with rig(tmp_path, devices=2) as made:
        recipients = phones(12)
        made.enroll_rows(
            [
                Planned(row, to, Content(f"look, {to}", media))
                for row, to in enumerate(recipients, 2)
            ]
        )
        last = made.send()[-1]
        assert isinstance(last, RunFinished)
        assert last.exit_code is ExitCode.OK
        received = made.control.phones.received()
        assert {each.phone: each.text for each in received} == {
            to: f"look, {to}" for to in recipients
        }
        assert {each.media_sha256 for each in received} == {digest}
        assert all(each.media_readable for each in received)
        assert made.control.stats().total["upload"] == 2
