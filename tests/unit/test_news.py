"""What one process changes in the ledger, and the runs of others heed: opt-outs, pauses, stops."""

from collections.abc import Callable, Iterator

import pytest

from tests.kit.ledgers import ANNA, NOW, ONE, jid_of, on_both, open_ledger, row, start
from waheal.chat_records import ChatLimits
from waheal.model import ChatHold, Quarantine
from waheal.policy.chat_limits import guess
from waheal.store.database import ALL_NEWS, News
from waheal.store.home import Home
from waheal.store.ledger import Ledger

pytestmark = on_both


@pytest.fixture
def other(home: Home, ledger: Ledger) -> Iterator[Ledger]:
    with open_ledger(home) as opened:
        yield opened
    assert ledger.marks.get("which") == 0


def told(ledger: Ledger, other: Ledger, write: Callable[[Ledger], object]) -> frozenset[News]:
    """Let another process write in a run's turn; tell what this one hears of it."""
    ledger.changed()
    with other.turn():
        write(other)
    ledger.marks.get("which")  # any answer brings what came meanwhile
    return ledger.changed()


def test_an_opt_out_is_told(ledger: Ledger, other: Ledger) -> None:
    news = told(ledger, other, lambda by: by.people.suppress(ANNA, NOW, source="reply"))
    assert News.OPT_OUTS in news


@pytest.mark.parametrize(
    "write",
    [
        lambda by: by.devices.pause(ONE),
        lambda by: by.devices.quarantine(ONE, Quarantine.BANNED, None, NOW),
        lambda by: by.devices.release(ONE),
        lambda by: by.chats.keep(ONE, guess(ChatLimits(), ChatHold.REFUSED, NOW)),
    ],
)
def test_what_holds_a_device_or_lets_it_go_is_told(
    ledger: Ledger, other: Ledger, write: Callable[[Ledger], object]
) -> None:
    ledger.devices.add(ONE, jid_of(ONE), ANNA, NOW)
    ledger.devices.quarantine(ONE, Quarantine.REPLACED, None, NOW)
    assert News.DEVICES in told(ledger, other, write)


def test_a_stop_is_told_and_counted(ledger: Ledger, other: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    for asked in (1, 2):
        assert News.STOPS in told(ledger, other, lambda by: by.campaigns.ask_to_stop(campaign.id))
        assert ledger.campaigns.stops(campaign.id) == asked
    assert ledger.campaigns.stops(campaign.id + 1) == 0


def test_what_is_taken_back_is_not_told_with_the_next(ledger: Ledger, other: Ledger) -> None:
    def write() -> None:
        with other.turn():
            other.people.suppress(ANNA, NOW, source="reply")
            raise RuntimeError

    ledger.changed()
    with pytest.raises(RuntimeError):
        write()
    ledger.marks.get("which")
    assert not ledger.changed()


def test_outside_of_a_turn_all_of_it_may_have_changed(ledger: Ledger, other: Ledger) -> None:
    ledger.changed()
    other.notes.set("a note", "of anybody's")
    ledger.marks.get("which")
    assert ledger.changed() == ALL_NEWS
