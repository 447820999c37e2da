"""Every figure that is told of a campaign is what its tables hold, whatever happened to it.

The tables are read once more here, row by row and by nothing of the product, and counted the slow
and plain way.
"""

import csv
import io
import re
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from rich.console import Console

from tests.kit.ledgers import NOW, ONE, TWO, file_of, jid_of, open_home, want
from waheal.acts.metrics import Measured, openmetrics
from waheal.acts.report import export, results
from waheal.acts.status import status
from waheal.acts.workspace import Workspace
from waheal.correspondents import SentBack
from waheal.documents import campaign_fields, poll_fields, results_fields
from waheal.model import Content, DeviceId, Phone, Planned, ReceiptKind, ReplyKind, State
from waheal.reckoning.summing import STEPS, Delay, Results
from waheal.records import BY_REPLY, Claim, Leftover, Resolution
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.views.html import render_report
from waheal.views.report import report

PEOPLE = [Phone(f"+1202555010{number}") for number in range(7)]
NAMES = ("spring", "summer")
ENDINGS = (
    State.SENT, State.SENT, State.SENT, State.FAILED, State.UNCERTAIN, State.PENDING, State.EXPIRED,
)  # fmt: skip
REASONS = ("not on WhatsApp", "refused (420)", None)


@dataclass(frozen=True)
class Happening:
    """Something that befalls a campaign or some of its people, so many seconds after the last."""

    what: str
    which: int  # of the claims so far, or of the people
    how: int
    after: float


happenings = st.lists(
    st.builds(
        Happening,
        st.sampled_from(
            ["claim", "claim", "settle", "settle", "delivered", "read", "reply", "stop", "retry",
             "start", "resolve", "forget", "pause"]
        ),
        st.integers(0, 30),
        st.integers(0, 12),
        st.sampled_from([0.0, 0.25, 1.0, 40.0, 3_600.0, 90_000.0]),
    ),
    max_size=60,
)  # fmt: skip


class Story:
    """A home with two campaigns of the same people, to which things happen."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self.now = NOW
        self.claims: list[Claim] = []
        file_of(ledger).conn.execute("PRAGMA synchronous = OFF")  # no power is lost here
        for device in (ONE, TWO):
            ledger.devices.add(device, jid_of(device), None, NOW)
        self.campaigns = [
            ledger.campaigns.open(name, str(folder / f"{name}.csv"), NOW) for name in NAMES
        ]
        for campaign in self.campaigns:
            rows = [Planned(row, who, Content(f"Hi {row}")) for row, who in enumerate(PEOPLE, 2)]
            ledger.enrolment.enroll(campaign.id, rows, now=NOW, digest="d")

    def happens(self, happening: Happening) -> None:
        self.now += happening.after
        which, how = happening.which, happening.how
        match happening.what:
            case "claim":
                self._claim(self.campaigns[how % 2], DeviceId((ONE, TWO)[which % 2]), 1 + how // 4)
            case "start":
                self.ledger.people.unsuppress(PEOPLE[which % 7])
            case "pause":
                self.ledger.devices.pause(DeviceId((ONE, TWO)[which % 2]), paused=how % 2 == 0)
            case "resolve":
                self.ledger.leftovers.resolve(
                    self.campaigns[how % 2].id,
                    which=list(Leftover)[which % 3],
                    how=list(Resolution)[how // 2 % 2],
                    now=self.now,
                )
            case "forget":
                self._forget(PEOPLE[which % 7])
            case what if self.claims:
                first = which % len(self.claims)
                for place, claim in enumerate(self.claims[first : first + 1 + how % 5]):
                    self.now += 0.5
                    self._befalls(what, claim, how + place)

    def _claim(self, campaign: object, device: DeviceId, most: int) -> None:
        found = next(each for each in self.campaigns if each == campaign)
        due = self.ledger.work.due(found.id, None, self.now, most)
        wants = [want(each.delivery, device, f"{each.phone[1:]}0@lid") for each in due]
        claims, _ = self.ledger.work.claim(found, wants, now=self.now)
        self.claims += claims

    def _befalls(self, what: str, claim: Claim, how: int) -> None:
        message_id = f"M{claim.delivery}.{claim.attempt}"
        match what:
            case "settle":
                self.ledger.outcomes.settle(
                    claim.delivery,
                    claim.attempt,
                    ENDINGS[how % len(ENDINGS)],
                    now=self.now,
                    message_id=message_id,
                    reason=REASONS[how % 3],
                )
            case "reply":
                self._reply(claim, how)
            case "stop":
                self._reply(claim, how)
                source = (BY_REPLY, "operator")[how % 2]
                self.ledger.people.suppress(claim.phone, self.now, source=source)
                self.ledger.people.suppress_pending([claim.phone], self.now)
            case _:
                self.ledger.outcomes.receipt(
                    claim.device, [message_id], ReceiptKind(what), self.now
                )

    def _reply(self, claim: Claim, how: int) -> None:
        """Reply to any of the messages that reached them; some opt out and are not heard."""
        reached = self.ledger.replies.written(claim.phone, None)
        for to in reached[how % 3 : how % 3 + 1]:
            told = f"R{claim.delivery}.{how}.{self.now}"
            self.ledger.replies.add(
                to, SentBack(claim.device, ReplyKind.TEXT, self.now - how, told)
            )

    def _forget(self, phone: Phone) -> None:
        states = {each.state for id_ in (1, 2) for each in self.ledger.recipients.rows(id_)
                  if each.phone == phone}  # fmt: skip
        if not states & {State.SENDING, State.UNCERTAIN}:
            self.ledger.people.forget(phone, self.now)


@contextmanager
def told(history: Sequence[Happening]) -> Iterator[tuple[Workspace, Home]]:
    """Let it all happen, to the ledger of a home that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        home = open_home(Path(name))
        for campaign in NAMES:
            with (Path(name) / f"{campaign}.csv").open("w", newline="") as file:
                rows = [(who, "AB"[row % 2]) for row, who in enumerate(PEOPLE)]
                csv.writer(file).writerows([("phone", "half"), *rows[:-1]])
        with Ledger.open(home) as ledger:
            story = Story(ledger, Path(name))
            for each in history:
                story.happens(each)
        yield Workspace(home.root), home


