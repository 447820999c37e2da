"""Messages and receipts, in the forms that are known."""

from tests.conformance.said import BAILEYS, WHATSMEOW, Said

_RECEIPTS = WHATSMEOW("receipt.go")
_MESSAGES = WHATSMEOW("message.go")


def _receipt(attributes: str, content: str = "") -> str:
    return f'<receipt t="<number 10>" {attributes}>{content}</receipt>'


def _message(attributes: str, content: str) -> str:
    return f'<message id="<id 20>" t="<number 10>" {attributes}>{content}</message>'


RECEIPTS = (
    Said("read", _RECEIPTS, _receipt('from="<jid lid>" id="<sent>" type="read"'), ("read",)),
    Said("played", _RECEIPTS, _receipt('from="<jid lid>" id="<sent>" type="played"'), ("read",)),
    Said(
        "inactive",
        _RECEIPTS,
        _receipt('from="<jid lid>" id="<sent>" type="inactive"'),
        ("delivered",),
    ),
    Said(
        "read-of-several",
        _RECEIPTS,
        _receipt(
            'from="<jid lid>" id="<sent>" type="read"',
            '<list><item id="<id 20>"/></list>',
        ),
        ("read", "read of another"),
    ),
    Said(
        "delivered-to-another-device-of-the-contact",
        _RECEIPTS,
        _receipt('from="<jid lid device>" id="<sent>"'),
        ("delivered",),
    ),
    Said(
        "delivered-by-number",
        _RECEIPTS,
        _receipt('from="<jid pn>" id="<sent>" sender_lid="<jid lid>"'),
        ("delivered",),
    ),
    Said(
        "delivered-that-nobody-sent",
        _RECEIPTS,
        _receipt('from="<jid lid>" id="<id 20>"'),
        ("delivered of another",),
    ),
    Said(
        "sender",
        _RECEIPTS,
        _receipt('from="<own lid>" recipient="<jid lid>" id="<sent>" type="sender"'),
    ),
    Said(
        "delivered-to-an-own-device",
        _RECEIPTS,
        _receipt('from="<own lid device>" recipient="<jid lid>" id="<sent>"'),
    ),
    Said(
        "read-self",
        _RECEIPTS,
        _receipt('from="<own lid>" recipient="<jid lid>" id="<id 20>" type="read-self"'),
    ),
    Said(
        "played-self",
        _RECEIPTS,
        _receipt('from="<own lid>" recipient="<jid lid>" id="<id 20>" type="played-self"'),
    ),
    Said("peer-msg", _RECEIPTS, _receipt('from="<own lid>" id="<sent>" type="peer_msg"')),
    Said("hist-sync", _RECEIPTS, _receipt('from="<own lid>" id="<sent>" type="hist_sync"')),
    Said(
        "read-in-a-group",
        _RECEIPTS,
        _receipt('from="<jid group>" participant="<jid lid>" id="<id 20>" type="read"'),
        ("read of another",),
    ),
    Said(
        "delivered-in-a-group-to-several",
        _RECEIPTS,
        _receipt(
            'from="<jid group>" id="<id 20>"',
            '<participants key="<id 20>"><user jid="<jid lid>" t="<number 10>"/></participants>',
        ),
        ("delivered of another",),
    ),
    Said(
        "read-of-a-status",
        _RECEIPTS,
        _receipt('from="<jid status>" participant="<jid lid>" id="<id 20>" type="read"'),
        ("read of another",),
    ),
    Said(
        "retry-of-what-nobody-sent",
        WHATSMEOW("retry.go"),
        _receipt(
            'from="<jid lid>" id="<id 20>" type="retry"',
            '<retry v="1" count="1" id="<id 20>" t="<number 10>"/>'
            "<registration><bytes 4></registration>",
        ),
        ("retry of another",),
    ),
    Said(
        "retry-without-anything",
        WHATSMEOW("retry.go"),
        _receipt('from="<jid lid>" id="<sent>" type="retry"'),
        ("retry",),
    ),
)

