"""What takes a message back, or amends it: its protobuf, field by field, as other clients send it.

The numbers are those of waE2E.proto and waCommon.proto in whatsmeow (`proto/`), which Baileys'
WAProto and whatsapp-rust's waproto have too. Which fields are said, and with what in them, is
`BuildRevoke`, `BuildEdit` and `BuildMessageKey` in whatsmeow's send.go (33cfac5), and `delete` and
`edit` in Baileys' src/Utils/messages.ts (78e7e4e), where the edit has no `editedMessage` around it.
"""

from collections.abc import Mapping

import pytest

from waheal.model import ErrandKind
from waheal.sandbox.protowire import read_bytes, read_wire

pytestmark = pytest.mark.real

# Message
_PROTOCOL_MESSAGE, _CONTEXT_INFO, _EDITED_MESSAGE, _CONVERSATION = 12, 35, 58, 1
# ProtocolMessage
_KEY, _TYPE, _NEW, _TIMESTAMP = 1, 2, 14, 15
_REVOKE, _MESSAGE_EDIT = 0, 14

KEY = {1: b"777@lid", 2: 1, 3: b"3EB0AA"}  # remoteJID, fromMe, ID
SECRET = {3: bytes(range(32))}  # MessageContextInfo.messageSecret


def inside(message: bytes, number: int) -> Mapping[int, int | bytes]:
    return read_wire(read_bytes(read_wire(message), number))


def test_a_revoke_has_the_fields_that_other_clients_say(lines: Mapping[str, str]) -> None:
    message = bytes.fromhex(lines[f"errand {ErrandKind.RECALL}"])
    assert set(read_wire(message)) == {_PROTOCOL_MESSAGE, _CONTEXT_INFO}
    assert inside(message, _CONTEXT_INFO) == SECRET
    protocol = inside(message, _PROTOCOL_MESSAGE)
    assert set(protocol) == {_KEY, _TYPE}
    assert read_wire(read_bytes(protocol, _KEY)) == KEY
    assert protocol[_TYPE] == _REVOKE


def test_an_edit_has_the_fields_that_other_clients_say(lines: Mapping[str, str]) -> None:
    message = bytes.fromhex(lines[f"errand {ErrandKind.AMEND}"])
    assert set(read_wire(message)) == {_EDITED_MESSAGE, _CONTEXT_INFO}
    assert inside(message, _CONTEXT_INFO) == SECRET
    wrapped = read_bytes(inside(message, _EDITED_MESSAGE), 1)  # FutureProofMessage.message
    assert set(read_wire(wrapped)) == {_PROTOCOL_MESSAGE}
    protocol = inside(wrapped, _PROTOCOL_MESSAGE)
    assert set(protocol) == {_KEY, _TYPE, _NEW, _TIMESTAMP}
    assert read_wire(read_bytes(protocol, _KEY)) == KEY
    assert (protocol[_TYPE], protocol[_TIMESTAMP]) == (_MESSAGE_EDIT, 1_700_000_000_500)
    assert read_wire(read_bytes(protocol, _NEW)) == {_CONVERSATION: b"new"}
