"""Checks of where the devices and the campaigns stand; knows nothing of files."""

import contextlib
from datetime import UTC, datetime
from shlex import quote

from waheal.doctor.situation import Situation
from waheal.doctor.stores import ledger
from waheal.findings import Result, fail, ok, warn
from waheal.model import DeviceState, Quarantine, State
from waheal.records import ELSEWHERE, CampaignKind, Device
from waheal.store.sessions import Sessions

_DAY = 86400.0
_UNUSED = 10 * _DAY  # WhatsApp unlinks a device after 14 days
_STANDS_STILL = _DAY
_SHOWN = 5


def count(situation: Situation) -> int:
    """Count the devices that have a session."""
    return sum(1 for device in _devices(situation) if device.jid is not None)


def paired(situation: Situation) -> Result:
    """See that there is a device at all."""
    found = [device for device in _devices(situation) if device.jid is not None]
    if not found:
        return warn("no device is paired", "run `waheal devices pair LABEL`")
    ready = sum(1 for device in found if device.state is DeviceState.READY)
    return ok(f"{len(found):,} paired, {ready:,} ready")


def sessions(situation: Situation) -> Result:
    """See that each device's login is in the session database."""
    with contextlib.closing(Sessions(situation.home.sessions_path)) as stored:
        jids = set(stored.devices())
    missing = [
        device
        for device in _devices(situation)
        if device.jid is not None and device.jid not in jids and not device.unlinked
    ]
    if missing:
        return fail(
            f"no login is stored for {_names(missing)}",
            f"run `waheal devices pair {_quoted(missing)}`",
        )
    return ok("every device has its login")


def logged_out(situation: Situation) -> Result:
    """Tell the devices that have to be paired again."""
    out = [each for each in _devices(situation) if each.unlinked and not _wants_passkey(each)]
    if out:
        return warn(
            f"logged out: {_names(out)}",
            f"run `waheal devices pair {_quoted(out)}`",
        )
    return ok("no device is logged out")


def passkeys(situation: Situation) -> Result:
    """Tell the devices that could not be paired: WhatsApp asks their accounts for a passkey."""
    asked = [device for device in _devices(situation) if _wants_passkey(device)]
    if not asked:
        return ok("none is asked for")
    return warn(
        f"WhatsApp asks for one, so these could not be paired: {_names(asked)}",
        f"{ELSEWHERE}; or forget it, with `waheal devices remove {quote(asked[0].label)}`",
    )


def quarantined(situation: Situation) -> Result:
    """Tell the devices that rest: banned, refused, replaced, limited."""
    out = [
        device
        for device in _devices(situation)
        if device.state is DeviceState.QUARANTINED and not device.unlinked
    ]
    if not out:
        return ok("no device rests")
    told = ", ".join(_why(device) for device in out[:_SHOWN])
    more = f" and {len(out) - _SHOWN:,} more" if len(out) > _SHOWN else ""
    labels = _quoted(out)
    return warn(
        f"resting: {told}{more}",
        f"leave them in peace; to use them sooner, run `waheal devices resume {labels}`",
    )


def new_chats(situation: Situation) -> Result:
    """Tell the devices that begin no new chat, or soon, though they go on with those they have."""
    devices = _devices(situation)
    shut = [device for device in devices if device.chats_from is not None]
    if not shut:
        return _quotas([device for device in devices if device.quota is not None])
    told = ", ".join(
        f"{device.label} ({device.chats_why}, until {_at(device.chats_from or 0.0)})"
        for device in shut[:_SHOWN]
    )
    more = f" and {len(shut) - _SHOWN:,} more" if len(shut) > _SHOWN else ""
    labels = _quoted(shut)
    return warn(
        f"no new chats: {told}{more}",
        "each try makes a lock longer, so leave them; to try all the same, run"
        f" `waheal devices resume {labels}`",
    )


def _quotas(warned: list[Device]) -> Result:
    if not warned:
        return ok("every device may begin new chats")
    told = ", ".join(
        f"{device.label} ({device.quota[0]:,} of {device.quota[1]:,})"
        for device in warned[:_SHOWN]
        if device.quota is not None
    )
    more = f" and {len(warned) - _SHOWN:,} more" if len(warned) > _SHOWN else ""
    return warn(
        f"WhatsApp warns of a quota of new chats: {told}{more}",
        "begin fewer with --new-chats; a device that used it up begins none until a new one",
    )


