"""Errands in the ledger: which messages are meant, and how a recall or an amend is claimed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    NOW,
    ONE,
    ORIGIN,
    TWO,
    claim_all,
    jid_of,
    on_both,
    open_home,
    open_ledger,
    row,
    send,
    start,
    states,
)
from waheal.errand_terms import LIMITS
from waheal.errors import UsageError
from waheal.identity import Lid
from waheal.model import (
    CAPTION_LIMIT,
    CAPTIONED,
    OPUS,
    Card,
    Content,
    DeviceId,
    Errand,
    ErrandKind,
    LinkPreview,
    Location,
    Media,
    MediaKind,
    Phone,
    Poll,
    Quarantine,
    State,
)
from waheal.records import Campaign, Claim, Dropped, Leftover, Reason, Resolution, Want
from waheal.store.errands import Texts, Which
from waheal.store.ledger import Ledger

pytestmark = on_both

RECALL, AMEND = ErrandKind.RECALL, ErrandKind.AMEND
LATER = NOW + 60.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        for device in (ONE, TWO):
            opened.devices.add(device, jid_of(device), None, NOW)
        yield opened


def sent(ledger: Ledger, *phones: Phone, name: str = "c") -> Campaign:
    """Send a campaign to these, through ONE, under the ids M0, M1, …"""
    campaign = start(ledger, *(row(n, phone) for n, phone in enumerate(phones, 2)), name=name)
    claims, _ = claim_all(ledger, campaign)
    for number, claim in enumerate(claims):
        send(ledger, claim, f"{name}M{number}")
    return campaign


def ordered(
    ledger: Ledger,
    parent: Campaign,
    kind: ErrandKind = RECALL,
    which: Which | None = None,
    *,
    texts: Texts = "new",
    now: float = LATER,
) -> tuple[Campaign, dict[str, int]]:
    digest = (texts if isinstance(texts, str) else "a template") if kind is AMEND else None
    errand = ledger.errands.open(parent, kind, digest, now)
    counts = ledger.errands.enrol(
        parent, errand, which or Which(), LIMITS[kind], now, texts=texts if kind is AMEND else ""
    )
    return errand, counts


def claimed(
    ledger: Ledger, errand: Campaign, device: DeviceId = ONE, *, jid: str | None = None,
    now: float = LATER, lid: str | None = None,
) -> tuple[list[Claim], list[Dropped]]:  # fmt: skip
    due = ledger.work.due(errand.id, device, now, 100)
    wants = [Want(each.delivery, device, jid or jid_of(device), lid, ORIGIN) for each in due]
    return ledger.work.claim(errand, wants, now=now)


def test_each_message_is_taken_back_by_its_id_through_the_device_that_sent_it(
    ledger: Ledger,
) -> None:
    errand, counts = ordered(ledger, sent(ledger, ANNA, BERT))
    assert counts == {"": 2}
    assert ledger.work.due(errand.id, None, LATER, 9) == []
    claims, _ = claimed(ledger, errand)
    assert [each.content.errand for each in claims] == [
        Errand(RECALL, f"cM{n}", f"{phone.removeprefix('+')}@s.whatsapp.net")
        for n, phone in enumerate([ANNA, BERT])
    ]
    assert len({each.witness for each in claims}) == 2


def test_the_chat_is_named_by_the_lid_where_that_is_known(ledger: Ledger) -> None:
    errand, _ = ordered(ledger, sent(ledger, ANNA))
    (claim,), _ = claimed(ledger, errand, lid="7@lid")
    assert claim.content.errand == Errand(RECALL, "cM0", "7@lid")


def test_what_was_taken_back_is_not_taken_back_again(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    errand, _ = ordered(ledger, parent)
    claims, _ = claimed(ledger, errand)
    send(ledger, claims[0], "R1")
    ledger.outcomes.settle(claims[1].delivery, 1, State.UNCERTAIN, now=LATER, message_id="R2")
    again, _ = ordered(ledger, parent)
    assert again.id == errand.id
    assert claimed(ledger, errand) == ([], [])
    assert states(ledger, errand) == {ANNA: State.SENT, BERT: State.UNCERTAIN}
    assert states(ledger, parent) == {ANNA: State.SENT, BERT: State.SENT}


def test_what_is_too_old_has_no_id_or_no_device_is_told_and_not_tried(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA)
    over = NOW + LIMITS[RECALL]
    errand, counts = ordered(ledger, parent, now=over)
    assert counts == {Reason.TOO_LATE.value: 1}
    assert claimed(ledger, errand, now=over) == ([], [])

    unknown = start(ledger, row(2, BERT), name="unknown")
    (claim,), _ = claim_all(ledger, unknown)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    assert ordered(ledger, unknown)[1] == {Reason.NO_ID.value: 1}

    gone = sent(ledger, CARL, name="gone")
    ledger.devices.remove(ONE, LATER)
    assert ordered(ledger, gone)[1] == {Reason.DEVICE_GONE.value: 1}


def test_a_device_that_is_back_takes_back_what_could_not_be_before(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA)
    ledger.devices.remove(ONE, LATER)
    errand, _ = ordered(ledger, parent)
    ledger.devices.add(ONE, jid_of(ONE), None, LATER)
    assert ordered(ledger, parent)[1] == {"": 1}
    assert len(claimed(ledger, errand)[0]) == 1


def test_another_device_of_the_same_number_takes_its_place(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA)
    ledger.devices.remove(ONE, LATER)
    other = jid_of(ONE).replace(":", ":7")
    ledger.devices.add(DeviceId("anew"), other, None, LATER)
    errand, counts = ordered(ledger, parent)
    assert counts == {"": 1}
    (claim,), _ = claimed(ledger, errand, DeviceId("anew"), jid=other)
    assert claim.device == "anew"


def test_one_that_is_out_for_good_lets_another_of_its_number_do_it(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA)
    ledger.devices.add(DeviceId("another"), jid_of(ONE).replace(":", ":7"), None, LATER)
    errand, _ = ordered(ledger, parent)
    assert [each.lane for each in ledger.work.due(errand.id, ONE, LATER, 9)] == [ONE]
    ledger.devices.quarantine(ONE, Quarantine.RATE_LIMITED, LATER + 9, LATER)
    ordered(ledger, parent)
    assert len(ledger.work.due(errand.id, ONE, LATER, 9)) == 1
    ledger.devices.quarantine(ONE, Quarantine.LOGGED_OUT, None, LATER)
    ordered(ledger, parent)
    assert len(ledger.work.due(errand.id, DeviceId("another"), LATER, 9)) == 1


def test_no_other_number_ever_takes_it_back(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA)
    errand, _ = ordered(ledger, parent)
    claims, dropped = claimed(ledger, errand, jid=jid_of(TWO))  # paired anew in between
    assert claims == []
    assert [(each.state, each.reason) for each in dropped] == [
        (State.FAILED, Reason.DEVICE_GONE.value)
    ]
    ledger.devices.add(ONE, jid_of(CARL_DEVICE), None, LATER)
    assert ordered(ledger, parent)[1] == {Reason.DEVICE_GONE.value: 1}


CARL_DEVICE = DeviceId("carl's")


def test_of_a_resent_message_both_are_taken_back(ledger: Ledger) -> None:
    parent = start(ledger, row(2, ANNA))
    (first,), _ = claim_all(ledger, parent)
    ledger.outcomes.settle(first.delivery, 1, State.UNCERTAIN, now=NOW, message_id="A")
    ledger.leftovers.resolve(parent.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW)
    (second,), _ = claim_all(ledger, parent)
    send(ledger, second, "B")
    errand, counts = ordered(ledger, parent)
    assert counts == {"": 2}
    claims, _ = claimed(ledger, errand)
    assert [each.content.errand and each.content.errand.message_id for each in claims] == ["A", "B"]
    assert claims[0].witness != claims[1].witness
    send(ledger, claims[1], "R")
    ledger.outcomes.settle(claims[0].delivery, 1, State.UNCERTAIN, now=LATER)
    assert [each.recall for each in ledger.recipients.rows(parent.id)] == ["uncertain"]


def test_what_never_left_or_was_refused_is_not_meant(ledger: Ledger) -> None:
    parent = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    claims, _ = claim_all(ledger, parent)
    ledger.outcomes.settle(claims[0].delivery, 1, State.PENDING, now=NOW, due=NOW)
    ledger.outcomes.settle(claims[1].delivery, 1, State.FAILED, now=NOW, reason="refused")
    send(ledger, claims[2])
    assert ordered(ledger, parent)[1] == {"": 1}


def test_an_opt_out_stops_an_amend_and_no_recall(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    ledger.people.suppress(ANNA, NOW, source="operator")
    amend, counts = ordered(ledger, parent, AMEND)
    assert counts == {"": 1, Reason.OPTED_OUT.value: 1}
    recall, counts = ordered(ledger, parent)
    assert counts == {"": 2}
    ledger.people.suppress(BERT, NOW, source="operator")
    dropped = ledger.people.suppress_pending([BERT], LATER)
    assert [each.campaign_id for each in dropped] == [amend.id]
    assert ledger.people.suppress_listed(recall.id, LATER) == []
    assert len(claimed(ledger, recall)[0]) == 2


def test_resolve_repeats_a_recall_of_somebody_who_opted_out(ledger: Ledger) -> None:
    errand, _ = ordered(ledger, sent(ledger, ANNA))
    (claim,), _ = claimed(ledger, errand)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=LATER, message_id="R")
    ledger.people.suppress(ANNA, NOW, source="operator")
    done = ledger.leftovers.resolve(
        errand.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=LATER
    )
    assert (done.changed, done.suppressed_kept) == (1, 0)
    (again,), _ = claimed(ledger, errand)
    assert again.attempt == 2


def test_a_narrower_order_lets_go_of_what_a_wider_one_left(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    errand, _ = ordered(ledger, parent)
    ordered(ledger, parent, which=Which(BERT))
    assert [each.phone for each in claimed(ledger, errand)[0]] == [BERT]
    assert states(ledger, errand) == {BERT: State.SENDING}


def test_what_was_tried_and_is_not_asked_for_any_more_can_be_again(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    errand, _ = ordered(ledger, parent)
    for claim in claimed(ledger, errand)[0]:
        ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=LATER, due=LATER)
    ordered(ledger, parent, which=Which(BERT))
    assert states(ledger, errand) == {ANNA: State.FAILED, BERT: State.PENDING}
    ordered(ledger, parent)
    assert states(ledger, errand) == {ANNA: State.PENDING, BERT: State.PENDING}


def test_states_and_devices_say_which(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    ledger.outcomes.settle(1, 1, State.SENT, now=NOW)
    delivered = Which(states=frozenset({State.DELIVERED}))
    assert ordered(ledger, parent, which=delivered)[1] == {}
    assert ordered(ledger, parent, which=Which(devices=frozenset({ONE})))[1] == {"": 2}
    assert ordered(ledger, parent, which=Which(devices=frozenset({TWO})))[1] == {}
    assert ledger.errands.senders(parent.id) == {ONE}


def test_looking_changes_nothing_and_leaves_out_what_was_taken_back(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    assert ledger.errands.look(parent, RECALL, Which(), LIMITS[RECALL], LATER) == 2
    assert ledger.errands.of(parent.id) == {}
    errand, _ = ordered(ledger, parent, which=Which(ANNA))
    send(ledger, claimed(ledger, errand)[0][0], "R")
    assert ledger.errands.look(parent, RECALL, Which(), LIMITS[RECALL], LATER) == 1


def test_another_text_is_another_round_and_the_same_goes_on(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA)
    first, _ = ordered(ledger, parent, AMEND, texts="one")
    (claim,), _ = claimed(ledger, first)
    assert (claim.content.text, claim.content.recalls) == ("one", False)
    send(ledger, claim, "E1")
    assert ordered(ledger, parent, AMEND, texts="one")[0].id == first.id
    second, _ = ordered(ledger, parent, AMEND, texts="two")
    assert (first.name, second.name) == ("c (amend)", "c (amend 2)")
    assert claimed(ledger, second)[0][0].content.text == "two"
    assert ledger.errands.of(parent.id)[AMEND].id == second.id


def test_texts_are_each_numbers_own_in_any_spelling(ledger: Ledger) -> None:
    parent = sent(ledger, Phone("+5511961234567"), ANNA)
    errand, counts = ordered(ledger, parent, AMEND, texts=[(Phone("+551161234567"), "olá")])
    assert counts == {"": 1, Reason.NOT_IN_FILE.value: 1}
    assert [each.content.text for each in claimed(ledger, errand)[0]] == ["olá"]


def test_a_caption_is_amended_as_its_files(ledger: Ledger) -> None:
    bodies = [Media("/a, b", kind, "a/b", "00") for kind in sorted(CAPTIONED)]
    link = LinkPreview("https://example.org", "A title")
    contents = [Content("words", body) for body in (*bodies, link, None)]
    rows = [
        replace(row(n, Phone(f"+1503555010{n}")), content=content)
        for n, content in enumerate(contents, start=2)
    ]
    parent = start(ledger, *rows)
    for number, claim in enumerate(claim_all(ledger, parent)[0]):
        send(ledger, claim, f"M{number}")
    errand, counts = ordered(ledger, parent, AMEND, texts="new")
    assert counts == {"": 5}
    claims, _ = claimed(ledger, errand)
    told = [each.content.errand.under for each in claims if each.content.errand is not None]
    assert told == [*sorted(CAPTIONED), None, None]
    assert {each.content.text for each in claims} == {"new"}
    assert {each.content.body for each in claims} == {None}  # nothing is uploaded again


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (Content("", Media("/a.png", MediaKind.IMAGE, "image/png", "00")), Reason.NO_TEXT),
        (Content("", Media("/a.mp3", MediaKind.AUDIO, "audio/mpeg", "00")), Reason.NO_TEXT),
        (Content("", Media("/a.ogg", MediaKind.VOICE, OPUS, "00")), Reason.NO_TEXT),
        (Content("", Location(1.0, 2.0)), Reason.NO_TEXT),
        (Content("", Card("image", ANNA)), Reason.NO_TEXT),
        (Content("When?", Poll(("image", "video"))), Reason.NO_TEXT),
    ],
)
def test_what_has_no_text_of_its_own_is_not_amended(
    ledger: Ledger, content: Content, why: Reason
) -> None:
    parent = start(ledger, replace(row(2, ANNA), content=content))
    send(ledger, claim_all(ledger, parent)[0][0], "M")
    assert ordered(ledger, parent, AMEND, texts="new")[1] == {why.value: 1}
    assert ordered(ledger, parent, texts="new")[1] == {"": 1}  # but taken back


def test_a_caption_takes_less_than_a_text(ledger: Ledger) -> None:
    picture = Content("look", Media("/a.png", MediaKind.IMAGE, "image/png", "00"))
    parent = start(ledger, replace(row(2, ANNA), content=picture), row(3, BERT))
    for number, claim in enumerate(claim_all(ledger, parent)[0]):
        send(ledger, claim, f"M{number}")
    assert ordered(ledger, parent, AMEND, texts="é" * CAPTION_LIMIT)[1] == {"": 2}
    long = "é" * (CAPTION_LIMIT + 1)
    assert ordered(ledger, parent, AMEND, texts=long)[1] == {"": 1, Reason.LONG_CAPTION.value: 1}


def test_a_caption_that_was_too_long_is_judged_anew(ledger: Ledger) -> None:
    picture = Content("look", Media("/a.png", MediaKind.IMAGE, "image/png", "00"))
    parent = start(ledger, replace(row(2, ANNA), content=picture))
    send(ledger, claim_all(ledger, parent)[0][0], "M")
    long, short = [(ANNA, "a" * (CAPTION_LIMIT + 1))], [(ANNA, "shorter")]
    assert ordered(ledger, parent, AMEND, texts=long)[1] == {Reason.LONG_CAPTION.value: 1}
    errand, counts = ordered(ledger, parent, AMEND, texts=short)  # the file was mended meanwhile
    assert counts == {"": 1}
    assert [each.content.text for each in claimed(ledger, errand)[0]] == ["shorter"]


def test_only_texts_that_stand_are_amended(ledger: Ledger) -> None:
    located = replace(row(2, ANNA), content=Content("", Location(1.0, 2.0)))
    parent = start(ledger, located, row(3, BERT))
    for number, claim in enumerate(claim_all(ledger, parent)[0]):
        send(ledger, claim, f"M{number}")
    recall, _ = ordered(ledger, parent, which=Which(BERT))
    send(ledger, claimed(ledger, recall)[0][0], "R")
    assert ordered(ledger, parent, AMEND)[1] == {
        Reason.NO_TEXT.value: 1,
        Reason.RECALLED.value: 1,
    }


def test_the_end_of_the_time_is_the_errands_expiry(ledger: Ledger) -> None:
    errand, _ = ordered(ledger, sent(ledger, ANNA))
    over = NOW + LIMITS[RECALL]
    assert [each.state for each in ledger.work.expire(errand.id, over)] == [State.EXPIRED]


def test_of_a_message_that_was_forgotten_nothing_is_sent_in_its_place(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    errand, _ = ordered(ledger, parent)
    ledger.people.forget(ANNA, LATER)
    claims, _ = claimed(ledger, errand)
    assert [each.phone for each in claims] == [BERT]
    assert all(each.content.errand is not None for each in claims)
    assert ordered(ledger, parent)[1] == {"": 1}


@pytest.mark.parametrize("kind", [RECALL, AMEND])
def test_nobody_is_forgotten_while_an_errand_about_them_is_in_doubt(
    ledger: Ledger, kind: ErrandKind
) -> None:
    errand, _ = ordered(ledger, sent(ledger, ANNA, BERT), kind)
    claims, _ = claimed(ledger, errand)
    under_way = rf"the {kind} of a message to .* is under way: c \({kind}"
    with pytest.raises(UsageError, match=under_way):
        ledger.people.forget(ANNA, LATER)
    for claim in claims:
        ledger.outcomes.settle(claim.delivery, claim.attempt, State.UNCERTAIN, now=LATER)
    with pytest.raises(UsageError, match=rf"the {kind} of a message to .* is in doubt") as refused:
        ledger.people.forget(ANNA, LATER)
    assert f"`waheal resolve 'c ({kind})' --accept --phone {ANNA}`" in (refused.value.hint or "")
    accept = Resolution.ACCEPT  # as the hint says
    ledger.leftovers.resolve(errand.id, which=Leftover.UNCERTAIN, how=accept, phone=ANNA, now=LATER)
    ledger.people.forget(ANNA, LATER)
    assert ANNA not in states(ledger, errand)


def test_an_errand_is_nothing_that_a_recipient_was_written(ledger: Ledger) -> None:
    errand, _ = ordered(ledger, sent(ledger, ANNA))
    ledger.people.learn(ANNA, Lid("7@lid"))
    (claim,), _ = claimed(ledger, errand)
    send(ledger, claim, "R")
    assert [each.message_id for each in ledger.replies.written(ANNA, "7@lid")] == ["cM0"]
    assert len(ledger.history.recent(ANNA, 0.0, lid="7@lid")) == 1
    assert len(ledger.history.leaving_times(0.0, LATER)[ONE]) == 2  # the device's limits count it


def test_export_tells_what_is_not_done_of_a_recipients_errands(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    errand, _ = ordered(ledger, parent, which=Which(ANNA))
    send(ledger, claimed(ledger, errand)[0][0], "R")
    ordered(ledger, parent)
    ordered(ledger, parent, AMEND, texts="new")
    told = [(each.recall, each.amend, each.amended) for each in ledger.recipients.rows(parent.id)]
    assert told == [("recalled", "failed", "new"), ("pending", "pending", "new")]


def test_a_campaign_can_not_be_opened_under_an_errands_name(ledger: Ledger) -> None:
    errand, _ = ordered(ledger, sent(ledger, ANNA))
    with pytest.raises(Exception, match="no campaign of that name"):
        ledger.campaigns.open(errand.name, errand.path, LATER, same=True)


def test_what_can_not_be_done_is_listed(ledger: Ledger) -> None:
    parent = sent(ledger, ANNA, BERT)
    errand, _ = ordered(ledger, parent, now=NOW + LIMITS[RECALL])
    assert list(ledger.errands.impossible(errand.id)) == [
        (phone, ONE, State.EXPIRED, Reason.TOO_LATE.value) for phone in (ANNA, BERT)
    ]
