"""Tables for the commands beside send."""

import io
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC

import pytest
from rich.console import Console, RenderableType

from waheal.events import Running
from waheal.findings import Caution, Finding, Problem, fail, ok
from waheal.model import DeviceId, DeviceState, ExitCode, Phone, State
from waheal.records import Campaign, CampaignKind, Device, Suppression, Tally
from waheal.views.opening import PIPE_WIDTH, console_for
from waheal.views.summary import by_state, next_steps
from waheal.views.tables import (
    ConfigRow,
    campaign_status,
    config_table,
    devices_table,
    doctor_table,
    problems_table,
    status_table,
    suppressions_table,
)

NOW = 1_800_000_000.0
PHONE = Phone("+12025550100")


def drawn(thing: RenderableType, width: int = 200) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(thing)
    return out.getvalue()


def device(
    label: str,
    state: DeviceState = DeviceState.READY,
    reason: str | None = None,
    until: float | None = None,
) -> Device:
    paused = state is DeviceState.PAUSED
    return Device(DeviceId(label), None, PHONE, state, reason, until, NOW - 300, 12, NOW, paused)


def spring(last_run: float | None) -> tuple[Campaign, Tally]:
    counts = Counter({State.DELIVERED: 90, State.FAILED: 5, State.PENDING: 5})
    campaign = Campaign(
        1, "spring", "/spring.csv", None, NOW - 600, last_run, None, CampaignKind.CAMPAIGN
    )
    return campaign, Tally(counts)


def test_a_device_tells_its_state_its_quota_and_when_it_may_send() -> None:
    row = device("berlin-01")
    table = devices_table([row], now=NOW, daily=200, nexts={row.label: NOW + 3600}, zone=UTC)
    told = drawn(table)
    assert "+12025550100" in told
    assert "5 min ago" in told
    assert "12 of 200" in told
    assert "09:00" in told
    assert "1 device: 1 ready" in told


def test_a_quarantine_tells_why_and_whether_it_ends_by_itself() -> None:
    rows = [
        device("a", DeviceState.QUARANTINED, "banned"),
        device("b", DeviceState.QUARANTINED, "rate limited", NOW + 3600),
    ]
    told = drawn(devices_table(rows, now=NOW, zone=UTC))
    assert "quarantined: banned, needs you" in told
    assert "quarantined: rate limited, until 09:00" in told


def test_thousands_of_devices_can_be_cut_short_and_are_still_counted() -> None:
    rows = [device(f"berlin-{number:04}") for number in range(3000)]
    told = drawn(devices_table(rows, now=NOW, most=20))
    assert len(told.splitlines()) == 23
    assert "3,000 devices: 3,000 ready; the first 20 are shown" in told


def test_no_device_tells_how_to_get_one() -> None:
    assert "`waheal devices pair LABEL`" in drawn(devices_table([], now=NOW))


@pytest.mark.parametrize("width", [40, 80])
def test_a_label_is_never_cut_however_narrow_it_gets(width: int) -> None:
    row = device("a-rather-long-label", DeviceState.QUARANTINED, "banned")
    told = drawn(devices_table([row], now=NOW), width)
    assert "a-rather-long-label" in told
    assert all(len(line) <= width for line in told.splitlines())


def test_campaigns_tell_where_they_stand() -> None:
    told = drawn(status_table([spring(NOW - 300)], now=NOW, zone=UTC))
    assert "95 % of 100" in told
    assert "90 delivered, 5 pending, 5 failed" in told
    assert "2027-01-15 07:55 (5 min ago)" in told


def test_no_campaign_tells_how_to_begin() -> None:
    assert "waheal check" in drawn(status_table([], now=NOW))


def test_one_campaign_tells_each_state_and_what_to_do() -> None:
    told = drawn(campaign_status(*spring(None), now=NOW))
    assert "spring: 100 recipients, not sent yet" in told
    assert "waheal resolve spring --failed --resend" in told


def test_a_tally_lists_each_recipient_in_one_state() -> None:
    tally = Tally(Counter({state: number for number, state in enumerate(State, 1)}))
    assert sum(number for _, number, _ in by_state(tally)) == tally.total
    assert {state for state, _, _ in by_state(tally)} == set(State) - {State.SENDING}


def test_nothing_is_left_to_do_after_a_campaign_that_was_read() -> None:
    assert next_steps("spring", Tally(Counter({State.READ: 5}))) == []


def test_without_a_device_the_next_step_is_to_see_why() -> None:
    first, *_ = next_steps("spring", Tally(Counter({State.PENDING: 5})), ExitCode.NO_DEVICE)
    assert "waheal devices list" in first


def test_doctor_tells_hints_only_where_something_is_wrong() -> None:
    rows = [
        Finding("python", "Python", replace(ok("3.11"), hint="unneeded")),
        Finding("modes", "modes", fail("readable by all", "waheal doctor --fix")),
    ]
    told = drawn(doctor_table(rows))
    assert "unneeded" not in told
    assert "hint: waheal doctor --fix" in told
    assert "2 checks: 1 ok, 1 fail" in told


def test_problems_tell_row_column_what_and_how_to_mend() -> None:
    rows: list[Problem | Caution] = [
        Problem(1234, "phone", "can't be read", "write it with +"),
        Problem(None, None, "no phone column"),
        Caution(7, "expires", "gone by"),
    ]
    told = drawn(problems_table(rows, total=80))
    assert "1,234" in told
    assert "write it with +" in told
    assert "file" in told
    assert "warning: gone by" in told
    assert "and 77 more" in told


def test_what_a_file_says_can_not_move_the_cursor() -> None:
    told = drawn(problems_table([Problem(2, "na\x1b[2Jme", "odd \x1b[31m", "do \x07")]))
    assert "\x1b" not in told
    assert "\x07" not in told


def test_brackets_in_words_are_words() -> None:
    told = drawn(problems_table([Problem(2, "name", "[bold]not markup[/bold]", None)]))
    assert "[bold]not markup[/bold]" in told


def test_settings_tell_where_they_come_from() -> None:
    told = drawn(config_table([ConfigRow("rate", "20/min", "waheal.toml")]))
    assert "waheal.toml" in told


def test_suppressions_tell_since_when_and_how() -> None:
    listed = [
        Suppression(PHONE, None, NOW, "replied STOP"),
        Suppression(None, "4711@lid", NOW, "reply"),
    ]
    told = drawn(suppressions_table(listed, zone=UTC))
    assert "4711@lid" in told
    assert "2027-01-15 08:00" in told
    assert "replied STOP" in told
    assert "Nobody" in drawn(suppressions_table([]))


def test_a_pipe_gets_wide_lines_without_colour() -> None:
    console = console_for(io.StringIO())
    assert console.width == PIPE_WIDTH
    assert console.color_system is None
    assert sys.stdout is not console.file


def test_a_run_that_is_under_way_tells_how_it_goes_and_is_not_to_be_begun_again() -> None:
    made, tally = spring(NOW - 600.0)
    running = Running(4711, NOW - 600.0, 120, NOW + 1800.0)
    told = drawn(campaign_status(made, tally, now=NOW, zone=UTC, running=running))
    assert "running since" in told
    assert "120 messages in the last minute; about 30 min left, done" in told
    assert "run the same command again" not in told
