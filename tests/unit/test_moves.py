"""What a device takes along to another machine, in the ledger that both share."""

import pytest

from tests.kit.cluster import Cluster
from tests.kit.ledgers import ANNA, BERT, NOW, ONE, claim_all, row, send, server_of, start
from waheal.acts.partaking import end_part
from waheal.errors import FencedOffError
from waheal.model import DeviceId, ExitCode, ReceiptKind, State
from waheal.order_records import PlacedOrder
from waheal.store.ledger import Ledger

pytestmark = pytest.mark.cluster

LYON = 2
TOKEN = 77


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
        assert (
            ledger.work.lanes(campaign.id),
            ledger.work.pending(campaign.id, elsewhere=True),
        ) == ({}, 2)
    lyon.moves.arrive(ONE, TOKEN)
    assert lyon.work.lanes(campaign.id) == {ONE: (2, False)}
    assert (paris.work.lanes(campaign.id), paris.work.pending(campaign.id, elsewhere=True)) == (
        {},
        2,
    )
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


@pytest.fixture
def order(paris: Ledger, lyon: Ledger) -> PlacedOrder:
    """Place one that both machines are at, and of which nobody is sent to yet."""
    campaign = start(paris, row(2, ANNA))
    number = paris.orders.place(campaign.id, "{}", NOW, None)
    paris.orders.give(number, [1, LYON])
    for ledger in (paris, lyon):
        ledger.parts.begin(number, ledger.machines.mine, NOW)
    found = paris.orders.get(number)
    assert found is not None
    return found


def end(ledger: Ledger, order: PlacedOrder) -> bool:
    return end_part(ledger, order, ExitCode.LEFT_OVER, "no device", may_wait=True)


def test_who_was_through_with_an_order_goes_on_with_what_comes(
    paris: Ledger, lyon: Ledger, order: PlacedOrder
) -> None:
    assert end(lyon, order)
    assert lyon.parts.missing(LYON) == []
    paris.moves.give(ONE, LYON, TOKEN)
    assert end(paris, order)
    assert lyon.parts.missing(LYON) == []  # not before it is there
    lyon.moves.arrive(ONE, TOKEN)
    assert lyon.parts.missing(LYON) == [order.id]
    lyon.parts.begin(order.id, LYON, NOW)
    assert end(lyon, order)
    assert paris.orders.all_open() == []


def test_who_ends_while_a_device_is_on_its_way_waits_for_it(
    paris: Ledger, lyon: Ledger, order: PlacedOrder
) -> None:
    paris.moves.give(ONE, LYON, TOKEN)
    assert end(paris, order)
    assert not end(lyon, order)
    assert lyon.parts.missing(LYON) == []
    lyon.moves.arrive(ONE, TOKEN)
    assert lyon.parts.missing(LYON) == [order.id]


def test_who_ends_as_a_device_comes_begins_anew(
    paris: Ledger, lyon: Ledger, order: PlacedOrder
) -> None:
    paris.moves.give(ONE, LYON, TOKEN)
    lyon.moves.arrive(ONE, TOKEN)
    assert not end(lyon, order)
    assert lyon.parts.missing(LYON) == [order.id]
    lyon.parts.begin(order.id, LYON, NOW)
    assert end(lyon, order)


def test_an_order_that_is_stopped_waits_for_no_device(
    paris: Ledger, lyon: Ledger, order: PlacedOrder
) -> None:
    paris.moves.give(ONE, LYON, TOKEN)
    assert not end(lyon, order)
    paris.orders.stop(order.id, "waheal stop", NOW)
    assert lyon.parts.missing(LYON) == [order.id]
    assert end_part(lyon, order, ExitCode.INTERRUPTED, "waheal stop")
