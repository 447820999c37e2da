import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    NOW,
    claim_all,
    claim_one,
    enrol,
    on_both,
    row,
    send,
    start,
    states,
)
from waheal.errors import UsageError
from waheal.identity import Lid
from waheal.model import Phone, State
from waheal.records import Leftover, Resolution, Resolved, Suppression
from waheal.store.home import Home
from waheal.store.ledger import Ledger

pytestmark = on_both

LID = Lid("77@lid")
PAIRS = [
    (Phone("+5511961234567"), Phone("+551161234567")),
    (Phone("+5215512345678"), Phone("+525512345678")),
    (Phone("+5491123456789"), Phone("+541123456789")),
    (Phone("+2290197123456"), Phone("+22997123456")),
    (Phone("+2250707123456"), Phone("+22507123456")),
]


def test_a_change_is_told_from_none(ledger: Ledger) -> None:
    assert ledger.people.suppress(ANNA, NOW, source="operator")
    assert not ledger.people.suppress(ANNA, NOW, source="reply")
    assert not ledger.people.unsuppress(ANNA, source="reply")
    assert ledger.people.unsuppress(ANNA)
    assert not ledger.people.unsuppress(ANNA)


@pytest.mark.parametrize("sources", [("reply", "operator"), ("operator", "reply")])
def test_an_opt_out_keeps_its_first_time_and_the_stronger_source(
    ledger: Ledger, sources: tuple[str, str]
) -> None:
    ledger.people.suppress(ANNA, NOW, source=sources[0])
    ledger.people.suppress(ANNA, NOW + 5, source=sources[1], lid="77@lid")
    assert list(ledger.people.suppressed()) == [Suppression(ANNA, "77@lid", NOW, "operator")]
    assert not ledger.people.unsuppress(ANNA, source="reply")


def test_of_two_strong_sources_the_first_stays(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="import a.csv")
    ledger.people.suppress(ANNA, NOW, source="operator")
    assert [each.source for each in ledger.people.suppressed()] == ["import a.csv"]


@pytest.mark.parametrize(("one", "other"), [*PAIRS, *(pair[::-1] for pair in PAIRS)])
def test_an_opt_out_holds_for_every_spelling(ledger: Ledger, one: Phone, other: Phone) -> None:
    campaign = start(ledger, row(2, other))
    assert ledger.people.suppress(one, NOW, source="operator")
    assert not ledger.people.suppress(other, NOW, source="operator")
    assert ledger.people.is_suppressed(other)
    assert [each.phone for each in ledger.people.suppressed()] == [one]
    assert [drop.phone for drop in ledger.people.suppress_pending([one], NOW)] == [other]
    assert ledger.people.unsuppress(other)
    assert not ledger.people.is_suppressed(one)
    assert ledger.campaigns.readmit(campaign.id, NOW) == 1


