"""Claims: what pace, hours, frequency, limits and the ledger leave over."""

from dataclasses import replace
from math import inf
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.kit.ledgers import NOW, jid_of, start
from tests.kit.stage import CAMPAIGN, ONE, TWO, Stage, phone
from waheal.engine.claims import Claims, Taken
from waheal.engine.roster import Ending
from waheal.engine.settings import RunSettings
from waheal.events import DeviceQuarantined, Settled
from waheal.model import Content, Planned, Quarantine, State
from waheal.policy.pacing import DAY, Limits
from waheal.policy.windows import MIDNIGHT, Hours, Window, parse_window
from waheal.store.sessions import Sessions

SETTINGS = RunSettings(CAMPAIGN)
ROOM = 64


class Scene:
    """Claims over a real ledger; `take` at any time."""

    def __init__(self, made: Stage, sessions: Sessions, settings: RunSettings) -> None:
        campaign = made.ledger.campaigns.find(CAMPAIGN)
        assert campaign is not None
        chance = Random(0)  # noqa: S311 - jitter
        hours = Hours(settings.window, ZoneInfo("UTC")) if settings.window else None
        self.made = made
        self.roster = made.roster(settings)
        chats = made.new_chats(settings)
        self.claims = Claims(
            made.ledger.work, made.ledger.history, chats, sessions, campaign,
            self.roster, settings, hours, boot="boot", random=chance,
        )  # fmt: skip

    def take(self, now: float = NOW, room: int = ROOM) -> Taken:
        with self.made.ledger.transaction():
            return self.claims.take(now, room, lambda number: f"host-{number}.log")


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE, TWO)
    return made


