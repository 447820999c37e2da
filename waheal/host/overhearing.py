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
from waheal.model import QuotaWarning

_LINE = re.compile(
    r'<notification (?=[^>]*type="mex")[^>]*>.*?'
    r'<update [^>]*op_name="(?P<name>NotificationUserReachoutTimelockUpdate'
    r'|MessageCappingInfoNotification)"[^>]*>(?P<json>\{.*\})</update>',
    re.DOTALL,
)
_LOCK = "xwa2_notify_account_reachout_timelock"
_QUOTA = "xwa2_notify_new_chat_messages_capping_info_update"

_SENT = re.compile(r'<notification [^>]*\bt="(\d{1,10})"')

_LATEST = 4e9  # Unix seconds, in 2096: nothing later is meant

_WARNINGS = {"NONE": QuotaWarning.NONE, "CAPPED": QuotaWarning.CAPPED}

_Fields = dict[str, object]


def read(name: str, message: str) -> LockTold | QuotaTold | None:
    """Read one line of the log by the logger of that name; None where it tells of no limit."""
    if not name.endswith("Recv") or (found := _LINE.search(message)) is None:
        return None
    sent = _SENT.search(message)
    at = None if sent is None else float(sent[1])
    try:
        data = cast("_Fields", json.loads(found["json"]))["data"]
        told = cast("_Fields", data)
        if found["name"] == "NotificationUserReachoutTimelockUpdate":
            return _lock(cast("_Fields", told[_LOCK]), at)
        return _quota(cast("_Fields", told[_QUOTA]), at)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # in a form that nobody has seen


def _lock(fields: _Fields, at: float | None) -> LockTold:
    active = fields["is_active"]
    if not isinstance(active, bool):
        raise TypeError(active)
    return LockTold(active, _moment(fields.get("time_enforcement_ends")) if active else None, at)


def _quota(fields: _Fields, at: float | None) -> QuotaTold:
    # Of the warnings the first and the second are known (FIRST_WARNING, SECOND_WARNING).
    status = str(fields.get("capping_status", "NONE"))
    return QuotaTold(
        int(str(fields["used_quota"])),
        int(str(fields["total_quota"])),
        _WARNINGS.get(status, QuotaWarning.NEAR),
        _moment(fields.get("cycle_end_timestamp")),
        at,
    )


def _moment(value: object) -> float | None:
    """Read Unix seconds; None where it is no moment, such as 0."""
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if 0 < found < _LATEST else None
