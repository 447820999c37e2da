"""What a host said, as lines of a file: for the next run, where nobody wrote it into the ledger.

WhatsApp tells an answer, a receipt and a text once: what was heard and died with a process is told
to nobody again. So both ends of the channel keep it on file for as long as it may be lost: the
coordinator what it has not written yet, a host whose coordinator is gone what it could not say.

An ok or a no counts only for an attempt through the host whose log the line names, and that name
is no other run's: a file of another time says nothing of an attempt that it does not know.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from waheal.model import (
    Accepted,
    Ballot,
    DeviceId,
    NotSent,
    Phone,
    ReceiptKind,
    Rejected,
    ReplyKind,
)
from waheal.wire import Answer, InboundText, ReceiptSeen, Report

SUFFIX = ".said"
"""Of a host's own file; the rest of its name is the host log's."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt through one host, by the name of its log."""

    host_log: str
    delivery: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Said:
    """What such a file tells: message ids of accepted attempts, receipts, and texts.

    `unsent`: why attempts surely did not leave, as far as anybody was told.
    """

    accepted: dict[Attempt, str] = field(default_factory=dict)
    receipts: list[ReceiptSeen] = field(default_factory=list)
    texts: list[InboundText] = field(default_factory=list)
    unsent: dict[Attempt, str] = field(default_factory=dict)


def said_path(log: Path) -> Path:
    """Tell where a host keeps what it could not say."""
    return log.with_suffix(SUFFIX)


def to_lines(host_log: str, reports: Iterable[Report]) -> bytes:
    """Write down those of a host's reports that are told only once; `host_log` is a file name."""
    told = (_fields(host_log, each) for each in reports)
    return b"".join(f"{json.dumps(each)}\n".encode() for each in told if each is not None)


def take_lines(data: bytes, said: Said) -> None:
    """Add what such lines tell; half a line says nothing."""
    for line in data.splitlines():
        with suppress(ValueError, RecursionError):
            _take(json.loads(line), said)


def _fields(host_log: str, report: Report) -> list[object] | None:
    match report:
        case Answer(delivery, attempt, _, Accepted(message_id)):
            return ["ok", host_log, delivery, attempt, message_id]
        case Answer(delivery, attempt, _, NotSent(reason) | Rejected(reason)):
            return ["no", host_log, delivery, attempt, reason]
        case ReceiptSeen(device, ids, kind):
            return ["receipt", device, kind, *ids]
        case InboundText(device, sender, phone, text, at, kind, message_id, quotes, ballot):
            sealed = None if ballot is None else _ballot_fields(ballot)
            told = {"phone": phone, "message_id": message_id, "quotes": quotes, "ballot": sealed}
            return ["text", device, sender, text, at, kind, told]
        case _:
            return None


def _take(line: object, said: Said) -> None:
    match line:
        case ["ok", str(host_log), int(delivery), int(attempt), str(message_id)]:
            said.accepted[Attempt(host_log, delivery, attempt)] = message_id
        case ["no", str(host_log), int(delivery), int(attempt), str(reason)]:
            said.unsent[Attempt(host_log, delivery, attempt)] = reason
        case ["receipt", str(device), str(kind), *ids]:
            told = tuple(each for each in ids if isinstance(each, str))
            said.receipts.append(ReceiptSeen(DeviceId(device), told, ReceiptKind(kind)))
        case ["text", str(device), str(sender), str(text), float(at), str(kind), {**more}]:
            phone = _word(more, "phone")
            said.texts.append(
                InboundText(
                    DeviceId(device), sender, None if phone is None else Phone(phone), text, at,
                    ReplyKind(kind), _word(more, "message_id"), _word(more, "quotes"),
                    _ballot(more.get("ballot")),
                )
            )  # fmt: skip


def _word(told: Mapping[object, object], name: str) -> str | None:
    word = told.get(name)
    return word if isinstance(word, str) else None


def _ballot_fields(ballot: Ballot) -> list[object]:
    return [ballot.payload.hex(), ballot.iv.hex(), ballot.creator, ballot.at, *ballot.voters]


def _ballot(fields: object) -> Ballot | None:
    match fields:
        case [str(payload), str(iv), str(creator), float(at), *voters]:
            names = tuple(each for each in voters if isinstance(each, str))
            return Ballot(bytes.fromhex(payload), bytes.fromhex(iv), creator, names, at)
        case _:
            return None