def test_as_many_are_claimed_as_devices_may_have(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    taken = Scene(made, sessions, SETTINGS).take()
    assert len(taken.won) == 4
    assert made.ledger.campaigns.tally(made.campaign)[State.SENDING] == 4
    assert {won.claim.jid for won in taken.won} == {jid_of(ONE), jid_of(TWO)}
    assert len({won.claim.witness for won in taken.won}) == 4


def test_no_more_than_there_is_room_for(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    assert len(Scene(made, sessions, SETTINGS).take(room=3).won) == 3


def test_no_more_than_the_limit_of_the_run(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    scene = Scene(made, sessions, replace(SETTINGS, limit=1))
    assert len(scene.take().won) == 1
    assert scene.claims.used_up
    assert scene.take().won == ()


def test_the_total_rate_holds_over_all_devices(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    limits = Limits(total_per_minute=3, burst=True)
    scene = Scene(made, sessions, replace(SETTINGS, limits=limits))
    assert len(scene.take().won) == 3
    assert scene.claims.next_moment(NOW) is None  # they may leave at any time
    for _ in range(3):
        scene.roster.total.landed(NOW, NOW + 2.0)
    assert scene.claims.next_moment(NOW) == NOW + 62.0


def test_a_total_rate_is_spread_over_all_devices(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    scene = Scene(made, sessions, replace(SETTINGS, limits=Limits(total_per_minute=20)))
    assert len(scene.take().won) in {1, 2}  # chance decides whether one more is made up for
    moment = scene.claims.next_moment(NOW)
    assert moment is not None
    assert NOW < moment < NOW + 4.0
    assert scene.claims.paced(NOW)


def test_a_total_rate_says_when_it_allows_the_next_though_rows_are_due_later(
    made: Stage, sessions: Sessions
) -> None:
    made.enroll(
        Planned(2, phone(0), Content("a")),
        Planned(3, phone(1), Content("b")),
        Planned(4, phone(2), Content("tomorrow"), not_before=NOW + DAY),
    )
    scene = Scene(made, sessions, replace(SETTINGS, limits=Limits(total_per_minute=1)))
    scene.take()
    scene.roster.total.landed(NOW, NOW)
    assert scene.claims.next_moment(NOW) == NOW + 60.0


def test_a_device_rests_by_its_pace(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    scene = Scene(made, sessions, replace(SETTINGS, limits=Limits(gap=7.0)))
    won = scene.take().won
    assert len({each.member.device for each in won}) == 2
    assert scene.claims.next_moment(NOW) is None  # the next one counts from when these have left
    assert scene.take().won == ()
    for each in won:
        scene.roster.landed(each.member, NOW, NOW + 2.0, Ending(left=True), new_chat=False)
    assert scene.claims.next_moment(NOW + 2.0) == NOW + 9.0
    assert scene.claims.paced(NOW + 2.0)


def test_a_call_that_is_cut_loose_holds_its_device_until_it_is_over(
    made: Stage, sessions: Sessions
) -> None:
    made.people(10)
    scene = Scene(made, sessions, replace(SETTINGS, limits=Limits(gap=7.0)))
    first, _ = scene.take().won
    cut = Ending(left=True, over=False)
    scene.roster.landed(first.member, NOW, NOW + 90.0, cut, new_chat=False)
    assert scene.claims.next_moment(NOW + 90.0) is None
    end = Ending(left=True)
    scene.roster.landed(first.member, NOW, NOW + 95.0, end, new_chat=False, claims=0)
    assert scene.claims.next_moment(NOW + 95.0) == NOW + 102.0


def test_what_a_server_refused_counts_as_sent(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    scene = Scene(made, sessions, replace(SETTINGS, limits=Limits(gap=7.0)))
    refused, unsent = scene.take().won
    scene.roster.landed(
        refused.member, NOW, NOW + 1.0, Ending(left=False, counts=True), new_chat=False
    )
    scene.roster.landed(unsent.member, NOW, NOW + 1.0, Ending(left=False), new_chat=False)
    assert refused.member.opens(NOW + 1.0) == NOW + 8.0
    assert unsent.member.opens(NOW + 1.0) == NOW + 1.0


def test_a_day_is_spread_over_its_window(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    hours = Window(0, MIDNIGHT - 1)
    limits = Limits(per_day=10)
    scene = Scene(made, sessions, replace(SETTINGS, limits=limits, window=hours))
    for each in scene.take().won:
        scene.roster.landed(each.member, NOW, NOW, Ending(left=True), new_chat=False)
    moment = scene.claims.next_moment(NOW)
    assert moment is not None
    assert moment > NOW + 60.0


def test_outside_the_window_recipients_wait_until_it_opens(made: Stage, sessions: Sessions) -> None:
    made.people(3)
    window = parse_window("09:00-10:00")  # NOW is 22:13 UTC
    scene = Scene(made, sessions, replace(SETTINGS, window=window))
    assert scene.take().won == ()
    moment = scene.claims.next_moment(NOW)
    assert moment is not None
    assert moment > NOW
    assert len(scene.take(moment).won) == 0  # until the run looks again
    scene.roster.scheduler.refresh()
    (first, *_) = scene.take(moment).won
    assert first.not_after is not None
    assert moment < first.not_after <= moment + 3600.0


def test_nothing_leaves_past_its_expiry_or_the_windows_end(made: Stage, sessions: Sessions) -> None:
    made.enroll(Planned(2, phone(0), Content("a"), expires=NOW + 30.0))
    scene = Scene(made, sessions, replace(SETTINGS, window=Window()))
    (won,) = scene.take().won
    assert won.not_after == NOW + 30.0


def test_whoever_was_written_to_often_enough_waits(made: Stage) -> None:
    made.people(1)
    made.play()
    other = made.ledger.campaigns.open("other", "/other.csv", NOW)
    made.ledger.enrolment.enroll(
        other.id, [Planned(2, phone(0), Content("again"))], now=NOW, digest=None
    )
    limits = Limits(per_recipient=(1, DAY))
    finished = made.finish(RunSettings("other", limits=limits))
    assert finished.tally[State.PENDING] == 1
    assert made.left == {phone(0): 1}


def test_whoever_opted_out_is_dropped_and_makes_room(made: Stage, sessions: Sessions) -> None:
    made.people(10)
    scene = Scene(made, sessions, SETTINGS)
    for number in (0, 1, 5, 6):  # the first ones of either device
        made.ledger.people.suppress(phone(number), NOW, source="operator")
    taken = scene.take()
    assert taken.won == ()
    assert scene.claims.more
    told = [event.state for event in taken.events if isinstance(event, Settled)]
    assert told == [State.SUPPRESSED] * 4
    assert len(scene.take().won) == 4


def test_a_claim_tells_who_comes_next_and_only_the_first_of_those_dealt_together_does(
    made: Stage, sessions: Sessions
) -> None:
    made.people(12)
    taken = Scene(made, sessions, SETTINGS).take()
    by_device = {device: [won for won in taken.won if won.member.device == device]
                 for device in (ONE, TWO)}  # fmt: skip
    for first, second in by_device.values():
        assert [who for who, _ in first.ahead][:1] == [second.claim.phone]
        assert len(first.ahead) == 5
        assert second.ahead == ()


def test_nobody_is_looked_up_who_would_not_be_sent_to(made: Stage, sessions: Sessions) -> None:
    made.people(12)
    scene = Scene(made, sessions, SETTINGS)
    for number in (2, 3, 8):
        made.ledger.people.suppress(phone(number), NOW, source="operator")
    ahead = {who for won in scene.take().won for who, _ in won.ahead}
    assert ahead.isdisjoint({phone(2), phone(3), phone(8)})
    assert len(ahead) == 7  # of twelve, less three, and the first claim of either device


def test_who_must_wait_for_their_hours_is_not_looked_up(made: Stage, sessions: Sessions) -> None:
    start(
        made.ledger,
        *(
            Planned(number + 2, phone(number), Content("a"), zone=zone)
            for number, zone in enumerate(["UTC", "UTC", "Asia/Tokyo", "UTC"] * 2)
        ),
    )
    hour = int(NOW % 86_400 // 3_600)
    window = parse_window(f"{hour:02}:00-{hour + 1:02}:00")
    taken = Scene(made, sessions, replace(SETTINGS, window=window)).take()
    ahead = {who for won in taken.won for who, _ in won.ahead}
    assert ahead == {phone(number) for number in (1, 3, 5, 7)} - {taken.won[0].claim.phone}


def test_what_was_dropped_uses_up_no_pace(made: Stage, sessions: Sessions) -> None:
    made.people(4)
    made.ledger.people.suppress(phone(0), NOW, source="operator")
    scene = Scene(made, sessions, replace(SETTINGS, limits=Limits(total_per_minute=1)))
    assert scene.take().won == ()
    assert len(scene.take().won) == 1


def test_nor_that_of_its_device(made: Stage, sessions: Sessions) -> None:
    made.people(4)
    made.ledger.people.suppress(phone(0), NOW, source="operator")
    scene = Scene(made, sessions, replace(SETTINGS, limits=Limits(per_minute=1)))
    assert len(scene.take().won) == 1
    members = scene.roster.scheduler.members.values()
    assert sorted(member.pace.allowed_at(NOW) for member in members) == [NOW, inf]
    assert len(scene.take().won) == 1  # the device whose claim was dropped
    assert scene.take().won == ()


def test_a_device_without_its_session_is_quarantined(made: Stage, sessions: Sessions) -> None:
    made.people(4)
    made.sessions.conn.execute("DELETE FROM whatsmeow_device WHERE jid = ?", (jid_of(ONE),))
    scene = Scene(made, sessions, SETTINGS)
    taken = scene.take()
    assert [won.claim.device for won in taken.won] == [TWO, TWO]
    assert DeviceQuarantined(ONE, Quarantine.NO_SESSION, None) in taken.events


def test_without_a_usable_device_only_its_return_is_waited_for(
    made: Stage, sessions: Sessions
) -> None:
    made.enroll(Planned(2, phone(0), Content("soon"), not_before=NOW + 10.0))
    made.ledger.devices.quarantine(ONE, Quarantine.LOGGED_OUT, None, NOW)
    made.ledger.devices.quarantine(TWO, Quarantine.BANNED, NOW + 99.0, NOW)
    scene = Scene(made, sessions, SETTINGS)
    assert scene.claims.next_moment(NOW) == NOW + 99.0
    made.ledger.devices.pause(TWO)
    made.ledger.devices.release(TWO)
    assert Scene(made, sessions, SETTINGS).claims.next_moment(NOW) is None


def test_a_row_of_later_is_waited_for(made: Stage, sessions: Sessions) -> None:
    made.enroll(Planned(2, phone(0), Content("soon"), not_before=NOW + 10.0))
    scene = Scene(made, sessions, SETTINGS)
    assert scene.take().won == ()
    assert scene.claims.next_moment(NOW) == NOW + 10.0
