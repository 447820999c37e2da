import hmac
import json
from base64 import b64encode

import pytest

from tests.sandbox.scripted import DeviceKeys
from tests.sandbox.worlds import Stage
from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.curve import verify
from waheal.sandbox.fault_orders import FaultKind, FaultOrder
from waheal.sandbox.linking import LinkingError, QrText
from waheal.sandbox.protobufs import (
    ADVDeviceIdentity,
    ADVSignedDeviceIdentity,
    ADVSignedDeviceIdentityHMAC,
)
from waheal.sandbox.switchboard import ChatSession

_NOW = 1_800_000_000.0


def _begin(stage: Stage) -> tuple[ChatSession, DeviceKeys, list[str]]:
    """A client that wants to be linked; the QR texts that it shows."""
    keys = DeviceKeys()
    session = stage.world.opened(keys.registration())
    (offer,) = stage.told(session)
    refs = [ref.data().decode() for ref in offer.children("pair-device")[0].children("ref")]
    parts = (keys.noise.public, keys.identity.public, keys.adv_secret)
    tail = ",".join(b64encode(part).decode() for part in parts)
    head = "https://wa.me/settings/linked_devices#"
    return session, keys, [f"{head}{ref},{tail},6" for ref in refs]


def _sign(stage: Stage, session: ChatSession) -> None:
    stage.world.received(session, Node("iq", {"type": "result"}, (Node("pair-device-sign"),)))


def test_six_refs_are_offered_that_fit_into_a_qr_text(stage: Stage) -> None:
    _, _, texts = _begin(stage)
    assert len({QrText.parse(text).ref for text in texts}) == 6


def test_what_the_phone_signed_is_what_the_client_checks(stage: Stage) -> None:
    session, keys, texts = _begin(stage)
    jid = stage.world.linking.scan(texts[3], "+447700900777", _NOW)
    assert jid == Jid("447700900777", "s.whatsapp.net", 1)
    (said,) = stage.told(session)
    (success,) = said.children("pair-success")
    assert said.jid("from") == Jid("", "s.whatsapp.net")
    container = ADVSignedDeviceIdentityHMAC.FromString(
        success.children("device-identity")[0].data()
    )
    assert hmac.digest(keys.adv_secret, container.details, "sha256") == container.HMAC
    signed = ADVSignedDeviceIdentity.FromString(container.details)
    message = b"\x06\x00" + signed.details + keys.identity.public
    assert verify(signed.accountSignatureKey, message, signed.accountSignature)
    assert ADVDeviceIdentity.FromString(signed.details).keyIndex == 1


def test_a_device_is_linked_once_it_has_signed_and_is_sent_off_to_log_in(stage: Stage) -> None:
    session, keys, texts = _begin(stage)
    jid = stage.world.linking.scan(texts[0], None, _NOW)
    assert stage.world.registry.companion(jid.user, 1) is None
    stage.told(session)
    _sign(stage, session)
    (error,) = stage.told(session)
    assert error.attr("code") == "515"
    assert stage.closed(session)
    login = stage.world.opened(keys.login(jid.user, jid.device))
    assert stage.told(login)[0].tag == "success"


def test_each_new_phone_has_a_number_of_its_own(stage: Stage) -> None:
    jids = {stage.world.linking.scan(_begin(stage)[2][0], None, _NOW).user for _ in range(5)}
    assert len(jids) == 5


def test_a_ref_can_be_scanned_once(stage: Stage) -> None:
    _, _, texts = _begin(stage)
    stage.world.linking.scan(texts[0], None, _NOW)
    with pytest.raises(LinkingError, match="no client waits"):
        stage.world.linking.scan(texts[1], None, _NOW)


def test_a_client_that_left_can_not_be_scanned(stage: Stage) -> None:
    session, _, texts = _begin(stage)
    stage.world.lost(session)
    with pytest.raises(LinkingError, match="no client waits"):
        stage.world.linking.scan(texts[0], None, _NOW)


def test_a_qr_text_with_another_clients_keys_is_refused(stage: Stage) -> None:
    (_, _, one), (_, _, two) = _begin(stage), _begin(stage)
    mixed = two[0].replace(QrText.parse(two[0]).ref, QrText.parse(one[0]).ref)
    with pytest.raises(LinkingError, match="keys"):
        stage.world.linking.scan(mixed, None, _NOW)


