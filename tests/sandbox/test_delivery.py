import pytest

from tests.sandbox.worlds import NUMBER, Device, Stage
from waheal.sandbox import delivery
from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.fault_orders import ON_MESSAGE, FaultKind, FaultOrder
from waheal.sandbox.numbering import lid_of
from waheal.sandbox.salts import first_contact_token
from waheal.sandbox.stanzas import LIDS

_LID = Jid(lid_of(NUMBER), LIDS)


def _ack_and_receipt(told: list[Node]) -> tuple[Node, Node]:
    ack, receipt = told
    assert (ack.tag, receipt.tag) == ("ack", "receipt")
    return ack, receipt


def test_a_message_is_opened_acknowledged_and_receipted(stage: Stage, device: Device) -> None:
    ack, receipt = _ack_and_receipt(device.send(device.letter("hello", message_id="A1")))
    assert (ack.attr("class"), ack.attr("id"), ack.jid("from")) == ("message", "A1", _LID)
    assert ack.attr("t") == str(int(stage.clock.now))
    assert (receipt.attr("id"), receipt.jid("from"), receipt.attr("type")) == ("A1", _LID, "")
    (entry,) = stage.world.inbox.entries(f"+{NUMBER}")
    assert (entry.text, entry.device, entry.at) == ("hello", device.jid, stage.clock.now)


def test_a_stanza_that_comes_again_is_acknowledged_and_not_opened_again(
    stage: Stage, device: Device
) -> None:
    letter = device.letter("once", message_id="A1")
    device.send(letter)
    assert [node.tag for node in device.send(letter)] == ["ack"]
    (entry,) = stage.world.inbox.entries()
    assert (entry.stanzas, entry.delivered) == (2, 1)


def test_the_same_id_of_another_device_is_another_message(stage: Stage, device: Device) -> None:
    other = Device(stage, number="14255550151")
    device.send(device.letter("one", message_id="A1"))
    other.send(other.letter("two", message_id="A1"))
    assert device.texts() == ["one", "two"]


def test_a_stanza_without_ciphertexts_is_taken_and_read_by_nobody(device: Device) -> None:
    empty = Node("message", {"id": "A1", "to": _LID, "type": "text"}, (Node("participants"),))
    assert [node.tag for node in device.send(empty)] == ["ack"]
    assert device.texts() == []


def test_a_new_chat_can_be_refused_for_want_of_its_token(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.BARE_CHAT_REFUSED, count=None))
    bare, letter = device.letter("bare"), device.letter("with a token")
    (refused,) = device.send(bare)
    assert refused.attr("error") == "463"
    salt = stage.world.registry.account(device.number).phone.nct_salt
    forged = Node("cstoken", {}, bytes(32))
    assert device.send(Node("message", letter.attrs, (*letter.children(), forged)))[0].attr("error")
    token = Node("cstoken", {}, first_contact_token(salt, _LID))
    _ack_and_receipt(device.send(Node("message", letter.attrs, (*letter.children(), token))))
    _ack_and_receipt(device.send(device.letter("bare, to somebody known")))
    assert device.texts() == ["with a token", "bare, to somebody known"]


def test_an_old_chat_is_none_that_a_lock_closes_and_its_token_is_as_good(
    stage: Stage, device: Device
) -> None:
    correspondence = stage.world.correspondence
    correspondence.tell_history(device.companion, stage.clock.now, [(NUMBER, stage.clock.now)])
    stage.world.order(FaultOrder(FaultKind.NEW_CHAT_REFUSED, count=None))
    stage.world.order(FaultOrder(FaultKind.BARE_CHAT_REFUSED, count=None))
    bare, letter = device.letter("bare"), device.letter("with theirs")
    assert [node.attr("error") for node in device.send(bare) if node.tag == "ack"] == ["463"]
    own = stage.world.registry.account(device.number).lid
    token = Node("tctoken", {}, stage.world.registry.account(NUMBER).phone.trust_token(own))
    device.send(Node("message", letter.attrs, (*letter.children(), token)))
    assert device.texts() == ["with theirs"]


def test_a_forged_ciphertext_is_asked_for_again_with_keys(stage: Stage, device: Device) -> None:
    letter = device.letter("unreadable", message_id="A1")
    enc = Node("enc", {"v": "2", "type": "msg"}, b"\x33" + bytes(40))
    to = Node("participants", {}, (Node("to", {"jid": _LID}, (enc,)),))
    ack, asked = device.send(Node("message", letter.attrs, (to,)))
    assert (ack.tag, asked.attr("type")) == ("ack", "retry")
    assert asked.child("keys") is not None
    assert stage.world.inbox.entries() == []


def test_a_message_to_a_linked_device_is_forwarded_to_it(stage: Stage, device: Device) -> None:
    other = Device(stage, number=NUMBER)
    to = Node("to", {"jid": other.companion.lid}, (Node("enc", {"type": "msg"}, b"sealed"),))
    attrs: dict[str, str | Jid] = {"id": "A1", "to": other.companion.lid.bare, "type": "text"}
    device.send(Node("message", attrs, (Node("participants", {}, (to,)),)))
    other.drop()
    (forwarded,) = (node for node in other.log_in() if node.tag == "message")
    assert forwarded.jid("from") == device.companion.lid
    assert forwarded.children("enc")[0].data() == b"sealed"


