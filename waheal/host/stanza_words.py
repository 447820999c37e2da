"""The words of WhatsApp's protocol that a skeleton may show; whatever is not here is somebody's.

Gathered from whatsmeow's and Baileys' sources. A word that is missing only makes skeletons poorer:
add it, if it is the protocol's own and can't be a person's.
"""

from collections.abc import Mapping
from types import MappingProxyType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = _words(
    "accept account-sync ack active add all_unread announcement audio biz blocklist body bot"
    " bot_info business call category chat chatstate client_expiration collection companion-props"
    " companion_identity_public companion_nonce companion_platform_display companion_platform_id"
    " companion_server_auth_key_pub composing config conflict contact count create"
    " created_membership_requests crsc_continuation cstoken delete demote description destination"
    " device device-identity device-list devices dhash dirty disappearing_mode dns_domain"
    " downgrade_webclient download edge_routing enc enc_iv enc_p encap encopt encrypt"
    " encrypted_pairing_request ephemeral error failure feature features franking group group_info"
    " groups hash host hosted hosted_storage ib id identity interactive_config invite iq item jid"
    " key key-index-list keys leave lid link link_code_companion_reg link_code_pairing_nonce"
    " link_code_pairing_ref link_code_pairing_wrapped_companion_ephemeral_pub"
    " link_code_pairing_wrapped_key_bundle link_code_pairing_wrapped_primary_ephemeral_pub"
    " linked_groups list live_updates locked log match media media_conn member_add_mode"
    " membership_approval_request message messages meta modify msg mute net not_announcement"
    " not_ephemeral notification notifications offer offer_notice offline offline_batch"
    " offline_preview owner_hash pair-device pair-device-sign pair-success participant"
    " participants participating passive passkey_prologue passkey_prologue_request"
    " passkey_request_options patch paused picture ping plaintext platform pong preaccept presence"
    " preview primary_ephemeral_identity primary_identity_pub priority_offline_complete privacy"
    " privacy_token promote prop props protocol proxy query reaction reactions receipt recording"
    " ref registration reject relaylatency remove removed reporting reporting_tag reporting_token"
    " result retry revoked_membership_requests rmr routing_info rte sender_content_binding set"
    " settings sid sidelist signature signed_prekey skey snapshot state status status_msgs"
    " stream:error stream:features subject success suspended sync tctoken te terminate"
    " thread_metadata to token tokens tos trace transport ts type unavailable unknown unlink"
    " unlocked unsuspended update upload uploadfieldstat user username usync value verified_name"
    " vid video views_count voip_settings votes w:gp2 watermark xml-not-well-formed xmlstreamend"
)
"""Elements."""

NAMES = _words(
    "a_v_id abt action actual_actors add addressing_mode admin appdata appdata_count auth"
    " auth_ttl author biz_bot by call-creator call-id caller_lid caller_pn category class"
    " client_type code companion_platform_id conflict content_binding context count creation"
    " creator creds decrypt-fail device_fanout device_hash device_id device_lid_hash dhash"
    " dirty_count duration edit elapsed enc error event expiration expire expired"
    " fallback_hostname from from_me group group-jid has_history hash host_id host_storage hosted"
    " hostname id index ip4 item jid key key-index last last_id lc lid link_category link_type"
    " list location logout_message_header logout_message_subtext matched max_age max_buckets"
    " max_manual_retry media mediatype message message-id mode msg_edit_t msg_id msg_secret"
    " multicast name notification notify offline offline_count op_name order origin original_msg_t"
    " participant participant_lid participant_pn passive peer_recipient_lid peer_recipient_pn perf"
    " phash phone_number platform pn pn_jid prefix prev_dhash prev_v_id privacy privacy_mode_ts"
    " ptt pushname query rate reason receipt recipient refresh request_method required_hash retry"
    " retry_count routing s_o s_t sender_lid sender_pn server server_id session"
    " should_show_push_notification sid size sort stage state status sts subject subtype t"
    " target_id text thread_msg_id timestamp to total ts ttl type unlink_reason used user username"
    " v v_id val value ver verified_level verified_name version version_id wait web xmlns"
)
"""Attributes."""