def bare(situation: Situation) -> Result:
    """Tell the devices whose first messages go without a token, which WhatsApp may refuse (463).

    The salt that it is made of comes with the phone's history, once, while the device is connected.
    """
    with contextlib.closing(Sessions(situation.home.sessions_path)) as stored:
        jids = stored.bare()
    found = [each for each in _devices(situation) if each.jid in jids and not each.unlinked]
    if not found:
        return ok("the first messages of every device carry one")
    return warn(
        f"first messages go without one from {_names(found)}: the phone's history has not come",
        "open WhatsApp on the phone and run `waheal sync --for 2m`; if it does not help, remove the"
        f" device and pair it again: `waheal devices remove {quote(found[0].label)}`,"
        f" `waheal devices pair {quote(found[0].label)}`",
    )


def budget(situation: Situation) -> Result:
    """Tell what is left of the new chats that the operator lets devices begin."""
    with ledger(situation) as found:
        devices = [each for each in situation.described(found) if each.budget is not None]
    if not devices:
        return ok("no --new-chats and no --ramp is set")
    budgets = [device.budget for device in devices if device.budget is not None]
    left = sum(max(0, most - begun) for begun, most in budgets)
    used_up = [device for device in devices if device.budget_from is not None]
    if not used_up:
        return ok(f"{left:,} new chats are left today")
    soonest = min(device.budget_from or 0.0 for device in used_up)
    return warn(
        f"used up by {_names(used_up)}, the next is free at {_at(soonest)};"
        f" {left:,} new chats are left today",
        "wait for it, or raise --new-chats or --ramp",
    )


def unused(situation: Situation) -> Result:
    """Tell the devices that WhatsApp will soon unlink, since they were not connected."""
    idle = list[Device]()
    with ledger(situation) as found:
        for device in found.devices.all(situation.now):
            if device.jid is None or device.unlinked:
                continue
            if situation.now - found.devices.seen(device.label) > _UNUSED:
                idle.append(device)
    if idle:
        return warn(
            f"not connected for over 10 days, and unlinked after 14: {_names(idle)}",
            "run `waheal doctor --connect`",
        )
    return ok("every device was connected in the last 10 days")


def quota(situation: Situation) -> Result:
    """Tell what is left of the daily limit."""
    if situation.daily is None:
        return ok("no daily limit is set")
    used_up = [each for each in _devices(situation) if each.sent_today >= situation.daily]
    left = sum(
        max(0, situation.daily - each.sent_today)
        for each in _devices(situation)
        if each.jid is not None
    )
    if used_up:
        return warn(
            f"used up by {_names(used_up)}; {left:,} messages are left today",
            "wait for tomorrow, or raise --daily",
        )
    return ok(f"{left:,} messages are left today")


def doubtful(situation: Situation) -> Result:
    """Tell the messages that may have left, and that no evidence has settled."""
    with ledger(situation) as found:
        doubts = found.doubts.open(State.UNCERTAIN)
    if not doubts:
        return ok("nothing is uncertain")
    names = sorted({doubt.campaign for doubt in doubts})
    return warn(
        f"{len(doubts):,} uncertain, in {', '.join(names[:_SHOWN])}",
        f"run `waheal sync`, then `waheal resolve {quote(names[0])} --accept` or --resend",
    )


def stalled(situation: Situation) -> Result:
    """Tell the campaigns that have something left and have not been run for a day."""
    with ledger(situation) as found:
        still = [
            campaign
            for campaign in found.campaigns.all()
            if campaign.kind == CampaignKind.CAMPAIGN
            and campaign.finished is None
            and situation.now - (campaign.last_run or campaign.created) > _STANDS_STILL
            and found.campaigns.tally(campaign.id)[State.PENDING]
        ]
    if still:
        first = still[0]
        return warn(
            f"not run for over a day: {', '.join(each.name for each in still[:_SHOWN])}",
            f"run `waheal send {quote(first.path)} --name {quote(first.name)}` to go on",
        )
    return ok("no campaign stands still")


def _wants_passkey(device: Device) -> bool:
    return device.reason == Quarantine.PASSKEY.value


def _devices(situation: Situation) -> list[Device]:
    with ledger(situation) as found:
        return found.devices.all(situation.now)


def _names(devices: list[Device]) -> str:
    named = ", ".join(device.label for device in devices[:_SHOWN])
    return named if len(devices) <= _SHOWN else f"{named} and {len(devices) - _SHOWN:,} more"


def _why(device: Device) -> str:
    if device.until is None:
        return f"{device.label} ({device.reason})"
    return f"{device.label} ({device.reason}, until {_at(device.until)})"


def _at(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC).astimezone():%Y-%m-%d %H:%M}"


def _quoted(devices: list[Device]) -> str:
    return " ".join(quote(device.label) for device in devices)