MESSAGES = (
    Said(
        "text-by-lid-and-number",
        _MESSAGES,
        _message('from="<jid lid>" sender_pn="<jid pn>" type="text" notify="<text 3>"', "<enc/>"),
        ("heard hello with a number",),
        "hello",
    ),
    Said(
        "text-by-number-and-lid",
        "https://github.com/tulir/whatsmeow/issues/855",
        _message('from="<jid pn>" sender_lid="<jid lid>" type="text" notify="<text 3>"', "<enc/>"),
        ("heard hello with a number",),
        "hello",
    ),
    Said(
        "text-by-lid-alone",
        "https://github.com/tulir/whatsmeow/issues/1014",
        _message('from="<jid lid>" type="text" notify="<text 3>"', "<enc/>"),
        ("heard hello",),
        "hello",
    ),
    Said(
        "text-that-waited",
        _MESSAGES,
        _message('from="<jid lid>" sender_pn="<jid pn>" type="text" offline="1"', "<enc/>"),
        ("heard hello with a number",),
        "hello",
    ),
    Said(
        "text-of-a-business",
        _MESSAGES,
        _message(
            'from="<jid lid>" sender_pn="<jid pn>" type="text" verified_level="unknown"'
            ' verified_name="<number 16>"',
            '<verified_name v="2"><bytes 40></verified_name>'
            '<biz actual_actors="1" host_storage="1"/><enc/>',
        ),
        ("heard hello with a number",),
        "hello",
    ),
    Said(
        "text-in-a-group",
        _MESSAGES,
        _message(
            'from="<jid group>" participant="<jid lid>" participant_pn="<jid pn>"'
            ' addressing_mode="lid" type="text"',
            "<enc/>",
        ),
        text="STOP",
    ),
    Said(
        "text-in-a-group-under-a-key-that-never-came",
        _MESSAGES,
        _message(
            'from="<jid group>" participant="<jid lid>" addressing_mode="lid" type="text"',
            '<enc v="2" type="skmsg"><bytes 120></enc>',
        ),
    ),
    Said(
        "text-to-a-broadcast-list",
        "https://github.com/tulir/whatsmeow/issues/1262",
        _message('from="<jid broadcast>" participant="<jid lid>" type="text"', "<enc/>"),
        text="STOP",
    ),
    Said(
        "status",
        _MESSAGES,
        _message(
            'from="<jid status>" participant="<jid lid>" participant_pn="<jid pn>" type="text"',
            "<enc/>",
        ),
        text="STOP",
    ),
    Said(
        "status-under-a-key-that-never-came",
        _MESSAGES,
        _message(
            'from="<jid status>" participant="<jid lid>" type="media"',
            '<enc v="2" type="skmsg" mediatype="image"><bytes 120></enc>',
        ),
    ),
    Said(
        "text-in-a-channel",
        _MESSAGES,
        _message(
            'from="<jid newsletter>" server_id="100" type="text"',
            "<plaintext>\n\x04STOP</plaintext>",
        ),
    ),
    Said(
        "status-of-a-channel",
        _MESSAGES,
        '<status from="<jid newsletter>" id="<id 20>" server_id="100" t="<number 10>" type="text">'
        "<plaintext>\n\x04STOP</plaintext></status>",
    ),
    Said(
        "view-once-that-the-phone-alone-may-open",
        _MESSAGES,
        _message(
            'from="<jid lid>" sender_pn="<jid pn>" type="media"',
            '<unavailable type="view_once"/>',
        ),
    ),
    Said(
        "text-that-is-unavailable",
        BAILEYS("Socket/messages-recv.ts"),
        _message(
            'from="<jid lid>" sender_pn="<jid pn>" type="text"', '<unavailable type="unknown"/>'
        ),
    ),
    Said(
        "text-that-can-not-be-opened",
        _MESSAGES,
        _message(
            'from="<jid lid>" sender_pn="<jid pn>" type="text"',
            '<enc v="2" type="msg"><bytes 90></enc>',
        ),
    ),
    Said(
        "text-of-the-own-phone-that-can-not-be-opened",
        _MESSAGES,
        _message(
            'from="<own lid>" recipient="<jid lid>" type="text"',
            '<enc v="2" type="msg"><bytes 90></enc>',
        ),
    ),
    Said(
        "a-bots-text",
        BAILEYS("Socket/messages-recv.ts"),
        _message(
            'from="<jid bot>" type="text"',
            '<meta target_id="<id 20>"/><bot edit="first"/>'
            '<enc v="2" type="msmsg"><bytes 90></enc>',
        ),
    ),
    Said(
        "a-ciphertext-that-nobody-knows",
        _MESSAGES,
        _message(
            'from="<jid lid>" sender_pn="<jid pn>" type="text"',
            '<enc v="9" type="<text 6>"><bytes 90></enc>',
        ),
    ),
    Said(
        "text-without-a-ciphertext",
        _MESSAGES,
        _message('from="<jid lid>" sender_pn="<jid pn>" type="text"', "<meta/>"),
    ),
)
