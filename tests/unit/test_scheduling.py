"""Orders that are placed at times: once over all machines, by one that has the file."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.kit.cluster import Cluster
from tests.kit.machines import campaign
from waheal.acts.orders import Reading, SendOrder
from waheal.acts.scheduling import Scheduled, missed, schedule, tick, unschedule
from waheal.acts.wishes import Bounds, Pacing
from waheal.acts.workspace import Workspace, open_home
from waheal.cluster.orders import Queues
from waheal.errors import LedgerLostError, UsageError
from waheal.model import ExitCode
from waheal.store.ledger import Ledger
from waheal.store.schema import VERSION

pytestmark = pytest.mark.cluster

EVERY_MINUTE = "* * * * *"
DAY = 86_400.0  # s
DUE = 3_600.0  # s: half an hour after the time that comes in half an hour
ALL = 3


class Two:
    """Paris and lyon, whose clocks a test sets; and the file of a campaign."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.file = campaign(folder, "news", ALL)
        self.ahead = 0.0  # s
        for name in ("paris", "lyon"):
            with cluster.once(cluster.home(name), name) as ledger:
                assert ledger.machines.mine
                schema = ledger.orders.queue_schema
        Queues(cluster.at, schema, 0, VERSION).make()

    def workspace(self, name: str = "paris") -> Workspace:
        return open_home(self.cluster.folder / name, ledger=self.cluster.at)

    @contextmanager
    def ledger(self, name: str = "paris") -> Iterator[Ledger]:
        with self.cluster.once(self.cluster.home(name)) as ledger:
            ledger._db.ahead = self.ahead
            yield ledger

    def keep(self, order: SendOrder | None = None, cron: str | None = None) -> Scheduled:
        """Keep an order, for half an hour from now and each day then, unless it is said."""
        at = datetime.now().astimezone() + timedelta(minutes=30)
        wanted = cron or f"{at.minute} {at.hour} * * *"
        return schedule(self.workspace(), order or SendOrder(self.file), wanted)

    def tick(self, name: str = "paris", *, again: bool = False) -> list[tuple[str, str]]:
        """Look whose time has come."""
        with self.ledger(name) as ledger:
            told = tick(self.workspace(name), ledger, again=again)
            return [(each.campaign, each.told) for each in told]

    def orders(self) -> list[str]:
        with self.ledger() as ledger:
            return [each.campaign for each in ledger.orders.all_open()]


@pytest.fixture
def two(cluster: Cluster, tmp_path: Path) -> Two:
    return Two(cluster, tmp_path)


def test_it_is_placed_once_at_each_time_whoever_looks(two: Two) -> None:
    kept = two.keep(SendOrder(two.file, pace=Pacing(rate=["20/min"])))
    assert 0 < kept.next_at - time.time() <= DUE
    assert two.tick("lyon") == []  # its time has not come
    two.ahead = DUE
    assert two.tick("lyon") == [("news", "ordered")]
    assert [two.tick("paris"), two.tick("lyon")] == [[], []]
    assert two.orders() == ["news"]
    with two.ledger() as ledger:
        (order,) = ledger.orders.all_open()
        assert '"20/min"' in order.wanted
        assert ledger.campaigns.tally(order.campaign_id).total == ALL
        (row,) = ledger.schedules.all()
        assert (row.machine, row.code, row.told) == (2, 0, "ordered")
        assert row.ended is not None


def test_an_order_that_is_open_gets_what_is_new_in_the_file(two: Two) -> None:
    two.keep()
    two.ahead = DUE
    two.tick()
    campaign(two.file.parent, "news", ALL + 2)
    two.ahead = DUE + DAY
    assert two.tick("lyon") == [("news", "ordered")]
    with two.ledger() as ledger:
        (order,) = ledger.orders.all_open()
        assert ledger.campaigns.tally(order.campaign_id).total == ALL + 2


def test_who_has_no_file_leaves_it_to_others_and_it_is_told_where_nobody_has(two: Two) -> None:
    two.keep()
    away = two.file.rename(two.file.with_suffix(".away"))
    two.ahead = DUE
    assert two.tick() == []
    with two.ledger() as ledger:
        (row,) = ledger.schedules.all()
        assert missed(row, time.time()) is None
        assert missed(row, time.time() + DUE) is not None
    away.rename(two.file)
    assert two.tick("lyon") == [("news", "ordered")]


