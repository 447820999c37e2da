import json
import stat
from pathlib import Path

from waheal.cli import logs
from waheal.cli.logs import LogView
from waheal.events import Claimed, Event, RunStarted, Settled
from waheal.model import DeviceId, Phone, State

PHONE = Phone("+447700900123")
EVENTS: tuple[Event, ...] = (
    RunStarted("news", 3, 3, 2),
    Claimed(PHONE, DeviceId("shop")),
    Settled(PHONE, DeviceId("shop"), State.FAILED, 2, None, "no LID found for 447700900123"),
)


def written(folder: Path, *, show_numbers: bool = False) -> list[dict[str, object]]:
    with LogView(folder, clock=lambda: 0.0, show_numbers=show_numbers) as log:
        for event in EVENTS:
            log.show(event)
    return [json.loads(line) for line in (folder / "waheal.log").read_text().splitlines()]


def test_each_line_carries_campaign_device_and_attempt_and_no_number(tmp_path: Path) -> None:
    started, settled = written(tmp_path)
    assert (started["event"], started["at"]) == ("run_started", "1970-01-01T00:00:00.000Z")
    assert (settled["campaign"], settled["device"], settled["attempt"]) == ("news", "shop", 2)
    assert settled["phone"] == "+4477•••0123"
    assert settled["reason"] == "no LID found for …23"


def test_whole_numbers_are_written_on_request(tmp_path: Path) -> None:
    assert written(tmp_path, show_numbers=True)[1]["phone"] == PHONE


def test_a_large_log_is_rotated_and_the_oldest_goes(tmp_path: Path) -> None:
    large = b"x" * (logs._LARGEST + 1)
    for _ in range(logs._KEPT + 2):
        (tmp_path / "waheal.log").write_bytes(large)
        written(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["waheal.log", *(f"waheal.log.{number}" for number in range(1, 6))]
    assert (tmp_path / "waheal.log").stat().st_size < len(large)


def test_a_log_that_can_not_be_written_stops_nothing(tmp_path: Path) -> None:
    with LogView(tmp_path / "missing", clock=lambda: 0.0) as log:
        log.show(EVENTS[0])
    assert stat.S_ISDIR(tmp_path.stat().st_mode)


def test_a_disk_that_fills_up_in_mid_run_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "waheal.log").symlink_to("/dev/full")
    with LogView(tmp_path, clock=lambda: 0.0) as log:
        for _ in range(2):
            log.show(EVENTS[0])