def test_an_opt_out_by_lid_alone_holds_once_the_number_is_known(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    assert ledger.people.suppress(LID, NOW, source="reply")
    assert not ledger.people.suppress(LID, NOW + 1, source="reply")
    assert list(ledger.people.suppressed()) == [Suppression(None, LID, NOW, "reply")]
    assert ledger.people.any_nameless()
    assert not ledger.people.is_suppressed(ANNA)
    assert ledger.people.is_suppressed(ANNA, LID)
    ledger.people.learn(ANNA, LID)
    assert list(ledger.people.suppressed()) == [Suppression(ANNA, LID, NOW, "reply")]
    assert not ledger.people.any_nameless()
    assert [drop.phone for drop in ledger.people.suppress_listed(campaign.id, NOW)] == [ANNA]


def test_a_number_takes_the_place_of_its_lid(ledger: Ledger) -> None:
    ledger.people.suppress(LID, NOW, source="operator")
    assert not ledger.people.suppress(ANNA, NOW + 1, source="reply", lid=LID)
    assert list(ledger.people.suppressed()) == [Suppression(ANNA, LID, NOW, "operator")]
    assert not ledger.people.any_nameless()
    assert not ledger.people.suppress(LID, NOW + 2, source="reply")
    assert len(list(ledger.people.suppressed())) == 1


def test_an_opt_out_is_taken_back_by_lid_too(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="reply", lid=LID)
    assert ledger.people.unsuppress(LID, source="reply")
    assert not ledger.people.is_suppressed(ANNA)
    ledger.people.suppress(LID, NOW, source="reply")
    assert ledger.people.unsuppress(ANNA, lid=LID, source="reply")
    assert list(ledger.people.suppressed()) == []


def test_a_lid_that_is_learned_late_reaches_what_is_kept_of_the_person(ledger: Ledger) -> None:
    one, other = PAIRS[0]
    first, second = start(ledger, row(2, one)), start(ledger, row(2, other), name="second")
    send(ledger, claim_one(ledger, first))
    ledger.people.suppress(one, NOW, source="operator")
    ledger.people.learn(other, LID)
    for table in ("deliveries", "attempts", "contacts", "suppressions"):
        rows = ledger._db.all(f"SELECT DISTINCT lid FROM {table}")  # noqa: S608 - constants
        assert [row[0] for row in rows] == [LID]
    assert ledger.people.is_suppressed(BERT, LID)
    assert claim_all(ledger, second)[0] == []


def test_nobody_else_is_suppressed(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="reply", lid="77@lid")
    assert ledger.people.is_suppressed(ANNA)
    assert not ledger.people.is_suppressed(BERT)


def test_an_opt_out_can_be_taken_back_only_from_where_it_came_if_so_asked(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="operator")
    ledger.people.unsuppress(ANNA, source="reply")
    assert ledger.people.is_suppressed(ANNA)
    ledger.people.unsuppress(ANNA)
    assert not ledger.people.is_suppressed(ANNA)


def test_a_long_list_is_streamed_by_number(ledger: Ledger) -> None:
    phones = [Phone(f"+44770090{number:06d}") for number in range(2_500)]
    with ledger.transaction():
        for phone in reversed(phones):
            ledger.people.suppress(phone, NOW, source="import")
    assert [each.phone for each in ledger.people.suppressed()] == phones


def test_a_forgotten_person_leaves_only_the_opt_out(ledger: Ledger, home: Home) -> None:
    campaign = start(ledger, row(2, ANNA, "a private word"), row(3, BERT))
    claims, _ = claim_all(ledger, campaign)
    for number, claim in enumerate(claims):
        send(ledger, claim, f"ID-{number}")
    ledger.people.forget(ANNA, NOW)
    assert [each.phone for each in ledger.people.suppressed()] == [ANNA]
    for table in ("deliveries", "attempts", "contacts"):
        rows = repr([tuple(each) for each in ledger._db.all(f"SELECT * FROM {table}")])  # noqa: S608
        assert ANNA not in rows
        assert "private" not in rows
        assert "ID-0" not in rows
    ledger.close()  # reading the file beside an open connection would drop its locks
    for file in home.root.iterdir():
        assert b"a private word" not in file.read_bytes()


def test_counts_and_limits_stay_true_after_a_forget(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    claims, _ = claim_all(ledger, campaign)
    send(ledger, claims[0])
    ledger.people.forget(ANNA, NOW)
    tally = ledger.campaigns.tally(campaign.id)
    assert (tally[State.SENT], tally[State.SENDING]) == (1, 1)
    assert sum(map(len, ledger.history.claim_times(NOW).values())) == 2


def test_a_forgotten_person_is_not_written_to_when_the_file_still_names_them(
    ledger: Ledger,
) -> None:
    campaign = start(ledger, row(2, ANNA))
    send(ledger, claim_one(ledger, campaign))
    ledger.people.forget(ANNA, NOW)
    enrol(ledger, campaign, row(2, ANNA))
    assert states(ledger, campaign)[ANNA] is State.SUPPRESSED
    assert claim_all(ledger, campaign) == ([], [])


def test_nobody_is_forgotten_while_a_message_is_in_doubt(ledger: Ledger) -> None:
    claim = claim_one(ledger, start(ledger, row(2, ANNA)))
    with pytest.raises(UsageError, match=r"a message to .* is under way: c"):
        ledger.people.forget(ANNA, NOW)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    with pytest.raises(UsageError, match=r"a message to .* is in doubt: c") as refused:
        ledger.people.forget(ANNA, NOW)
    assert f"`waheal resolve c --accept --phone {ANNA}`" in (refused.value.hint or "")
    resolution = Resolution.ACCEPT  # as the hint says
    ledger.leftovers.resolve(1, which=Leftover.UNCERTAIN, how=resolution, phone=ANNA, now=NOW)
    ledger.people.forget(ANNA, NOW)


def test_a_person_is_forgotten_under_every_spelling_and_number(ledger: Ledger) -> None:
    one, other = PAIRS[0]
    campaign = start(ledger, row(2, other, "private"), row(3, BERT, "private too"))
    for claim in claim_all(ledger, campaign)[0]:
        send(ledger, claim, f"ID-{claim.delivery}")
    ledger.people.learn(other, LID)
    ledger.people.learn(BERT, LID)
    ledger.people.forget(one, NOW)
    assert all(phone.startswith("forgotten:") for phone in states(ledger, campaign))
    kept = repr([tuple(each) for each in ledger._db.all("SELECT * FROM deliveries")])
    assert "private" not in kept
    assert ledger.people.is_suppressed(other)
    assert ledger.people.is_suppressed(BERT)


def test_no_start_takes_back_that_somebody_was_forgotten(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="reply")
    ledger.people.forget(ANNA, NOW)
    assert not ledger.people.unsuppress(ANNA, source="reply")
    assert ledger.people.is_suppressed(ANNA)


def test_nobody_who_was_forgotten_is_left_to_be_resolved(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    claim = claim_one(ledger, campaign)
    ledger.outcomes.settle(claim.delivery, 1, State.FAILED, now=NOW)
    ledger.people.forget(ANNA, NOW)
    done = ledger.leftovers.resolve(
        campaign.id, which=Leftover.FAILED, how=Resolution.RESEND, now=NOW
    )
    assert done == Resolved(0, 1, 0)
    assert not ledger.campaigns.anything_pending(campaign.id)
