import pytest

from tests.sandbox.worlds import NUMBER, Device, Stage
from waheal.sandbox.control_words import Action
from waheal.sandbox.effects import GoAway, Happened, Mute, MuteNewcomers
from waheal.sandbox.fault_orders import FaultKind, FaultOrder
from waheal.sandbox.greeting import Login
from waheal.sandbox.plaintext import text_message
from waheal.sandbox.world import NoSuchDeviceError


def test_a_login_is_told_its_lid_and_what_waits(device: Device) -> None:
    success, answer, done = device.log_in()
    assert success.jid("lid") == device.companion.lid
    assert (answer.tag, answer.attr("type")) == ("iq", "result")
    assert done.child("offline") is not None


def test_an_unknown_device_is_refused(stage: Stage) -> None:
    session = stage.world.opened(Login(b"k" * 32, NUMBER, 1))
    (failure,) = stage.told(session)
    assert (failure.tag, failure.attr("reason")) == ("failure", "401")
    assert stage.closed(session)


def test_a_device_with_another_key_is_refused(stage: Stage, device: Device) -> None:
    session = stage.world.opened(Login(b"k" * 32, device.number, 1))
    assert [node.tag for node in stage.told(session)] == ["failure"]


def test_a_second_login_replaces_the_first(stage: Stage, device: Device) -> None:
    first = device.session
    device.log_in()
    assert stage.closed(first)
    assert stage.world.board.online[device.companion.jid] is device.session
    stage.world.lost(first)
    assert stage.world.board.online[device.companion.jid] is device.session


def test_a_ban_has_its_reason_and_its_length(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.LOGIN_FAILURE, code=402, ban_code=104, expire=3600))
    failure = device.log_in()[0]
    assert [failure.attr(name) for name in ("reason", "code", "expire")] == ["402", "104", "3600"]
    assert device.log_in()[0].tag == "success"


def test_a_slow_login_succeeds_when_its_time_is_over(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.SLOW_LOGIN, seconds=7))
    assert "success" not in [node.tag for node in device.log_in()]
    wait = stage.later()
    assert wait.seconds == 7
    wait.call()
    assert [node.tag for node in stage.told(device.session)] == ["success"]


@pytest.mark.parametrize("code", [401, 403])
def test_a_login_that_logs_out_forgets_the_device(stage: Stage, device: Device, code: int) -> None:
    stage.world.order(FaultOrder(FaultKind.LOGIN_FAILURE, code=code))
    device.log_in()
    with pytest.raises(NoSuchDeviceError):
        stage.world.find(device.jid)


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (Action.DROP, []),
        (Action.STREAM_ERROR, ["503"]),
        (Action.REPLACED, [""]),
        (Action.LOGOUT, ["401"]),
    ],
)
def test_a_device_can_be_acted_upon(
    stage: Stage, device: Device, action: Action, told: list[str]
) -> None:
    stage.look()
    stage.world.act(device.jid, action, 503)
    assert [node.attr("code") for node in stage.told(device.session)] == told
    assert stage.closed(device.session)


def test_a_number_names_all_of_its_devices(stage: Stage, device: Device) -> None:
    twin = Device(stage, number=device.number)
    assert stage.world.find(f"+{device.number}") == (device.companion, twin.companion)
    assert stage.world.find(twin.jid) == (twin.companion,)


def test_a_black_hole_mutes_a_device_now_and_at_its_next_login(
    stage: Stage, device: Device
) -> None:
    other = Device(stage, number="14255550151")
    stage.look()
    stage.world.order(FaultOrder(FaultKind.BLACK_HOLE, device=device.jid))
    assert stage.look() == [Mute(device.session.session_id, muted=True), MuteNewcomers(False)]
    device.drop()
    device.log_in()
    assert Mute(device.session.session_id, muted=True) in stage.effects
    stage.world.clear_faults()
    assert stage.look()[0] == Mute(device.session.session_id, muted=False)
    assert not other.session.muted


def test_a_black_hole_for_all_ends_with_its_time(stage: Stage, device: Device) -> None:
    stage.look()
    stage.world.order(FaultOrder(FaultKind.BLACK_HOLE, seconds=3))
    assert MuteNewcomers(muted=True) in stage.look()
    assert device.session.muted
    stage.later().call()
    assert MuteNewcomers(muted=False) in stage.look()
    assert not device.session.muted


def test_the_server_goes_away_for_as_long_as_ordered(stage: Stage) -> None:
    stage.world.order(FaultOrder(FaultKind.SERVER_GONE, seconds=2))
    assert stage.look() == [GoAway(2)]


def test_everything_is_there_again_after_a_kill(stage: Stage, device: Device) -> None:
    device.send(device.letter("before", message_id="A1"))
    stage.world.correspondence.write(
        NUMBER, device.companion, text_message("answer"), stage.clock()
    )
    stage.reopen()
    (companion,) = stage.world.find(device.jid)
    assert companion.stock.identity == device.companion.stock.identity
    assert device.texts() == ["before"]
    tags = [node.tag for node in device.log_in()]
    assert tags.count("receipt") == 1
    assert tags.count("message") == 1
    device.send(device.letter("after"))
    assert device.texts() == ["before", "after"]
    assert [node.tag for node in device.send(device.letter("again", message_id="A1"))] == ["ack"]
    assert device.texts() == ["before", "after"]


def test_watchers_are_told(stage: Stage, device: Device) -> None:
    stage.look()
    device.drop()
    assert stage.look() == [Happened("disconnected", {"device": device.jid})]


def test_watchers_are_told_of_each_stanza_of_a_message(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.DROP_BEFORE))
    letter = device.letter("cut, and sent again")
    device.send(letter)
    lost = [each for each in stage.effects if isinstance(each, Happened)]
    device.log_in()
    device.send(letter)
    told = [each for each in stage.effects if isinstance(each, Happened)]
    what = {"device": device.jid, "message_id": letter.attr("id"), "phone": f"+{NUMBER}"}
    assert Happened("arrived", what) in lost
    assert [each.event for each in told] == ["arrived", "received"]


def test_what_devices_send_is_counted(stage: Stage, device: Device) -> None:
    device.say("iq", {"id": "1", "xmlns": "w:p", "type": "get"})
    device.say("presence", {"type": "available"})
    counts = stage.world.board.by_device[device.jid]
    assert counts == {
        "connect": 1,
        "login": 1,
        "version ": 1,
        "iq:passive": 1,
        "iq:w:p": 1,
        "presence": 1,
    }
