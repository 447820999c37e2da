"""The stanzas that come beside any run: none of them may end a client, or be taken for another."""

from tests.conformance.messages import MESSAGES, RECEIPTS
from tests.conformance.notifications import GROUPS, NOTIFICATIONS
from tests.conformance.said import BAILEYS, WHATSMEOW, ZAPO, Said

_IB = WHATSMEOW("connectionevents.go")
_OFFLINE = ZAPO("src/client/events/offline.ts")
_INCOMING = ZAPO("src/client/coordinators/WaIncomingNodeCoordinator.ts")


def _call(content: str) -> str:
    return (
        f'<call from="<jid lid>" id="<id 16>" t="<number 10>" platform="android">{content}</call>'
    )


CALLS = (
    Said(
        "call-offer",
        WHATSMEOW("call.go"),
        _call(
            '<offer call-creator="<jid lid device>" call-id="<id 32>" caller_pn="<jid pn>">'
            '<audio enc="opus" rate="8000"/><enc v="2" type="msg"><bytes 64></enc></offer>'
        ),
    ),
    Said(
        "call-to-a-group",
        WHATSMEOW("call.go"),
        _call(
            '<offer_notice call-creator="<jid lid>" call-id="<id 32>" group-jid="<jid group>"'
            ' media="video" type="group"/>'
        ),
    ),
    Said(
        "call-latency",
        WHATSMEOW("call.go"),
        _call('<relaylatency call-creator="<jid lid>" call-id="<id 32>"/>'),
    ),
    Said(
        "call-terminate",
        WHATSMEOW("call.go"),
        _call('<terminate call-creator="<jid lid>" call-id="<id 32>" reason="timeout"/>'),
    ),
    Said(
        "call-without-anything",
        ZAPO("packages/fake-server/src/protocol/push/call-failure.ts"),
        _call("<rte/>"),
    ),
)

PRESENCE = (
    Said(
        "typing",
        WHATSMEOW("presence.go"),
        '<chatstate from="<jid lid>"><composing/></chatstate>',
    ),
    Said(
        "recording-a-voice-note-in-a-group",
        WHATSMEOW("presence.go"),
        '<chatstate from="<jid group>" participant="<jid lid>"><composing media="audio"/>'
        "</chatstate>",
    ),
    Said(
        "typing-of-a-kind-that-nobody-knows",
        WHATSMEOW("presence.go"),
        '<chatstate from="<jid lid>"><recording/></chatstate>',
    ),
    Said("online", WHATSMEOW("presence.go"), '<presence from="<jid pn>"/>'),
    Said(
        "last-seen",
        WHATSMEOW("presence.go"),
        '<presence from="<jid pn>" type="unavailable" last="<number 10>"/>',
    ),
    Said(
        "last-seen-is-private",
        WHATSMEOW("presence.go"),
        '<presence from="<jid pn>" type="unavailable" last="deny"/>',
    ),
)

BULLETINS = (
    Said(
        "offline-preview",
        _IB,
        '<ib from="s.whatsapp.net"><offline_preview count="4" message="1" notification="1"'
        ' receipt="1" appdata="1"/></ib>',
    ),
    Said("offline-done-twice", _IB, '<ib from="s.whatsapp.net"><offline count="4"/></ib>'),
    Said(
        "dirty",
        _IB,
        '<ib from="s.whatsapp.net"><dirty type="account_sync" timestamp="<number 10>"/></ib>',
    ),
    Said(
        "dirty-groups",
        BAILEYS("Socket/socket.ts"),
        '<ib from="s.whatsapp.net"><dirty type="groups" timestamp="<number 10>"/></ib>',
    ),
    Said(
        "edge-routing",
        BAILEYS("Socket/socket.ts"),
        '<ib from="s.whatsapp.net"><edge_routing><routing_info><bytes 12></routing_info>'
        "</edge_routing></ib>",
    ),
    Said(
        "thread-metadata",
        _OFFLINE,
        '<ib from="s.whatsapp.net"><thread_metadata><item from="<jid lid>" t="<number 10>"/>'
        '<watermark><item from="<jid lid>" sts="<number 10>"/></watermark>'
        '<status_msgs count="1"><item from="<jid lid>"/></status_msgs><notifications count="2"/>'
        "</thread_metadata></ib>",
    ),
    Said(
        "client-expiration",
        _INCOMING,
        '<ib from="s.whatsapp.net"><client_expiration t="<number 10>"/></ib>',
    ),
    Said(
        "priority-offline-complete",
        _INCOMING,
        '<ib from="s.whatsapp.net"><priority_offline_complete/></ib>',
    ),
    Said("downgrade", _IB, '<ib from="s.whatsapp.net"><downgrade_webclient/></ib>'),
    Said("stream-features", WHATSMEOW("client.go"), "<stream:features/>"),
)

ANSWERS_TO_NOTHING = (
    Said(
        "ack-of-a-message-that-nobody-sent",
        WHATSMEOW("request.go"),
        '<ack class="message" from="<jid lid>" id="<id 20>" t="<number 10>"/>',
    ),
    Said(
        "ack-with-an-error-of-a-message-that-nobody-sent",
        WHATSMEOW("send.go"),
        '<ack class="message" from="<jid lid>" id="<id 20>" t="<number 10>" error="479"/>',
    ),
    Said(
        "ack-of-a-class-that-nobody-knows",
        WHATSMEOW("client.go"),
        '<ack class="ib" from="s.whatsapp.net" id="<id 10>" t="<number 10>"/>',
    ),
    Said(
        "error",
        ZAPO("packages/fake-server/src/protocol/push/error-stanza.ts"),
        '<error code="503" text="service-unavailable"/>',
    ),
    Said(
        "result-of-a-query-that-nobody-asked",
        WHATSMEOW("request.go"),
        '<iq from="s.whatsapp.net" id="<id 10>" type="result"/>',
    ),
    Said(
        "query-that-nobody-knows",
        WHATSMEOW("pair.go"),
        '<iq from="s.whatsapp.net" id="<id 10>" type="get" xmlns="urn:xmpp:ping"/>',
    ),
    Said("a-tag-that-nobody-knows", WHATSMEOW("client.go"), '<wormhole id="<id 10>"/>'),
)

EVERYDAY = (
    *NOTIFICATIONS,
    *GROUPS,
    *CALLS,
    *PRESENCE,
    *BULLETINS,
    *ANSWERS_TO_NOTHING,
    *RECEIPTS,
    *MESSAGES,
)
