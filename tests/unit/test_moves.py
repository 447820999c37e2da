"""What a device takes along to another machine, in the ledger that both share."""

import pytest

from tests.kit.cluster import Cluster
from tests.kit.ledgers import ANNA, BERT, NOW, ONE, claim_all, jid_of, row, send, server_of, start
from waheal.errors import FencedOffError
from waheal.model import DeviceId, ReceiptKind, State
from waheal.store.ledger import Ledger

pytestmark = pytest.mark.cluster

LYON = 2
TOKEN = 77


@pytest.fixture
def paris(cluster: Cluster) -> Ledger:
    ledger = cluster.join("paris")
    ledger.devices.add(ONE, jid_of(ONE), None, NOW)
    return ledger


@pytest.fixture
def lyon(cluster: Cluster, paris: Ledger) -> Ledger:
    assert paris.machines.mine == 1
    ledger = cluster.join("lyon")
    assert ledger.machines.mine == LYON
    return ledger


def labels(ledger: Ledger) -> list[DeviceId]:
    return [each.label for each in ledger.devices.all(NOW)]


def test_it_is_nobodys_until_it_arrives(paris: Ledger, lyon: Ledger) -> None:
    assert paris.moves.token(ONE) is None
    assert not lyon.moves.give(ONE, LYON, TOKEN)
    assert paris.moves.give(ONE, LYON, TOKEN)
    assert not paris.moves.give(ONE, LYON, TOKEN + 1)
    assert (labels(paris), labels(lyon), lyon.moves.token(ONE)) == ([], [], TOKEN)
    assert (paris.shares.devices(), lyon.shares.labels(LYON)) == ({}, frozenset())
    assert not lyon.moves.arrive(ONE, TOKEN + 1)
    assert not paris.moves.arrive(ONE, TOKEN)
    assert lyon.moves.arrive(ONE, TOKEN)
    assert (labels(paris), labels(lyon), lyon.moves.token(ONE)) == ([], [ONE], None)
    assert not paris.moves.send_on(ONE, 1, TOKEN)


def test_its_recipients_wait_for_it_and_what_it_sent_counts(paris: Ledger, lyon: Ledger) -> None:
    first = start(paris, row(2, ANNA), row(3, BERT))
    for number, claim in enumerate(claim_all(paris, first)[0]):
        send(paris, claim, f"M{number}")
    campaign = start(paris, row(2, ANNA), row(3, BERT), name="d")
    for ledger in (paris, lyon):
        ledger.machines.beat()
    sent = {ONE: [NOW, NOW]}
    assert paris.work.lanes(campaign.id) == {ONE: (2, False)}
    paris.moves.give(ONE, LYON, TOKEN)
    for ledger in (paris, lyon):
        assert (ledger.work.lanes(campaign.id), ledger.work.kept_elsewhere(campaign.id)) == ({}, 2)
    lyon.moves.arrive(ONE, TOKEN)
    assert lyon.work.lanes(campaign.id) == {ONE: (2, False)}
    assert (paris.work.lanes(campaign.id), paris.work.kept_elsewhere(campaign.id)) == ({}, 2)
    assert lyon.history.leaving_times(0.0, NOW) == sent
    assert lyon.chats.begun_times(0.0) == paris.chats.begun_times(0.0)
    (device,) = lyon.devices.all(NOW)
    assert (device.sent_today, device.machine) == (2, "lyon")


def test_a_receipt_that_comes_to_it_settles_what_its_old_machine_left(
    paris: Ledger, lyon: Ledger
) -> None:
    campaign = start(paris, row(2, ANNA))
    (claim,), _ = claim_all(paris, campaign)
    paris.outcomes.settle(claim.delivery, claim.attempt, State.UNCERTAIN, now=NOW, message_id="M1")
    paris.moves.give(ONE, LYON, TOKEN)
    lyon.moves.arrive(ONE, TOKEN)
    assert lyon.doubts.open() == []
    assert len(paris.doubts.open()) == 1
    lyon.outcomes.receipt(ONE, ["M1"], ReceiptKind.DELIVERED, NOW)
    assert paris.doubts.open() == []


def test_whose_machine_another_has_taken_gives_nothing(paris: Ledger, lyon: Ledger) -> None:
    paris.machines.take_epoch()
    server_of(lyon).run("UPDATE machines SET epoch = epoch + 1 WHERE id = 1")
    with pytest.raises(FencedOffError):
        paris.moves.give(ONE, LYON, TOKEN)
    assert labels(lyon) == []


def test_an_order_goes_on_where_its_new_machine_was_through(paris: Ledger, lyon: Ledger) -> None:
    campaign = start(paris, row(2, ANNA))
    order = paris.orders.place(campaign.id, "{}", NOW, None)
    paris.orders.give(order, [1, LYON])
    for machine in (1, LYON):
        paris.parts.begin(order, machine, NOW)
    lyon.parts.end(order, LYON, NOW, code=3, reason="no device", all_done=False)
    assert (lyon.parts.missing(LYON), lyon.parts.awaits(LYON)) == ([], False)
    paris.moves.give(ONE, LYON, TOKEN)
    assert (lyon.parts.missing(LYON), lyon.parts.awaits(LYON)) == ([], True)
    paris.parts.end(order, 1, NOW, code=3, reason="no device", all_done=False)
    lyon.moves.arrive(ONE, TOKEN)
    assert (lyon.parts.missing(LYON), lyon.parts.awaits(LYON)) == ([order], False)


def test_an_order_that_is_stopped_waits_for_no_device(paris: Ledger, lyon: Ledger) -> None:
    campaign = start(paris, row(2, ANNA))
    order = paris.orders.place(campaign.id, "{}", NOW, None)
    paris.orders.give(order, [LYON])
    lyon.parts.begin(order, LYON, NOW)
    paris.moves.give(ONE, LYON, TOKEN)
    assert lyon.parts.missing(LYON) == []
    paris.orders.stop(order, "waheal stop", NOW)
    assert lyon.parts.missing(LYON) == [order]