_JID_ATTRIBUTES = (
    "author call-creator caller_lid caller_pn creator from group-jid jid lid participant"
    " participant_lid participant_pn peer_recipient_lid peer_recipient_pn phone_number pn pn_jid"
    " recipient sender_lid sender_pn to val"
)
SERVERS: Mapping[str, str] = MappingProxyType(
    {
        "s.whatsapp.net": "pn",
        "c.us": "pn",
        "lid": "lid",
        "g.us": "group",
        "broadcast": "broadcast",
        "newsletter": "newsletter",
        "call": "call",
        "bot": "bot",
        "hosted": "hosted",
        "hosted.lid": "hosted.lid",
        "msgr": "msgr",
        "interop": "interop",
    }
)
"""What stands behind an address' @, and how a skeleton calls it."""

_TYPES = _words(
    "account_sync admin audio available background business call chat contacts crsc_continuation"
    " delete delivery device_removed devices disappearing_mode document encrypt error event"
    " fbid:devices get groups hist_sync image in inactive invite link_code_companion_reg"
    " linked_group_promote list media medianotify mediaretry mex msg msmsg newsletter offline out"
    " passkey_prologue_request pay peer_msg picture pkmsg played played-self poll privacy_token"
    " psa reaction read read-self registration remove replaced result retry sender server"
    " server-error server_sync set skmsg status subscribe superadmin syncd_app_state text"
    " trusted_contact unavailable unknown unsubscribe update url video view view_once w:gp2"
    " w:growth waffle"
)

VALUES: Mapping[str, frozenset[str]] = MappingProxyType(
    {name: _words("s.whatsapp.net g.us call broadcast") for name in _JID_ATTRIBUTES.split()}
    | {
        "type": _TYPES,
        "class": _words("ack call chatstate ib iq message notification presence receipt status"),
        "xmlns": _words(
            "abt blocklist disappearing_mode encrypt fb:thrift_iq md newsletter passive privacy"
            " status tos urn:xmpp:ping urn:xmpp:whatsapp:account urn:xmpp:whatsapp:dirty"
            " urn:xmpp:whatsapp:push usync w w:auth:backup:token w:biz w:biz:catalog w:g2 w:m"
            " w:mex w:p w:profile:picture w:qr w:stats w:sync:app:state"
        ),
        "mode": _words("background delta full interactive last query"),
        "context": _words("add background interactive message notification registration"),
        "category": _words("peer"),
        "addressing_mode": _words("lid pn"),
        "name": _words(
            "android calladd critical_block critical_unblock_low groupadd iphone last messages"
            " online profile readreceipts regular regular_high regular_low smba smbi"
        ),
        "op_name": _words(
            "MessageCappingInfoNotification NotificationGroupPropertyUpdate"
            " NotificationNewsletterAdminPromote NotificationNewsletterJoin"
            " NotificationNewsletterLeave NotificationNewsletterMuteChange"
            " NotificationNewsletterUpdate NotificationUserReachoutTimelockUpdate"
            " TextStatusUpdateNotification UsernameDeleteNotification UsernameSetNotification"
            " UsernameUpdateNotification"
        ),
        "location": _words("atn cln frc lla odn vll ash sandbox"),
        "mediatype": _words("audio document gif image ptt sticker url video contact location"),
        "action": _words("add block modify none remove unblock delete"),
        "reason": _words("identity invite timeout accepted_elsewhere busy decline mute"),
        "decrypt-fail": _words("hide"),
        "device_fanout": _words("false true"),
        "last": _words("true false deny"),
        "index": _words("true false"),
        "media": _words("audio video"),
        "platform": _words("android iphone smba smbi web"),
        "stage": _words("companion_hello companion_finish primary_hello refresh_code"),
        "value": _words(
            "all contact_blacklist contacts false known match_last_seen none off on_standard true"
        ),
        "state": _words("on off"),
        "offline": _words("true false"),
        "text": _words(
            "bad-request conflict feature-not-implemented forbidden gone internal-server-error"
            " item-not-found not-acceptable not-allowed not-authorized rate-overlimit"
            " resource-limit service-unavailable"
        ),
    }
)
"""What may be told of an attribute's value, by the attribute."""

CODES = _words(
    "appdata code count dirty_count edit error index message notification offline reason receipt"
    " retry total v value ver version"
)
"""Attributes whose value may be told where it is a small number, or a version of such."""