def test_of_times_that_were_missed_the_latest_is_made_up_for_within_an_hour(two: Two) -> None:
    two.keep()
    two.ahead = DUE + 3 * DAY  # half an hour late
    assert two.tick() == [("news", "ordered")]
    assert two.tick() == []
    two.ahead += DAY + 2400.0  # more than an hour
    assert two.tick() == []


def test_what_a_machine_was_killed_over_it_does_again(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise LedgerLostError("the server is gone")

    two.keep()
    two.ahead = DUE
    with monkeypatch.context() as patched:
        patched.setattr("waheal.acts.scheduling.Sending", cut_off)
        with pytest.raises(LedgerLostError):
            two.tick()
    assert [two.tick("lyon"), two.tick("lyon", again=True), two.tick()] == [[], [], []]
    assert two.tick(again=True) == [("news", "ordered")]


def test_what_stands_in_the_way_is_told(two: Two) -> None:
    two.keep()
    two.file.write_text("phone,message\nnobody,hi\n")
    two.ahead = DUE
    ((_, told),) = two.tick()
    with two.ledger() as ledger:
        (row,) = ledger.schedules.all()
    assert (row.code, row.told) == (ExitCode.USAGE, told)
    assert told != "ordered"


@pytest.mark.parametrize(("said", "by_now"), [("show_numbers", "show"), ("pace", "speed")])
def test_what_another_version_kept_is_told_and_the_others_go_on(
    two: Two, said: str, by_now: str
) -> None:
    kept = two.keep().schedule
    two.keep(SendOrder(two.file, name="other"))
    older = kept.wanted.replace(f'"{said}"', f'"{by_now}"')
    assert older != kept.wanted
    with two.ledger() as ledger:
        ledger.schedules.keep(kept.campaign, kept.cron, kept.zone, older)
    two.ahead = DUE
    told = dict(two.tick())
    assert "another version of waheal" in told.pop("news")
    assert (told, two.orders()) == ({"other": "ordered"}, ["other"])


def test_it_is_ordered_no_more_once_it_is_unscheduled(two: Two) -> None:
    two.keep()
    unschedule(two.workspace("lyon"), "news")
    two.ahead = DUE
    assert two.tick() == []
    with pytest.raises(UsageError, match="has no schedule"):
        unschedule(two.workspace(), "news")


def test_the_next_of_a_campaign_takes_the_place_of_the_last(two: Two) -> None:
    two.keep()
    two.keep(cron="0 9 * * 1-5")
    with two.ledger() as ledger:
        assert [each.cron for each in ledger.schedules.all()] == ["0 9 * * 1-5"]


@pytest.mark.parametrize(
    ("order", "cron", "told"),
    [
        (SendOrder(Path("n.csv")), "61 * * * *", "no cron expression"),
        (SendOrder(Path("n.csv")), "* * * * * *", "no cron expression"),
        (SendOrder(Path("n.csv")), "0 9 31 2 *", "no cron expression"),
        (SendOrder(Path("n.csv"), test_to="+12025550100"), EVERY_MINUTE, "--test-to"),
        (SendOrder(Path("n.csv"), bounds=Bounds(start="09:00")), EVERY_MINUTE, "--start"),
        (SendOrder(Path("n.csv"), bounds=Bounds(limit=5, until="x")), EVERY_MINUTE, "--until"),
    ],
)
def test_what_can_not_come_again_is_refused(
    two: Two, order: SendOrder, cron: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        two.keep(order, cron)


def test_all_that_was_asked_for_is_kept(two: Two, tmp_path: Path) -> None:
    template = tmp_path / "t.txt"
    template.write_text("Hello {{ name }}")
    two.keep(
        SendOrder(
            two.file, "october", Reading(region="US", template=template), skip_bad_rows=True,
            bounds=Bounds(limit=2, max_runtime="2h"),
        )
    )  # fmt: skip
    two.file.write_text("phone,name\n+12025550100,Ann\n")
    two.ahead = DUE
    assert two.tick() == [("october", "ordered")]
    with two.ledger() as ledger:
        (order,) = ledger.orders.all_open()
        (row,) = ledger.recipients.rows(order.campaign_id)
    assert row.text == "Hello Ann"
    assert '"limit": 2' in order.wanted
