"""The server's notifications, in the forms that are known."""

from tests.conformance.said import BAILEYS, WHATSMEOW, ZAPO, Said

_NOTIFICATIONS = WHATSMEOW("notification.go")
_PUSH = ZAPO("packages/fake-server/src/protocol/push/notification.ts")


def _notification(kind: str, content: str, sender: str = "s.whatsapp.net", more: str = "") -> str:
    attributes = f'from="{sender}" id="<id 10>" t="<number 10>" type="{kind}"{more}'
    return f"<notification {attributes}>{content}</notification>"


def _group(content: str) -> str:
    more = ' notify="<text 8>" participant="<jid lid>" addressing_mode="lid"'
    return _notification("w:gp2", content, "<jid group>", more)


NOTIFICATIONS = (
    Said(
        "account-sync-devices",
        _NOTIFICATIONS,
        _notification(
            "account_sync",
            '<devices dhash="<id 10>"><device jid="<own pn>"/><device jid="<own pn device>"/>'
            '<key-index-list ts="<number 10>"><bytes 90></key-index-list></devices>',
            "<own pn>",
        ),
    ),
    Said(
        "account-sync-blocklist",
        _NOTIFICATIONS,
        _notification(
            "account_sync",
            '<blocklist action="modify" dhash="<id 13>" prev_dhash="<id 13>">'
            '<item action="block" jid="<jid lid>"/></blocklist>',
            "<own pn>",
        ),
    ),
    Said(
        "account-sync-privacy",
        _NOTIFICATIONS,
        _notification(
            "account_sync",
            '<privacy><category name="last" value="contacts"/></privacy>',
            "<own pn>",
        ),
    ),
    Said(
        "account-sync-picture",
        _NOTIFICATIONS,
        _notification("account_sync", "<picture/>", "<own pn>"),
    ),
    Said(
        "account-sync-disappearing-mode",
        BAILEYS("Socket/messages-recv.ts"),
        _notification(
            "account_sync",
            '<disappearing_mode duration="<number 5>" t="<number 10>"/>',
            "<own pn>",
        ),
    ),
    Said(
        "disappearing-mode-of-a-contact",
        _NOTIFICATIONS,
        _notification(
            "disappearing_mode",
            '<disappearing_mode duration="<number 5>" t="<number 10>"/>',
            "<jid lid>",
        ),
    ),
    Said(
        "devices-add",
        _NOTIFICATIONS,
        _notification(
            "devices",
            '<add device_hash="<id 10>" device_lid_hash="<id 10>">'
            '<device jid="<jid pn device>" lid="<jid lid device>" key-index="2"/>'
            '<key-index-list ts="<number 10>"><bytes 90></key-index-list></add>',
            "<jid pn>",
            ' lid="<jid lid>"',
        ),
    ),
    Said(
        "devices-remove",
        _NOTIFICATIONS,
        _notification(
            "devices",
            '<remove device_hash="<id 10>"><device jid="<jid pn device>"/>'
            '<key-index-list ts="<number 10>"/></remove>',
            "<jid pn>",
            ' lid="<jid lid>"',
        ),
    ),
    Said(
        "devices-update",
        _NOTIFICATIONS,
        _notification("devices", '<update hash="<id 4>"/>', "<jid pn>"),
    ),
    Said(
        "picture-set",
        _NOTIFICATIONS,
        _notification(
            "picture",
            '<set jid="<jid lid>" id="<number 10>" author="<jid lid>"/>',
            "<jid lid>",
        ),
    ),
    Said(
        "picture-set-of-a-number-that-nobody-knows",
        _NOTIFICATIONS,
        _notification("picture", '<set hash="<id 4>"/>', "<jid lid>"),
    ),
    Said(
        "picture-delete",
        BAILEYS("Socket/messages-recv.ts"),
        _notification("picture", '<delete jid="<jid lid>"/>', "<jid lid>"),
    ),
    Said(
        "about",
        _NOTIFICATIONS,
        _notification("status", "<set>STOP</set>", "<jid lid>", ' notify="<text 4>"'),
    ),
    Said(
        "prekeys-enough",
        BAILEYS("Socket/messages-recv.ts"),
        _notification("encrypt", '<count value="100"/>'),
    ),
    Said(
        "prekeys-few",
        BAILEYS("Socket/messages-recv.ts"),
        _notification("encrypt", '<count value="3"/>'),
    ),
    Said(
        "identity-changed",
        _NOTIFICATIONS,
        _notification("encrypt", "<identity/>", "<jid lid>"),
    ),
    Said(
        "server-sync",
        _NOTIFICATIONS,
        _notification("server_sync", '<collection name="regular_high" version="12"/>'),
    ),
    Said(
        "privacy-token",
        _NOTIFICATIONS,
        _notification(
            "privacy_token",
            '<tokens><token jid="<own pn>" t="<number 10>" type="trusted_contact">'
            "<bytes 11></token></tokens>",
            "<jid pn>",
            ' sender_lid="<jid lid>"',
        ),
    ),
    Said(
        "media-retry",
        WHATSMEOW("mediaretry.go"),
        _notification(
            "mediaretry",
            "<encrypt><enc_p><bytes 64></enc_p><enc_iv><bytes 12></enc_iv></encrypt>"
            '<rmr from_me="false" jid="<jid lid>"/>',
            "<own pn>",
        ),
    ),
    Said(
        "media-retry-failed",
        WHATSMEOW("mediaretry.go"),
        _notification(
            "mediaretry",
            '<error code="2"/><rmr from_me="false" jid="<jid lid>"/>',
            "<own pn>",
        ),
    ),
    Said(
        "channel-live-updates",
        _NOTIFICATIONS,
        _notification(
            "newsletter",
            '<live_updates><messages t="<number 10>"><message server_id="100" id="<id 20>"'
            ' type="text" t="<number 10>"><views_count count="7"/><reactions>'
            '<reaction code="+" count="2"/></reactions></message></messages></live_updates>',
            "<jid newsletter>",
        ),
    ),
    Said(
        "channel-left",
        _NOTIFICATIONS,
        _notification(
            "mex",
            '<update op_name="NotificationNewsletterLeave">'
            '{"data":{"xwa2_notify_newsletter_on_leave":{"id":"120363000000000002@newsletter"}}}'
            "</update>",
        ),
    ),
    Said(
        "mex-that-nobody-knows",
        _NOTIFICATIONS,
        _notification("mex", '<update op_name="UsernameSetNotification">{"data":{}}</update>'),
    ),
    Said(
        "mex-that-is-no-json",
        _NOTIFICATIONS,
        _notification("mex", '<update op_name="UsernameSetNotification"><bytes 40></update>'),
    ),
    Said(
        "business-name",
        _NOTIFICATIONS,
        _notification(
            "business",
            '<verified_name v="2" verified_level="unknown" jid="<jid lid>"><bytes 60>'
            "</verified_name>",
            "<jid lid>",
        ),
    ),
    Said("psa", _NOTIFICATIONS, _notification("psa", "<text 20>")),
    Said("a-type-that-nobody-knows", _PUSH, _notification("w:growth", "<invite/>")),
)

GROUPS = (
    Said(
        "group-add",
        WHATSMEOW("group.go"),
        _group(
            '<add v_id="<number 16>" prev_v_id="<number 16>" reason="invite">'
            '<participant jid="<jid lid>" phone_number="<jid pn>"/></add>'
        ),
    ),
    Said(
        "group-remove",
        WHATSMEOW("group.go"),
        _group('<remove v_id="<number 16>"><participant jid="<own lid>"/></remove>'),
    ),
    Said(
        "group-subject",
        WHATSMEOW("group.go"),
        _group('<subject subject="STOP" s_t="<number 10>" s_o="<jid lid>"/>'),
    ),
    Said(
        "group-ephemeral",
        WHATSMEOW("group.go"),
        _group('<ephemeral expiration="<number 5>"/>'),
    ),
    Said(
        "group-created-with-next-to-nothing-in-it",
        WHATSMEOW("group.go"),
        _group('<create type="<text 3>"/>'),
    ),
    Said(
        "group-membership-request",
        BAILEYS("Socket/messages-recv.ts"),
        _group('<created_membership_requests request_method="<text 11>"/>'),
    ),
)
