"""What the library's warnings say of the devices that a message was not encrypted for."""

from waheal.host.left_out import Address, LeftOut

WHY = "failed to process prekey bundle: failed to save identity of 1_1:0: disk is full"


def test_each_device_is_told_once_with_its_reason() -> None:
    left_out = LeftOut()
    left_out.hear(f"Failed to encrypt 3EB0 for 107@lid: {WHY}")
    left_out.hear("Failed to encrypt 3EB0 for 107.1:12@hosted.lid: no signal session")
    left_out.hear("Failed to encrypt 3EB1 for 15555550100@s.whatsapp.net: two\nlines")
    assert left_out.take("3EB0") == {
        Address("107", 0): WHY,
        Address("107", 12): "no signal session",
    }
    assert left_out.take("3EB1") == {Address("15555550100", 0): "two\nlines"}
    assert left_out.take("3EB0") == left_out.take("3EB2") == {}


def test_other_warnings_say_nothing() -> None:
    left_out = LeftOut()
    left_out.hear("Failed to encrypt media for 107@lid")
    left_out.hear("Failed to store message secret key for outgoing message 3EB0: full")
    assert left_out.take("media") == left_out.take("3EB0") == {}


def test_what_nobody_takes_is_not_kept_for_ever() -> None:
    left_out = LeftOut()
    for number in range(2000):
        left_out.hear(f"Failed to encrypt {number} for 107@lid: {WHY}")
    assert left_out.take("999") == {}
    assert left_out.take("1000") != {}
