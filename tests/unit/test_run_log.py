import json
import stat
from pathlib import Path

import pytest

from waheal.acts import run_log
from waheal.acts.run_log import RunLog
from waheal.events import (
    Claimed,
    DeviceHealed,
    DeviceQuarantined,
    Event,
    HostRestarted,
    Paused,
    RunStarted,
    Settled,
)
from waheal.model import DeviceId, Phone, Quarantine, State

PHONE = Phone("+447700900123")
EVENTS: tuple[Event, ...] = (
    RunStarted("news", 3, 3, 2),
    Claimed(PHONE, DeviceId("shop")),
    Settled(PHONE, DeviceId("shop"), State.FAILED, 2, None, "no LID found for 447700900123"),
)


def written(folder: Path, *, show_numbers: bool = False) -> list[dict[str, object]]:
    with RunLog(folder, clock=lambda: 0.0, show_numbers=show_numbers) as log:
        for event in EVENTS:
            log.write(event)
    return [json.loads(line) for line in (folder / "waheal.log").read_text().splitlines()]


def test_each_line_carries_campaign_device_and_attempt_and_no_number(tmp_path: Path) -> None:
    started, settled = written(tmp_path)
    assert (started["event"], started["at"]) == ("run_started", "1970-01-01T00:00:00.000Z")
    assert (settled["campaign"], settled["device"], settled["attempt"]) == ("news", "shop", 2)
    assert settled["phone"] == "+4477•••0123"
    assert settled["reason"] == "no LID found for …23"


def test_no_number_stands_in_it_whatever_it_is_the_name_of(tmp_path: Path) -> None:
    number = PHONE.removeprefix("+")
    events: tuple[Event, ...] = (
        RunStarted(f"list {number}", 1, 1, 1),
        Settled(PHONE, DeviceId(number), State.FAILED, 1, "3EB0123456789", f"{number}-1 failed"),
        DeviceHealed(DeviceId(f"{number}-12"), 0.1, f"logs of {number}"),
        DeviceQuarantined(DeviceId(number), Quarantine.BANNED, 1e9),
        HostRestarted(1, f"see host-{number}.log: Client {number}:12@s.whatsapp.net", 1),
        Paused(f"+44 7700 900123 and {number}"),
    )
    with RunLog(tmp_path, clock=lambda: 0.0) as log:
        for event in events:
            log.write(event)
    text = (tmp_path / "waheal.log").read_text()
    assert not [part for part in (number, "7700900", "900123") if part in text]
    settled = json.loads(text.splitlines()[1])
    assert (settled["campaign"], settled["device"]) == ("list …23", "+4477•••0123")
    assert (settled["message_id"], settled["state"]) == ("3EB0123456789", "failed")
    assert json.loads(text.splitlines()[3])["until"] == "2001-09-09T01:46:40.000Z"
    with RunLog(tmp_path, clock=lambda: 0.0, show_numbers=True) as log:
        log.write(events[3])
    assert f'"device":"{number}"' in (tmp_path / "waheal.log").read_text()


def test_whole_numbers_are_written_on_request(tmp_path: Path) -> None:
    assert written(tmp_path, show_numbers=True)[1]["phone"] == PHONE


def test_a_log_is_rotated_while_it_is_written_and_the_oldest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_log, "_LARGEST", 1_000)
    with RunLog(tmp_path, clock=lambda: 0.0) as log:
        for _ in range(100):
            log.write(EVENTS[0])
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["waheal.log", *(f"waheal.log.{number}" for number in range(1, 6))]
    assert all(path.stat().st_size <= 1_000 for path in tmp_path.iterdir())
    lines = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert all(json.loads(line)["event"] == "run_started" for line in lines)


def test_a_log_that_can_not_be_written_stops_nothing(tmp_path: Path) -> None:
    with RunLog(tmp_path / "missing", clock=lambda: 0.0) as log:
        log.write(EVENTS[0])
    assert stat.S_ISDIR(tmp_path.stat().st_mode)


def test_a_disk_that_fills_up_in_mid_run_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "waheal.log").symlink_to("/dev/full")
    with RunLog(tmp_path, clock=lambda: 0.0) as log:
        for _ in range(2):
            log.write(EVENTS[0])