def test_a_message_to_a_group_is_taken(device: Device) -> None:
    group = Node("message", {"id": "G", "to": Jid("12036302-1", "g.us"), "type": "text"})
    assert [node.tag for node in device.send(group)] == ["ack"]


@pytest.mark.parametrize(
    ("kind", "delivered"), [(FaultKind.DROP_BEFORE, False), (FaultKind.DROP_AFTER, True)]
)
def test_a_drop_closes_the_session_without_a_word(
    stage: Stage, device: Device, kind: FaultKind, delivered: bool
) -> None:
    letter = device.letter("dropped")
    stage.world.order(FaultOrder(kind, device=device.jid))
    assert device.send(letter) == []
    assert stage.closed(device.session)
    assert (device.texts() == ["dropped"]) is delivered
    told = device.log_in()
    assert any(node.tag == "receipt" for node in told) is delivered


def test_an_ack_with_an_error_delivers_nothing(stage: Stage, device: Device) -> None:
    letter = device.letter("refused")
    stage.world.order(FaultOrder(FaultKind.ACK_ERROR, code=463))
    (ack,) = device.send(letter)
    assert ack.attr("error") == "463"
    assert device.texts() == []


@pytest.mark.parametrize("delivered", [False, True])
def test_no_ack_may_hide_a_delivery(stage: Stage, device: Device, delivered: bool) -> None:
    letter = device.letter("silence")
    stage.world.order(FaultOrder(FaultKind.NO_ACK, recipient=f"+{NUMBER}", delivered=delivered))
    assert "ack" not in [node.tag for node in device.send(letter)]
    assert (device.texts() == ["silence"]) is delivered


def test_no_ack_comes_for_the_id_that_was_dropped(stage: Stage, device: Device) -> None:
    letter = device.letter("did it arrive?")
    stage.world.order(FaultOrder(FaultKind.NO_ACK_AFTER_RECONNECT))
    assert device.send(letter) == []
    device.log_in()
    assert [node.tag for node in device.send(letter)] == ["receipt"]
    assert [node.tag for node in device.send(device.letter("next"))] == ["ack", "receipt"]


def test_a_slow_ack_comes_when_its_time_is_over(stage: Stage, device: Device) -> None:
    letter = device.letter("slow")
    stage.world.order(FaultOrder(FaultKind.SLOW_ACK, seconds=5))
    assert [node.tag for node in device.send(letter)] == ["receipt"]
    wait = stage.later()
    assert wait.seconds == 5
    wait.call()
    assert [node.tag for node in stage.told(device.session)] == ["ack"]


@pytest.mark.parametrize("kind", ON_MESSAGE)
def test_each_fault_that_befalls_a_message_has_a_way_of_its_own(
    stage: Stage, device: Device, kind: FaultKind
) -> None:
    stage.world.order(FaultOrder(kind, code=500))
    told = device.send(device.letter("struck"))
    assert [node.tag for node in told] == {
        FaultKind.ACK_ERROR: ["ack"],
        FaultKind.STREAM_ERROR: ["stream:error"],
    }.get(kind, [])


def test_a_fault_without_a_way_of_its_own_is_never_taken_for_another(
    stage: Stage, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "ON_MESSAGE", (FaultKind.SLOW_ACK,))
    stage.world.order(FaultOrder(FaultKind.SLOW_ACK))
    with pytest.raises(ValueError, match="slow-ack befalls no message"):
        device.send(device.letter("struck"))


def test_a_stream_error_is_said_before_the_close(stage: Stage, device: Device) -> None:
    letter = device.letter("x")
    stage.world.order(
        FaultOrder(FaultKind.STREAM_ERROR, code=401, conflict="device_removed", delivered=True)
    )
    (error,) = device.send(letter)
    assert (error.tag, error.attr("code")) == ("stream:error", "401")
    assert stage.closed(device.session)
    assert device.texts() == ["x"]
    assert [node.tag for node in device.log_in()] == ["failure"]


def test_withheld_receipts_are_released_once(stage: Stage, device: Device) -> None:
    letters = [device.letter("a"), device.letter("b")]
    stage.world.order(FaultOrder(FaultKind.RECEIPTS_WITHHELD, count=None))
    assert [node.tag for letter in letters for node in device.send(letter)] == ["ack", "ack"]
    assert stage.world.delivery.release() == 2
    assert [node.tag for node in stage.told(device.session)] == ["receipt", "receipt"]
    assert stage.world.delivery.release() == 0


def test_an_unknown_receipt_type_can_be_ordered(stage: Stage, device: Device) -> None:
    letter = device.letter("x")
    stage.world.order(FaultOrder(FaultKind.RECEIPT_TYPE, receipt="telepathy"))
    _, receipt = _ack_and_receipt(device.send(letter))
    assert receipt.attr("type") == "telepathy"


def test_a_receipt_waits_until_it_is_acknowledged(stage: Stage, device: Device) -> None:
    device.send(device.letter("x", message_id="A1"))
    device.drop()
    assert [node.tag for node in device.log_in() if node.tag == "receipt"] == ["receipt"]
    device.say("ack", {"class": "receipt", "id": "A1", "to": _LID})
    device.drop()
    assert "receipt" not in [node.tag for node in device.log_in()]
    assert stage.world.mail.records() == []
