"""Reads what the account is told of its limits out of the library's debug log; keeps nothing else.

WhatsApp tells an account when it may begin new chats again, and how many it has begun of its quota,
in `mex` notifications. neonize hands neither through; only the line in which whatsmeow's
`Client/Recv` prints the stanza has them (`binary/xml.go`). Every other line is dropped here, at
once: they hold whole numbers.
"""

import json
import re
from typing import cast

from waheal.host.client import LockTold, QuotaTold

_LINE = re.compile(
    r'<notification (?=[^>]*type="mex")[^>]*>.*?'
    r'<update [^>]*op_name="(?P<name>NotificationUserReachoutTimelockUpdate'
    r'|MessageCappingInfoNotification)"[^>]*>(?P<json>\{.*\})</update>',
    re.DOTALL,
)
_LOCK = "xwa2_notify_account_reachout_timelock"
_QUOTA = "xwa2_notify_new_chat_messages_capping_info_update"

_LATEST = 4e9  # Unix seconds, in 2096: nothing later is meant

_Fields = dict[str, object]


def read(name: str, message: str) -> LockTold | QuotaTold | None:
    """Read one line of the log by the logger of that name; None where it tells of no limit."""
    if not name.endswith("Recv") or (found := _LINE.search(message)) is None:
        return None
    try:
        data = cast("_Fields", json.loads(found["json"]))["data"]
        told = cast("_Fields", data)
        if found["name"] == "NotificationUserReachoutTimelockUpdate":
            return _lock(cast("_Fields", told[_LOCK]))
        return _quota(cast("_Fields", told[_QUOTA]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # in a form that nobody has seen


def _lock(fields: _Fields) -> LockTold:
    ends = fields.get("time_enforcement_ends")
    return LockTold(bool(fields["is_active"]), _moment(ends) if ends else None)


def _quota(fields: _Fields) -> QuotaTold:
    return QuotaTold(
        used=int(str(fields["used_quota"])),
        total=int(str(fields["total_quota"])),
        capped=str(fields.get("capping_status")) == "CAPPED",
        until=_moment(fields["cycle_end_timestamp"]),
    )


def _moment(value: object) -> float:
    found = float(str(value))
    if not 0 < found < _LATEST:
        raise ValueError(value)
    return found
