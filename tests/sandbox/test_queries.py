import pytest

from tests.sandbox.worlds import NUMBER, Device, Stage
from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.curve import verify
from waheal.sandbox.fault_orders import FaultKind, FaultOrder
from waheal.sandbox.numbering import lid_of
from waheal.sandbox.prekeys import PublicPreKey
from waheal.sandbox.protobufs import ADVKeyIndexList, ADVSignedKeyIndexList
from waheal.sandbox.stanzas import LIDS, USERS
from waheal.sandbox.world import NoSuchDeviceError

_PN, _LID = Jid(NUMBER, USERS), Jid(lid_of(NUMBER), LIDS)


def _only(nodes: list[Node]) -> Node:
    (node,) = nodes
    assert (node.tag, node.attr("id")) == ("iq", "q")
    return node


def _users(nodes: list[Node]) -> tuple[Node, ...]:
    usync = _only(nodes).child("usync")
    assert usync is not None
    found = usync.child("list")
    assert found is not None
    return found.children("user")


def _contact(text: str) -> Node:
    return Node("user", {}, (Node("contact", {}, text.encode()),))


@pytest.mark.parametrize("xmlns", ["w:p", "w:mex", "w:g2", "privacy", "urn:xmpp:unheard-of"])
def test_any_other_query_gets_an_empty_result(device: Device, xmlns: str) -> None:
    answer = _only(device.query(xmlns, "get"))
    assert (answer.attr("type"), answer.content) == ("result", None)


def test_an_answer_is_not_answered(device: Device) -> None:
    assert device.query("w:p", "result") == []


def test_uploaded_prekeys_are_counted_and_used_up(stage: Stage, device: Device) -> None:
    keys = tuple(PublicPreKey(index, bytes((index,)) * 32).node() for index in (1, 2))
    device.query("encrypt", "set", Node("list", {}, keys))
    count = _only(device.query("encrypt", "get", Node("count"))).child("count")
    assert count is not None
    assert count.attr("value") == "2"
    other = Device(stage, number="14255550151")
    assert [other.fetch(device.companion.lid).one_time for _ in range(2)] == [
        PublicPreKey(1, b"\x01" * 32),
        PublicPreKey(2, b"\x02" * 32),
    ]
    assert not device.companion.stock.one_time


def test_prekeys_come_in_the_sizes_that_the_client_asks_for(device: Device) -> None:
    keys = Node("key", {}, (Node("user", {"jid": _LID}),))
    answer = _only(device.query("encrypt", "get", keys)).child("list")
    assert answer is not None
    (user,) = answer.children("user")
    assert user.jid("jid") == _LID
    sizes = {node.tag: len(node.data()) for node in user.children() if node.data()}
    assert sizes == {"registration": 4, "type": 1, "identity": 32}
    for tag in ("key", "skey"):
        (key,) = user.children(tag)
        assert [len(part.data()) for part in key.children()][:2] == [3, 32]


def test_prekeys_of_no_device_are_an_error_in_the_list(device: Device) -> None:
    nobody = Jid(_LID.user, LIDS, 9)
    keys = Node("key", {}, (Node("user", {"jid": nobody}),))
    answer = _only(device.query("encrypt", "get", keys)).child("list")
    assert answer is not None
    assert answer.children("user")[0].child("error") is not None


def test_refused_prekeys_are_an_error(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.PREKEYS_REFUSED, recipient=NUMBER))
    keys = Node("key", {}, (Node("user", {"jid": _LID}),))
    assert _only(device.query("encrypt", "get", keys)).attr("type") == "error"


def test_prekeys_can_be_left_unanswered(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.PREKEYS_UNANSWERED, recipient=NUMBER))
    keys = Node("key", {}, (Node("user", {"jid": _LID}),))
    assert device.query("encrypt", "get", keys) == []


def test_a_number_has_its_lid(device: Device) -> None:
    (user,) = _users(device.usync(["lid", "devices"], Node("user", {"jid": _PN})))
    lid, devices = user.child("lid"), user.child("devices")
    assert user.jid("jid") == _PN
    assert lid is not None
    assert lid.jid("val") == _LID
    assert devices is not None


def test_a_lid_has_its_phone_and_its_linked_devices(stage: Stage, device: Device) -> None:
    asked = Node("user", {"jid": device.companion.lid.bare})
    (user,) = _users(device.usync(["devices"], asked))
    devices = user.children("devices")[0].children("device-list")[0].children("device")
    assert [one.attr("id") for one in devices] == ["0", "1"]
    assert stage.world.find(device.jid)


def test_the_list_of_an_accounts_devices_is_signed_by_it(stage: Stage, device: Device) -> None:
    asked = Node("user", {"jid": device.companion.lid.bare})
    (user,) = _users(device.usync(["devices"], asked))
    devices = user.children("devices")[0]
    linked = devices.children("device-list")[0].children("device")
    assert [one.attr("key-index") for one in linked] == ["", "1"]
    signed = ADVSignedKeyIndexList.FromString(devices.data_of("key-index-list"))
    listed = ADVKeyIndexList.FromString(signed.details)
    assert list(listed.validIndexes) == [0, 1]
    assert listed.timestamp == int(devices.children("key-index-list")[0].attr("ts"))
    key = stage.world.registry.account(device.number).phone.identity
    verify(key, b"\x06\x02" + signed.details, signed.accountSignature)


