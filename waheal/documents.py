"""Events, records and findings in the form of the operators' JSON: each name said once; no I/O.

The operators' contract (cli/README.md) promises these names. What is printed on one line for
each event, and what a command makes one document of, is its printer's affair.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import assert_never, overload

from waheal.correspondents import Reply
from waheal.errand_terms import errand_counts, errand_state
from waheal.events import (
    Claimed,
    DeviceHealed,
    DeviceHealing,
    DeviceQuarantined,
    Draining,
    Event,
    HostRestarted,
    NewChatsHeld,
    NextAt,
    Note,
    OptedOut,
    Paused,
    Receipt,
    Replied,
    Resumed,
    RunFinished,
    Running,
    RunStarted,
    Settled,
)
from waheal.findings import Caution, Finding, Preview, Problem
from waheal.model import Body, Card, ErrandKind, LinkPreview, Location, Media, Poll, State
from waheal.reckoning.curves import Curves
from waheal.reckoning.proportions import interval
from waheal.reckoning.summing import STEPS, Delay, DeviceLine, Results
from waheal.reckoning.variants import MEASURES, Comparison, Judgement, Variant
from waheal.records import (
    Campaign,
    Device,
    Recipient,
    Suppression,
    Tally,
)
from waheal.waits import Standstill

Value = str | int | float | None
Fields = dict[str, Value]

DEVICE_FIELDS = (
    "device", "phone", "jid", "state", "reason", "until", "last_success", "sent_today",
    "chats_from", "chats_reason", "quota_used", "quota_total", "begun_today", "may_begin",
    "begins_from", "bare",
)  # fmt: skip
RECIPIENT_FIELDS = (
    "row", "phone", "state", "attempt", "device", "message_id", "reason", "unreadable",
    "updated", "claimed", "ended", "delivered", "read", "text", "replied_at", "reply_device",
    "vote", "opted_out_at",
    "recall", "amend", "amended_text",
)  # fmt: skip
REPLY_FIELDS = ("at", "phone", "device", "campaign", "kind", "text")
SUPPRESSION_FIELDS = ("phone", "since", "source", "lid")


@overload
def moment(at: float) -> str: ...
@overload
def moment(at: float | None) -> str | None: ...
def moment(at: float | None) -> str | None:
    """Write Unix seconds as ISO 8601 in UTC, to the millisecond, ending with Z; None stays."""
    if at is None:
        return None
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def errand_fields(tallies: Mapping[ErrandKind, Tally]) -> dict[str, dict[str, int] | None]:
    """Count how a campaign's recalls and amends stand; null where there are none."""
    return {
        kind.value: errand_counts(kind, tallies[kind]) if kind in tallies else None
        for kind in ErrandKind
    }


def poll_fields(votes: Sequence[tuple[str, int]], voters: int) -> dict[str, object]:
    """Tell how many voted in a campaign's polls, and for what; nothing where it asked none."""
    told = [{"option": option, "count": number} for option, number in votes]
    return {"voters": voters, "votes": told}


def run_fields(event: Event, errand: ErrandKind | None) -> tuple[str, Fields] | None:
    """Do as `event_fields`, in a recall's or an amend's own words where the run is one."""
    match event:
        case Settled(state=state) if errand is not None:
            return "settled", _settled(event) | {"state": errand_state(errand, state).value}
        case RunFinished(tally) if errand is not None:
            rest = {name: _finished(event)[name] for name in _AFTER_COUNTS}
            return "run_finished", {**errand_counts(errand, tally.at_rest()), **rest}
        case _:
            return event_fields(event)


def event_fields(event: Event) -> tuple[str, Fields] | None:  # noqa: C901, PLR0911, PLR0912 - a case an event
    """Name the event and its fields; None for those that are for the display only."""
    match event:
        case RunStarted(campaign, total, pending, devices, errand=errand, machine=machine):
            return "run_started", {
                "campaign": campaign,
                "total": total,
                "pending": pending,
                "devices": devices,
                "errand": None if errand is None else errand.value,
                "machine": machine,
            }
        case Settled():
            return "settled", _settled(event)
        case Receipt(phone, message_id, state):
            return "receipt", {"phone": phone, "message_id": message_id, "state": state.value}
        case Replied(phone, device, kind):
            return "replied", {"phone": phone, "device": device, "kind": kind.value}
        case DeviceHealed(device, seconds, cause):
            return "device_healed", {"device": device, "seconds": round(seconds, 3), "cause": cause}
        case DeviceQuarantined(device, reason, until, after):
            return "device_quarantined", {
                "device": device,
                "reason": reason.value,
                "until": moment(until),
                "after": None if after is None else after.value,
            }
        case NewChatsHeld(device, reason, until):
            return "new_chats_held", {
                "device": device,
                "reason": reason.value,
                "until": moment(until),
            }
        case HostRestarted(host, cause, in_doubt):
            return "host_restarted", {"host": host, "cause": cause, "in_doubt": in_doubt}
        case Paused(why, until, way_out):
            return "paused", {"reason": why, "until": moment(until), "way_out": way_out}
        case Resumed(why):
            return "resumed", {"reason": why}
        case RunFinished():
            return "run_finished", _finished(event)
        case Claimed() | NextAt() | DeviceHealing() | OptedOut() | Draining() | Note():
            return None
        case _:
            assert_never(event)