@dataclass(frozen=True)
class Person:
    """A recipient as the tables have them, put together here."""

    delivery: sqlite3.Row
    attempt: dict[str, object]
    replied: float | None
    opted_out: float | None

    @property
    def steps(self) -> int:
        states = {"sent": 1, "delivered": 2, "read": 3}
        if self.opted_out is not None:
            return 5
        return 4 if self.replied is not None else states.get(self.delivery["state"], 0)


def people_in(home: Home, name: str) -> list[Person]:
    """Read a campaign's people off the tables."""
    with closing(sqlite3.connect(home.ledger_path)) as conn:
        conn.row_factory = sqlite3.Row
        tables = {
            table: conn.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - constants
            for table in ("campaigns", "deliveries", "attempts", "replies", "suppressions")
        }
    (campaign,) = (each["id"] for each in tables["campaigns"] if each["name"] == name)
    own = [each for each in tables["deliveries"] if each["campaign_id"] == campaign]
    return [_person(each, tables) for each in sorted(own, key=lambda each: each["row"])]


def _person(delivery: sqlite3.Row, tables: dict[str, list[sqlite3.Row]]) -> Person:
    tries = [each for each in tables["attempts"] if each["delivery_id"] == delivery["id"]]
    last = [dict(each) for each in tries if each["attempt"] == delivery["attempt"]]
    back = [each["at"] for each in tables["replies"] if each["delivery_id"] == delivery["id"]]
    attempt: dict[str, object] = last[0] if last else {}
    others = {
        each["id"]
        for each in tables["deliveries"]
        if each["id"] != delivery["id"] and _same(each, delivery)
    }
    outs = [
        each["since"]
        for each in tables["suppressions"]
        if back and _same(each, delivery) and _before(attempt["claimed"], each["since"])
        and not any(
            other["delivery_id"] in others and other["reached"]
            and _before(attempt["claimed"], other["claimed"], each["since"])
            and other["claimed"] != attempt["claimed"]
            for other in tables["attempts"]
        )
    ]  # fmt: skip
    return Person(delivery, attempt, back[0] if back else None, min(outs, default=None))


def _same(one: sqlite3.Row, other: sqlite3.Row) -> bool:
    return bool(one["phone"] == other["phone"] or (one["lid"] and one["lid"] == other["lid"]))


def _before(*moments: object) -> bool:
    known = [float(str(each)) for each in moments]
    return known == sorted(known)


@given(happenings)
def test_what_is_told_is_what_the_tables_hold(history: list[Happening]) -> None:
    with told(history) as (workspace, home):
        for name in NAMES:
            people = people_in(home, name)
            found = results(workspace, name, by="half")
            _the_sums_agree(found, people)
            _the_devices_and_variants_agree(found, people)
            _the_others_agree(workspace, home, name, people)
            _the_pages_agree(found, people)


