"""The network as a whole: gone for a while, or silent."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.kinds import every_kind
from tests.faults.scenes import settings
from tests.kit.kinds import PREVIEW, Say
from tests.kit.rig import Rig, rig
from waheal.events import Paused, Settled
from waheal.model import ExitCode, MessageKind, State
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

_TAKEN = frozenset({State.SENT, State.DELIVERED})


def through(made: Rig, fault: FaultOrder, say: Say) -> tuple[set[State], float]:
    """Order a fault once the run is under way; what became of all, and how long it took.

    Whoever was in mid-send at that moment may be in doubt; nobody is doubled, nobody dropped.
    """
    recipients = made.enroll(100, say=say)
    running = made.start(settings(made))
    running.wait_for(lambda event: isinstance(event, Settled))
    ordered = time.monotonic()
    made.control.faults.order(fault)
    running.finish()
    took = time.monotonic() - ordered
    states, texts = made.states(), made.texts()
    for phone in recipients:
        copies = len(texts.get(phone, []))
        assert copies <= 1
        assert states[phone] not in _TAKEN or copies == 1
    return set(states.values()), took


@every_kind(also=MessageKind.MEDIA)
def test_a_server_that_is_gone_for_a_while_is_found_again(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=3) as made:
        states, took = through(made, FaultOrder(FaultKind.SERVER_GONE, seconds=3.0), say)
        assert states <= {State.DELIVERED, State.UNCERTAIN}
        table.tell(
            table.Row(
                "server gone for 3 s",
                "delivered; those in mid-send delivered or uncertain",
                "each at most once, and once where it says delivered",
                f"{took:.1f} s for 100 messages",
            )
        )


@every_kind(also=MessageKind.POLL)
def test_a_server_that_stays_away_ends_the_run_with_a_word(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=5) as made:
        recipients = made.enroll(60, say=say)
        running = made.start(replace(settings(made), no_device_wait=12.0))
        running.wait_for(lambda event: isinstance(event, Settled))
        made.server.stop()
        finished, events = running.finish(), running.events
        assert finished.exit_code is ExitCode.NO_DEVICE
        assert finished.stop is not None
        assert finished.stop.reason.startswith("no device can send: WhatsApp unreachable since ")
        told = [each.reason for each in events if isinstance(each, Paused)]
        assert all("; next try " in each and "; gives up " in each for each in told[:-1])
        assert State.PENDING in made.states().values()
        made.server.start()
        made.start(settings(made)).finish()
        texts = made.texts()
        assert State.PENDING not in made.states().values()
        assert all(len(texts.get(phone, [])) <= 1 for phone in recipients)
        table.tell(
            table.Row(
                "server gone for longer than three minutes",
                "pending; those in mid-send pending, delivered or uncertain; the next run goes on",
                "each at most once",
                "the run says since when, when it tries again and when it gives up; then ends: 10",
            )
        )


@every_kind(also=PREVIEW)
def test_a_black_hole_for_everyone_delays_and_doubles_nothing(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=3) as made:
        states, took = through(made, FaultOrder(FaultKind.BLACK_HOLE, seconds=4.0), say)
        assert states == {State.DELIVERED}
        table.tell(
            table.Row(
                "network black-holed for everyone, for 4 s",
                "delivered, attempt 1",
                "each once",
                f"{took:.1f} s for 100 messages",
            )
        )