def _settled(event: Settled) -> Fields:
    return {
        "phone": event.phone,
        "device": event.device,
        "state": event.state.value,
        "attempt": event.attempt,
        "message_id": event.message_id,
        "reason": event.reason,
        "machine": event.machine,
    }


_AFTER_COUNTS = ("seconds", "exit_code", "reason", "until")


def _finished(event: RunFinished) -> Fields:
    # A run that ended has nothing in flight; were it ever otherwise, it may have left.
    tally = event.tally.at_rest()
    return {
        **{state.value: tally[state] for state in State if state is not State.SENDING},
        "replied": tally.replied,
        "seconds": round(event.seconds, 3),
        "exit_code": int(event.exit_code),
        "reason": None if event.stop is None else event.stop.reason,
        "until": None if event.stop is None else moment(event.stop.until),
    }


def ending_fields(
    campaign: Campaign, finished: RunFinished, *, started: float, ended: float, home: str
) -> Fields:
    """Sum up a run that has ended, for whoever is told of it. Times are Unix seconds."""
    return {
        "campaign": campaign.name,
        "file": campaign.path,
        "home": home,
        "started": moment(started),
        "ended": moment(ended),
        "total": finished.tally.total,
        **tally_fields(finished.tally.at_rest()),
        **_finished(finished),
        "way_out": None if finished.stop is None else finished.stop.way_out,
    }


def tally_fields(tally: Tally) -> Fields:
    """Count each state under its own name, what could not be opened, and who replied."""
    share = tally.replied_share
    return {
        **{state.value: tally[state] for state in State},
        "unreadable": tally.unreadable,
        "replied": tally.replied,
        "replied_share": None if share is None else round(share, 4),
    }


def campaign_fields(
    campaign: Campaign,
    tally: Tally,
    stop: Standstill | None = None,
    running: Running | None = None,
) -> Fields:
    """Tell where a campaign stands, why its run stopped before it was done, or how it goes."""
    return {
        "campaign": campaign.name,
        "total": tally.total,
        **tally_fields(tally),
        "file": campaign.path,
        "last_run": moment(campaign.last_run),
        "finished": moment(campaign.finished),
        "stopped": stop.reason if stop else None,
        "way_out": stop.way_out if stop else None,
        "until": moment(stop.until) if stop else None,
        "running": running is not None,
        "running_since": moment(running.since) if running else None,
        "last_minute": running.lately if running else None,
        "ends": moment(running.ends) if running else None,
    }


def device_fields(device: Device) -> Fields:
    """Tell what is known of a device, by `DEVICE_FIELDS`."""
    return _by_name(
        DEVICE_FIELDS,
        device.label,
        device.phone,
        device.jid,
        device.state.value,
        device.reason,
        moment(device.until),
        moment(device.last_success),
        device.sent_today,
        moment(device.chats_from),
        device.chats_why,
        *(device.quota or (None, None)),
        *(device.budget or (None, None)),
        moment(device.budget_from),
        device.bare,
    )


def recipient_fields(recipient: Recipient) -> Fields:
    """Tell what became of a recipient, by `RECIPIENT_FIELDS`."""
    return _by_name(
        RECIPIENT_FIELDS,
        recipient.row,
        recipient.phone,
        recipient.state.value,
        recipient.attempt,
        recipient.device,
        recipient.message_id,
        recipient.reason,
        recipient.unreadable,
        moment(recipient.updated),
        moment(recipient.claimed),
        moment(recipient.ended),
        moment(recipient.delivered),
        moment(recipient.read),
        recipient.text,
        moment(recipient.replied),
        recipient.reply_device,
        None if recipient.vote is None else "\n".join(recipient.vote),
        moment(recipient.opted_out),
        recipient.recall,
        recipient.amend,
        recipient.amended,
    )


