"""What takes a message back, or amends it: its protobuf, field by field, as other clients send it.

The numbers are those of waE2E.proto and waCommon.proto in whatsmeow (`proto/`), which Baileys'
WAProto and whatsapp-rust's waproto have too. Which fields are said, and with what in them, is
`BuildRevoke`, `BuildEdit` and `BuildMessageKey` in whatsmeow's send.go (33cfac5), and `delete` and
`edit` in Baileys' src/Utils/messages.ts (78e7e4e), where the edit has no `editedMessage` around it.
"""

from collections.abc import Mapping

import pytest

from waheal.model import CAPTIONED, ErrandKind, MediaKind
from waheal.sandbox.protowire import read_bytes, read_wire

pytestmark = pytest.mark.real

# Message
_PROTOCOL_MESSAGE, _CONTEXT_INFO, _EDITED_MESSAGE, _CONVERSATION = 12, 35, 58, 1
_IMAGE, _DOCUMENT, _VIDEO, _WITH_CAPTION = 3, 7, 9, 53
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


def new_words(message: bytes) -> bytes:
    """Give what is in `editedMessage` of the ProtocolMessage, once the rest is as it should be."""
    assert set(read_wire(message)) == {_EDITED_MESSAGE, _CONTEXT_INFO}
    assert inside(message, _CONTEXT_INFO) == SECRET
    wrapped = read_bytes(inside(message, _EDITED_MESSAGE), 1)  # FutureProofMessage.message
    assert set(read_wire(wrapped)) == {_PROTOCOL_MESSAGE}
    protocol = inside(wrapped, _PROTOCOL_MESSAGE)
    assert set(protocol) == {_KEY, _TYPE, _NEW, _TIMESTAMP}
    assert read_wire(read_bytes(protocol, _KEY)) == KEY
    assert (protocol[_TYPE], protocol[_TIMESTAMP]) == (_MESSAGE_EDIT, 1_700_000_000_500)
    return read_bytes(protocol, _NEW)


def test_an_edit_has_the_fields_that_other_clients_say(lines: Mapping[str, str]) -> None:
    message = bytes.fromhex(lines[f"errand {ErrandKind.AMEND}"])
    assert read_wire(new_words(message)) == {_CONVERSATION: b"new"}


# A caption that one of WhatsApp's apps edited came as `videoMessage: {caption}` and nothing else
# (https://github.com/devlikeapro/waha/issues/1773); those of whatsmeow send a picture's likewise
# (https://github.com/tulir/whatsmeow/issues/684). WhatsApp Web reads these, and a document's with
# the wrapper or without.
@pytest.mark.parametrize(
    ("kind", "field", "caption"),
    [(MediaKind.IMAGE, _IMAGE, 3), (MediaKind.VIDEO, _VIDEO, 7)],
)
def test_an_edited_caption_is_a_file_with_nothing_but_that(
    lines: Mapping[str, str], kind: MediaKind, field: int, caption: int
) -> None:
    new = new_words(bytes.fromhex(lines[f"caption {kind}"]))
    assert set(read_wire(new)) == {field}
    assert inside(new, field) == {caption: b"new"}


def test_an_edited_caption_of_a_document_is_wrapped_as_the_first_was(
    lines: Mapping[str, str],
) -> None:
    new = new_words(bytes.fromhex(lines[f"caption {MediaKind.DOCUMENT}"]))
    assert set(read_wire(new)) == {_WITH_CAPTION}
    document = read_bytes(inside(new, _WITH_CAPTION), 1)
    assert inside(document, _DOCUMENT) == {20: b"new"}


def test_every_file_with_a_caption_is_held() -> None:
    assert {MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.DOCUMENT} == CAPTIONED
