"""A file's rows on their way into a ledger that machines share: in portions, beside turns."""

import multiprocessing
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    LONG,
    NOW,
    ONE,
    SHORT,
    jid_of,
    open_ledger,
    row,
    server_of,
    start,
    states,
    want,
)
from tests.kit.numbers import unassigned
from waheal.model import Content, Planned, State
from waheal.records import Campaign, Enrolled
from waheal.store import merging
from waheal.store.enrolment import Loading
from waheal.store.home import Home
from waheal.store.ledger import Ledger

if TYPE_CHECKING:
    from waheal.store.postgres import Answer, Statement

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_postgres")]

FILE = [row(number, phone) for number, phone in enumerate(islice(unassigned(), 5), 2)]
PATIENCE = 60.0


@pytest.fixture
def ledger(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setattr(merging, "_AT_ONCE", 2)
    with open_ledger(home) as opened:
        opened.devices.add(ONE, jid_of(ONE), None, NOW)
        yield opened


class CutOffError(Exception):
    """Somebody stops listening."""


def merged(ledger: Ledger, rows: list[Planned], *, most: int, name: str = "c") -> None:
    """Enrol a file, and stop after so many portions."""
    with (
        suppress(CutOffError),
        ledger.enrolling(name),
        ledger.enrolment.merging(lambda: opened(ledger, name).id, NOW) as merge,
    ):
        merge.add(rows)
        for number, _ in enumerate(merge.merged(), 1):
            if number == most:
                raise CutOffError


def opened(ledger: Ledger, name: str = "c") -> Campaign:
    return ledger.campaigns.open(name, f"/{name}.csv", NOW, same=True)


def test_a_file_is_merged_in_portions_and_each_is_there_at_once(ledger: Ledger, home: Home) -> None:
    with open_ledger(home) as other, ledger.enrolling("c"):
        with ledger.enrolment.merging(lambda: opened(ledger).id, NOW) as merge:
            merge.add(FILE[:3])
            merge.add(FILE[3:])
            assert other.campaigns.find("c") is None
            seen = []
            for some in merge.merged():
                campaign = other.campaigns.find("c")
                assert campaign is not None
                told = other.enrolment.loading(campaign.id, "c")
                seen.append((some, other.work.pending(campaign.id), told))
            assert merge.finish("d", whole=True) == Enrolled(added=5)
        assert seen == [
            (2, 2, Loading(2, 5, under_way=True)),
            (2, 4, Loading(4, 5, under_way=True)),
            (1, 5, Loading(5, 5, under_way=True)),
        ]
        assert other.enrolment.loading(opened(other).id, "c") is None


def test_whoever_must_be_alone_waits_for_a_portion_and_not_for_the_file(
    ledger: Ledger, home: Home
) -> None:
    with (
        open_ledger(home) as other,
        ledger.enrolling("c"),
        ledger.enrolment.merging(lambda: opened(ledger).id, NOW) as merge,
    ):
        merge.add(FILE)
        other.people.suppress(FILE[0].phone, NOW, source="operator")
        next(merge.merged())
        other.people.suppress(FILE[2].phone, NOW, source="operator")
        merge.finish("d", whole=True)
    campaign = opened(ledger)
    assert [each.phone for each in ledger.work.due(campaign.id, None, NOW, 9)] == [
        FILE[1].phone, FILE[3].phone, FILE[4].phone
    ]  # fmt: skip


def test_nobody_waits_for_a_rehearsal(ledger: Ledger, home: Home) -> None:
    campaign = start(ledger, *FILE)
    with (
        open_ledger(home) as other,
        suppress(CutOffError),
        ledger.enrolling("c", rehearsal=True),
    ):
        new = [replace(each, content=Content("new")) for each in FILE[:3]]
        told = ledger.enrolment.enroll(campaign.id, new, now=NOW, digest=None)
        assert told == Enrolled(changed=3, gone=2)
        other.people.suppress(ANNA, NOW, source="operator")
        with other.turn():
            assert other.work.due(campaign.id, None, NOW, 9) == []  # it has them in hand
        raise CutOffError
    assert {each.content.text for each in ledger.work.due(campaign.id, None, NOW, 9)} == {"hello"}
    assert ledger.people.is_suppressed(ANNA)


def test_a_turn_has_what_is_merged_while_the_rest_is(ledger: Ledger, home: Home) -> None:
    with (
        open_ledger(home) as other,
        ledger.enrolling("c"),
        ledger.enrolment.merging(lambda: opened(ledger).id, NOW) as merge,
    ):
        merge.add(FILE)
        next(merge.merged())
        campaign = opened(other)
        with other.turn():
            wants = [want(each.delivery) for each in other.work.due(campaign.id, None, NOW, 9)]
            claims, _ = other.work.claim(campaign, wants, now=NOW)
        merge.finish("d", whole=True)
    assert [each.phone for each in claims] == [FILE[0].phone, FILE[1].phone]
    assert ledger.campaigns.tally(campaign.id).counts == {State.SENDING: 2, State.PENDING: 3}


def test_what_is_cut_off_between_two_portions_is_told_and_the_next_one_does_all(
    ledger: Ledger,
) -> None:
    merged(ledger, FILE, most=1)
    campaign = ledger.campaigns.find("c")
    assert campaign is not None
    assert campaign.digest is None
    assert ledger.enrolment.loading(campaign.id, "c") == Loading(2, 5, under_way=False)
    again = ledger.enrolment.enroll(campaign.id, FILE, now=NOW, digest="d")
    assert again == Enrolled(added=3, kept=2)
    assert ledger.enrolment.loading(campaign.id, "c") is None
    assert ledger.campaigns.tally(campaign.id).counts == {State.PENDING: 5}


def test_nobody_expires_before_the_last_portion(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    new = [row(2, ANNA, "new"), row(3, FILE[0].phone), row(4, FILE[1].phone)]
    merged(ledger, new, most=1)
    texts = {each.phone: each.content.text for each in ledger.work.due(campaign.id, None, NOW, 9)}
    assert texts == {ANNA: "new", FILE[0].phone: "hello", BERT: "hello", CARL: "hello"}
    again = ledger.enrolment.enroll(campaign.id, new, now=NOW, digest="d")
    assert again == Enrolled(added=1, gone=2, kept=2)
    assert {phone for phone, state in states(ledger, campaign).items() if state == "expired"} == {
        BERT, CARL
    }  # fmt: skip


def test_more_than_a_portion_is_gone(ledger: Ledger) -> None:
    campaign = start(ledger, *FILE)
    assert ledger.enrolment.enroll(campaign.id, FILE[4:], now=NOW, digest="d") == Enrolled(
        gone=4, kept=1
    )
    assert ledger.campaigns.tally(campaign.id).counts == {State.EXPIRED: 4, State.PENDING: 1}


def test_one_person_in_two_portions_under_two_spellings_counts_once(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, SHORT), row(3, ANNA), row(4, BERT), row(5, LONG, "again"))
    assert set(states(ledger, campaign)) == {SHORT, ANNA, BERT}


def test_a_file_whose_enrolment_was_cut_off_is_met_by_an_index(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [row(number, phone) for number, phone in enumerate(islice(unassigned(), 4_000), 2)]
    monkeypatch.setattr(merging, "_AT_ONCE", 2_000)
    merged(ledger, many, most=1)  # nobody has looked it over
    db, plain, plans = server_of(ledger), server_of(ledger).send, list[str]()

    def explained(*statements: "Statement") -> "list[Answer]":
        for sql, values in statements:
            if "INTO met" in sql:
                plain()
                found = db.conn.execute(f"EXPLAIN {sql}", values).fetchall()
                plans.append("\n".join(str(line) for (line,) in found))
        return plain(*statements)

    monkeypatch.setattr(db, "send", explained)
    merged(ledger, many, most=2)
    assert len(plans) == 2
    assert all("using deliveries_recipient" in plan for plan in plans), plans


def killed(home: Home, told: Connection) -> None:
    """Enrol, and wait for nobody's word after the first portion."""
    merging._AT_ONCE = 2
    with (
        open_ledger(home) as ledger,
        ledger.enrolling("c"),
        ledger.enrolment.merging(lambda: opened(ledger).id, NOW) as merge,
    ):
        merge.add(FILE)
        for some in merge.merged():
            told.send(some)
            told.recv()


def test_a_process_that_is_killed_between_two_portions_leaves_what_the_next_one_completes(
    ledger: Ledger, home: Home
) -> None:
    apart = multiprocessing.get_context("spawn")
    here, there = apart.Pipe()
    process = apart.Process(target=killed, args=(home, there))
    process.start()
    assert here.poll(PATIENCE)
    assert here.recv() == 2
    campaign = ledger.campaigns.find("c")
    assert campaign is not None
    assert ledger.enrolment.loading(campaign.id, "c") == Loading(2, 5, under_way=True)
    process.kill()
    process.join()
    with ledger.enrolling("c"):  # once the server has noticed
        assert ledger.enrolment.enroll(campaign.id, FILE, now=NOW, digest="d").added == 3
    assert ledger.campaigns.tally(campaign.id).counts == {State.PENDING: 5}