def test_what_is_asked_with_children_is_answered_with_children(device: Device) -> None:
    collection = Node("collection", {"name": "regular", "version": "3"})
    (answer,) = device.query("w:sync:app:state", "set", Node("sync", {}, (collection,)))
    (told,) = answer.children("sync")[0].children("collection")
    assert (told.attr("name"), told.attr("version")) == ("regular", "3")
    assert device.query("passive", "set", Node("active"))[0].child("active") is not None
    assert device.query("abt", "get")[0].child("props") is not None


def test_contacts_are_told_in_or_out_in_the_words_they_were_asked(
    stage: Stage, device: Device
) -> None:
    stage.world.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP, recipient="+447700900124"))
    texts = [f"+{NUMBER}@c.us", "+447700900124@c.us", "12@c.us"]
    there, away, bad = _users(device.usync(["contact"], *map(_contact, texts)))
    assert [node.children("contact")[0].attr("type") for node in (there, away)] == ["in", "out"]
    assert there.children("contact")[0].data() == texts[0].encode()
    assert (there.jid("jid"), there.jid("pn_jid")) == (_LID, _PN)
    assert away.jid("jid") is None
    assert (bad.jid("jid"), bad.jid("pn_jid")) == (None, None)


def test_a_number_that_is_not_on_whatsapp_has_no_lid(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP))
    (user,) = _users(device.usync(["lid"], Node("user", {"jid": _PN})))
    assert user.children() == ()


def test_a_lid_can_be_left_out_of_a_number_that_is_registered(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.LID_LEFT_OUT, count=None))
    (user,) = _users(device.usync(["lid", "devices"], Node("user", {"jid": _PN})))
    assert [node.tag for node in user.children()] == ["devices"]
    (user,) = _users(device.usync(["contact"], _contact(f"+{NUMBER}@c.us")))
    assert user.children("contact")[0].attr("type") == "in"
    assert (user.jid("jid"), user.jid("pn_jid")) == (None, _PN)


def test_of_a_number_nothing_can_be_said(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.UNLISTED, count=None))
    asked = (Node("user", {"jid": _PN}), _contact(f"+{NUMBER}@c.us"))
    for field, user in zip((["lid"], ["contact"]), asked, strict=True):
        (said,) = _users(device.usync(field, user))
        assert said.children() == ()


def test_an_account_can_be_registered_under_its_other_spelling_only(
    stage: Stage, device: Device
) -> None:
    other = "552198765432"
    order = FaultOrder(FaultKind.OTHER_SPELLING, recipient=NUMBER, number=f"+{other}", count=None)
    stage.world.order(order)
    (user,) = _users(device.usync(["lid", "devices"], Node("user", {"jid": _PN})))
    assert user.children() == ()
    (user,) = _users(device.usync(["contact"], _contact(f"+{NUMBER}@c.us")))
    assert (user.jid("jid"), user.jid("pn_jid")) == (
        Jid(lid_of(other), "lid"),
        Jid(other, "s.whatsapp.net"),
    )


def test_a_lookup_can_be_refused_or_left_unanswered(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.LOOKUP_REFUSED, recipient=NUMBER))
    stage.world.order(FaultOrder(FaultKind.LOOKUP_UNANSWERED, count=1))
    asked = Node("user", {"jid": _PN})
    assert device.usync(["lid"], asked) == []
    assert _only(device.usync(["lid"], asked)).attr("type") == "error"
    assert _users(device.usync(["lid"], asked))


@pytest.mark.parametrize("asked", [["lid"], ["contact"], ["devices"]])
def test_several_can_be_refused_who_get_an_answer_one_by_one(
    stage: Stage, device: Device, asked: list[str]
) -> None:
    stage.world.order(FaultOrder(FaultKind.BATCH_REFUSED, recipient=NUMBER, count=None))

    def user(number: str) -> Node:
        if asked == ["contact"]:
            return _contact(f"+{number}@c.us")
        return Node("user", {"jid": Jid(number, "s.whatsapp.net")})

    several = [user(each) for each in (NUMBER, "15555550155", "15555550156")]
    refused = _only(device.usync(asked, *several))
    assert refused.attr("type") == "error"
    assert len(_users(device.usync(asked, several[0]))) == 1


def test_a_device_list_can_be_refused(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.DEVICES_REFUSED, recipient=NUMBER))
    assert _only(device.usync(["devices"], Node("user", {"jid": _LID}))).attr("type") == "error"


def test_a_logout_forgets_the_device(stage: Stage, device: Device) -> None:
    removed = Node("remove-companion-device", {"jid": device.companion.jid})
    assert _only(device.query("md", "set", removed)).attr("type") == "result"
    with pytest.raises(NoSuchDeviceError):
        stage.world.find(device.jid)


def test_media_goes_to_the_sandboxes_own_host(device: Device) -> None:
    answer = _only(device.query("w:m", "set", Node("media_conn"))).child("media_conn")
    assert answer is not None
    assert answer.children("host")[0].attr("hostname") == "mmg.whatsapp.net"
    assert answer.attr("auth")