def results_fields(results: Results) -> dict[str, object]:
    """Tell what a campaign came to; shares are from 0 to 1, spans in seconds."""
    reasons, recipients = results.other_failures
    return {
        "campaign": results.campaign,
        "total": results.tally.total,
        **tally_fields(results.tally),
        "opted_out": results.step("opted_out"),
        **errand_fields(results.errands),
        "first": moment(results.first),
        "last": moment(results.last),
        "funnel": [
            {
                "step": name,
                "count": number,
                "of_all": _share(number, results.tally.total),
                "of_previous": _share(number, before),
            }
            for name, number, before in results.funnel
        ],
        "course": None if results.curves is None else _course_fields(results.curves),
        "delivered_after": _delay_fields(results.to_delivered),
        "read_after": _delay_fields(results.to_read),
        "failures": [{"reason": reason, "count": number} for reason, number in results.failures],
        "other_failures": {"reasons": reasons, "count": recipients},
        "devices": [_device_line_fields(line) for line in results.devices],
        "comparison": None if results.comparison is None else _comparison(results.comparison),
        **poll_fields(results.votes, results.voters),
        "settings": dict(results.manner),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _course_fields(curves: Curves) -> dict[str, object]:
    rows = zip(curves.edges[1:], *curves.lines.values(), strict=True)
    return {
        "from": moment(curves.edges[0]),
        "seconds": curves.width,
        "points": [
            {"until": moment(edge), **dict(zip(curves.lines, counts, strict=True))}
            for edge, *counts in rows
        ],
    }


def _delay_fields(delay: Delay | None) -> Fields | None:
    if delay is None:
        return None
    return {
        "count": delay.count,
        "median": round(delay.median, 3),
        "p90": round(delay.p90, 3),
    }


def _device_line_fields(line: DeviceLine) -> Fields:
    now = line.now
    return {
        "device": line.device,
        **dict(zip(STEPS, line.steps, strict=True)),
        "failed": line.failed,
        "uncertain": line.uncertain,
        "state": None if now is None else now.state.value,
        "reason": None if now is None else now.reason,
        "until": None if now is None else moment(now.until),
        "chats_from": None if now is None else moment(now.chats_from),
        "chats_reason": None if now is None else now.chats_why,
    }


def _comparison(comparison: Comparison) -> dict[str, object]:
    return {
        "column": comparison.column,
        "variants": [_variant_fields(each) for each in comparison.variants],
        "judgements": [_judgement_fields(each) for each in comparison.judgements()],
        "unknown": comparison.unknown,
    }


def _variant_fields(variant: Variant) -> dict[str, object]:
    shares = {
        measure: {
            "count": variant.part(measure),
            "share": _share(variant.part(measure), variant.sent),
            "low": round(low, 4),
            "high": round(high, 4),
        }
        for measure in MEASURES
        for low, high in [interval(variant.part(measure), variant.sent)]
    }
    return {"value": variant.value, "total": variant.total, "sent": variant.sent, **shares}


def _judgement_fields(judgement: Judgement) -> dict[str, object]:
    return {
        "measure": judgement.measure,
        "ahead": judgement.ahead.value,
        "surely_behind": [each.value for each in judgement.surely_behind],
        "chance": judgement.chance,
    }


def reply_fields(reply: Reply) -> Fields:
    """Tell a reply, by `REPLY_FIELDS`."""
    return _by_name(
        REPLY_FIELDS,
        moment(reply.at),
        reply.phone,
        reply.device,
        reply.campaign,
        reply.kind.value,
        reply.text,
    )


def suppression_fields(suppression: Suppression) -> Fields:
    """Tell who is not written to, by `SUPPRESSION_FIELDS`; the LID only where it is all."""
    return _by_name(
        SUPPRESSION_FIELDS,
        suppression.phone,
        moment(suppression.since),
        suppression.source,
        None if suppression.phone else suppression.lid,
    )


def _by_name(names: tuple[str, ...], *values: Value) -> Fields:
    return dict(zip(names, values, strict=True))


def problem_fields(problem: Problem | Caution) -> Fields:
    """Tell what is wrong with a campaign file; its hint is for people."""
    return {"row": problem.row, "column": problem.column, "problem": problem.problem}


def preview_fields(preview: Preview) -> Fields:
    """Tell what a recipient will get: its kind, its text, and what its body holds."""
    return {
        "row": preview.row,
        "phone": preview.phone,
        "kind": preview.content.kind.value,
        "text": preview.content.text,
        "media": None,
        **_body_fields(preview.content.body),
    }


def _body_fields(body: Body | None) -> Fields:
    """Name what goes with a message's words, as a campaign file's columns are called."""
    match body:
        case None:
            return {}
        case Media():
            return {"media": body.path}
        case Location(latitude, longitude, name, address):
            return {
                "latitude": latitude, "longitude": longitude, "place": name, "address": address,
            }  # fmt: skip
        case Card(name, phone, organisation, email):
            return {
                "card_name": name, "card_phone": phone, "card_organisation": organisation,
                "card_email": email,
            }  # fmt: skip
        case LinkPreview(url, title, text, picture):
            shown = None if picture is None else picture.path
            return {
                "link": url, "link_title": title, "link_text": text, "link_picture": shown,
            }  # fmt: skip
        case Poll(options, answers):
            named = {f"option_{number}": each for number, each in enumerate(options, 1)}
            return {**named, "answers": answers}
        case other:
            assert_never(other)


def finding_fields(finding: Finding) -> Fields:
    """Tell what a check of doctor's found."""
    return {
        "id": finding.check,
        "name": finding.name,
        "status": finding.result.status.value,
        "detail": finding.result.detail,
        "hint": finding.result.hint,
    }