def _the_sums_agree(found: Results, people: Sequence[Person]) -> None:
    states = Counter(each.delivery["state"] for each in people)
    assert {state.value: number for state, number in found.tally.counts.items()} == states
    steps = [sum(each.steps > step for each in people) for step in range(5)]
    assert list(found.steps) == steps
    assert found.tally.replied == sum(each.replied is not None for each in people)
    assert found.tally.unreadable == sum(each.delivery["unreadable"] for each in people)
    failed = [each.delivery for each in people if each.delivery["state"] == "failed"]
    assert dict(found.failures) == Counter(each["reason"] or "no reason given" for each in failed)
    assert found.to_delivered == _delay(people, "delivered")
    assert found.to_read == _delay(people, "read")
    ends = dict(zip(STEPS, steps, strict=True)) | {"failed": states["failed"] + states["uncertain"]}
    lines = {} if found.curves is None else found.curves.lines
    for line in ("sent", "delivered", "read", "replied", "failed"):
        assert lines.get(line, (0,))[-1] == ends[line]
        assert list(lines.get(line, ())) == sorted(lines.get(line, ()))


def _delay(people: Sequence[Person], step: str) -> Delay | None:
    took = sorted(
        max(0.0, float(str(each.attempt[step])) - float(str(each.attempt["ended"])))
        for each in people
        if each.steps and each.attempt.get(step) and each.attempt.get("ended")
    )
    if not took:
        return None
    return Delay(len(took), took[ceil(len(took) / 2) - 1], took[ceil(len(took) * 0.9) - 1])


def _the_devices_and_variants_agree(found: Results, people: Sequence[Person]) -> None:
    lines = {line.device: line for line in found.devices}
    assert set(lines) == {each.attempt["device"] for each in people if each.attempt}
    for device, line in lines.items():
        own = [each for each in people if each.attempt.get("device") == device]
        assert list(line.steps) == [sum(each.steps > step for each in own) for step in range(5)]
        assert line.failed == sum(each.delivery["state"] == "failed" for each in own)
        assert line.uncertain == sum(each.delivery["state"] == "uncertain" for each in own)
    assert found.comparison is not None
    halves = {each.value: each for each in found.comparison.variants}
    known = dict(zip(PEOPLE[:-1], "ABABAB", strict=True))
    for half in "AB":
        own = [each for each in people if known.get(each.delivery["phone"]) == half]
        if not own:
            assert half not in halves
            continue
        sent, *parts = (sum(each.steps > step for each in own) for step in range(5))
        assert (halves[half].total, halves[half].sent) == (len(own), sent)
        assert list(halves[half].parts) == parts
    assert found.comparison.unknown == sum(each.delivery["phone"] not in known for each in people)


def _the_others_agree(
    workspace: Workspace, home: Home, name: str, people: Sequence[Person]
) -> None:
    states = Counter(each.delivery["state"] for each in people)
    standing = status(workspace, name)
    fields = campaign_fields(standing.campaign, standing.tally)
    document = results_fields(results(workspace, name))
    votes = poll_fields(standing.poll.votes, standing.poll.voters)
    assert votes == {name: document[name] for name in votes}
    for state in State:
        assert fields[state.value] == document[state.value] == states[state.value]
    assert fields["replied"] == sum(each.replied is not None for each in people)
    for wanted in (None, frozenset({State.FAILED, State.UNCERTAIN})):
        chosen = [each for each in people if wanted is None or each.delivery["state"] in wanted]
        rows = list(export(workspace, name, wanted))
        assert [(row.phone, row.state, row.replied, row.opted_out) for row in rows] == [
            (each.delivery["phone"], each.delivery["state"], each.replied, each.opted_out)
            for each in chosen
        ]
        assert [row.message_id for row in rows] == [
            each.attempt.get("message_id") for each in chosen
        ]
    with Ledger.open(home, readonly=True) as ledger:
        devices = tuple(ledger.devices.all(NOW))
    text = openmetrics(Measured(name, standing.tally, devices, NOW, NOW))
    samples = {
        sample.labels["state"]: sample.value
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        if family.name == "waheal_recipients"
        for sample in family.samples
    }
    assert samples == {state.value: states[state.value] for state in State}


def _the_pages_agree(found: Results, people: Sequence[Person]) -> None:
    steps = [sum(each.steps > step for each in people) for step in range(5)]
    words = ("Sent", "Delivered", "Read", "Replied", "Opted out")
    page = render_report(found)
    for word, number in zip(words, steps, strict=True):
        assert f'<th scope="row">{word}</th><td>{number}</td>' in page
    out = io.StringIO()
    Console(file=out, width=80).print(report(found))
    for word, number in zip(words, steps, strict=True):
        assert re.search(rf"^{word.lower()} +{number} ", out.getvalue(), re.MULTILINE)