@pytest.mark.parametrize("text", ["", "hello", "a,b,c,d,e", "https://wa.me/x#1,2,3"])
def test_what_is_no_qr_text_is_refused(stage: Stage, text: str) -> None:
    with pytest.raises(LinkingError):
        stage.world.linking.scan(text, None, _NOW)


def test_what_is_no_number_is_refused(stage: Stage) -> None:
    with pytest.raises(LinkingError, match="no phone number"):
        stage.world.linking.scan(_begin(stage)[2][0], "911", _NOW)


def test_a_refused_pairing_has_a_secret_that_does_not_fit(stage: Stage) -> None:
    session, keys, texts = _begin(stage)
    stage.world.order(FaultOrder(FaultKind.PAIRING_REFUSED))
    jid = stage.world.linking.scan(texts[0], None, _NOW)
    (success,) = stage.told(session)[0].children("pair-success")
    container = ADVSignedDeviceIdentityHMAC.FromString(
        success.children("device-identity")[0].data()
    )
    assert hmac.digest(keys.adv_secret, container.details, "sha256") != container.HMAC
    stage.world.received(session, Node("iq", {"type": "error"}))
    assert stage.world.registry.companion(jid.user, 1) is None


@pytest.mark.parametrize("withheld", [False, True])
def test_a_device_that_was_linked_gets_its_phones_history_unless_ordered(
    stage: Stage, *, withheld: bool
) -> None:
    session, keys, texts = _begin(stage)
    if withheld:
        stage.world.order(FaultOrder(FaultKind.HISTORY_WITHHELD))
    jid = stage.world.linking.scan(texts[0], "+447700900777", _NOW)
    _sign(stage, session)
    stage.look()
    login = stage.world.opened(keys.login(jid.user, jid.device))
    passive = {"id": "p", "xmlns": "passive", "type": "set"}
    stage.world.received(login, Node("iq", passive, (Node("active"),)))
    told = [node for node in stage.told(login) if node.tag == "message"]
    assert [(node.attr("category"), node.jid("from")) for node in told] == (
        [] if withheld else [("peer", stage.world.registry.account(jid.user).lid)] * 2
    )


def test_a_device_that_was_linked_can_be_left_without_a_word(stage: Stage) -> None:
    session, _, texts = _begin(stage)
    stage.world.order(FaultOrder(FaultKind.LOGIN_UNASKED))
    jid = stage.world.linking.scan(texts[0], "+447700900777", _NOW)
    _sign(stage, session)
    assert stage.world.registry.companion(jid.user, jid.device) is not None
    stage.look()
    assert not stage.closed(session)


def test_a_passkey_can_be_asked_for_in_place_of_the_link(stage: Stage) -> None:
    session, _, texts = _begin(stage)
    stage.world.order(FaultOrder(FaultKind.PASSKEY_ASKED))
    jid = stage.world.linking.scan(texts[0], "+447700900777", _NOW)
    (asked,) = stage.told(session)
    assert (asked.tag, asked.attr("type")) == ("notification", "passkey_prologue_request")
    (options,) = asked.children("passkey_request_options")
    assert json.loads(options.data())["rpId"] == "whatsapp.com"
    stage.world.received(session, Node("ack", {"class": "notification", "id": asked.attr("id")}))
    with pytest.raises(LinkingError, match="no client waits"):
        stage.world.linking.scan(texts[1], "+447700900777", _NOW)
    assert stage.world.registry.companion(jid.user, jid.device) is None
    assert stage.world.registry.account(jid.user).linked == 0


def test_a_pairing_can_run_out_of_time(stage: Stage) -> None:
    stage.world.order(FaultOrder(FaultKind.PAIRING_TIMEOUT, seconds=20))
    session, _, texts = _begin(stage)
    assert stage.later().seconds == 20
    stage.later().call()
    stage.look()
    assert stage.closed(session)
    stage.world.lost(session)
    with pytest.raises(LinkingError):
        stage.world.linking.scan(texts[0], None, _NOW)


def test_a_code_that_nobody_asked_for_is_refused(stage: Stage) -> None:
    with pytest.raises(LinkingError, match="no client waits for a code"):
        stage.world.linking.enter_code("+447700900777", "ABCD-1234")


def test_a_hello_without_a_key_is_refused(stage: Stage) -> None:
    session, _, _ = _begin(stage)
    hello = Node("link_code_companion_reg", {"stage": "companion_hello"})
    stage.world.received(session, Node("iq", {"id": "h", "type": "set"}, (hello,)))
    (answer,) = stage.told(session)
    assert answer.attr("type") == "error"
