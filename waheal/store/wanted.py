"""Pending deliveries as a claim finds them, and all that decides whether it may have them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from waheal.identity import SEVERAL, every_spelling, spellings
from waheal.model import Content, Phone
from waheal.store.columns import content
from waheal.store.common_sql import FREE
from waheal.store.database import Ask, Connection, Row

# A LID is known from the look at this claim, from an earlier one, or from another campaign.
_WANTED = f"""
WITH told (delivery, lid) AS ({{given}}),
wanted AS MATERIALIZED (
  SELECT d.*, t.lid AS told, (SELECT c.lid FROM contacts c WHERE c.phone = d.phone) AS met
    FROM told t CROSS JOIN deliveries d
   WHERE d.id = t.delivery AND d.campaign_id = ? AND d.state = 'pending' AND d.running = 0
   {FREE})
SELECT w.id, w.phone, w.text, w.body, w.expires, w.attempt, COALESCE(w.told, w.lid, w.met),
       w.told, w.lid, w.met,
       EXISTS (SELECT 1 FROM suppressions s WHERE s.phone = w.phone)
       OR EXISTS (SELECT 1 FROM suppressions s WHERE s.lid IN (w.told, w.lid, w.met)),
       (SELECT o.phone FROM deliveries o
         WHERE o.campaign_id = w.campaign_id AND o.lid IN (w.told, w.lid, w.met) AND o.id <> w.id
           AND o.state IN ('sending', 'sent', 'delivered', 'read', 'uncertain') LIMIT 1),
       t.message_id, t.jid, s.body
  FROM wanted w LEFT JOIN attempts t ON t.id = w.target
                LEFT JOIN deliveries s ON s.id = t.delivery_id
"""  # noqa: S608 - constants

# Under what they may be a person whom another turn is about to claim under another number: every
# LID, and where numbers have several spellings, what these have in common.
_NAMES = """
WITH told (delivery, lid) AS ({given}),
wanted AS (SELECT t.lid AS told, d.lid, d.phone, c.lid AS met
             FROM told t CROSS JOIN deliveries d LEFT JOIN contacts c ON c.phone = d.phone
            WHERE d.id = t.delivery)
SELECT told FROM wanted UNION ALL SELECT lid FROM wanted UNION ALL SELECT met FROM wanted UNION ALL
SELECT substr(phone, length(phone) - 6) FROM wanted
"""

_SEVERAL = " OR ".join(f"substr(phone, 1, {len(front)}) = '{front}'" for front in SEVERAL)

_RESPELT = """
WITH others (phone) AS ({given})
SELECT d.phone FROM others o CROSS JOIN deliveries d
 WHERE d.phone = o.phone AND d.campaign_id = ?
   AND d.state IN ('sending', 'sent', 'delivered', 'read', 'uncertain')
"""

_EARLIER = """
WITH told (delivery) AS ({given})
SELECT a.delivery_id, a.attempt, a.message_id, a.delivered, a.read
  FROM told t CROSS JOIN attempts a WHERE a.delivery_id = t.delivery
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pending delivery as a claim finds it; `names` are what else may be the same person."""

    phone: Phone
    content: Content
    expires: float | None
    before: int  # attempts so far
    lid: str | None
    names: frozenset[str | int]
    opted_out: bool
    twin: Phone | None
    target: str | None  # the message that an errand is about, ...
    sent_by: str | None  # ... the session that sent it, ...
    about: Content  # ... and what goes with its words


@dataclass(frozen=True, slots=True)
class Earlier:
    """An attempt that was made before, and what the recipient's phone said of it."""

    attempt: int
    message_id: str | None
    delivered: bool
    read: bool


def person_names(asked: Sequence[tuple[int, str | None]], *, all_: bool = False) -> Ask:
    """Ask under what these deliveries may be a person; each comes with the LID of its number.

    A number is a name where it has several spellings; in other campaigns (`all_`) in any case.
    """
    return Ask(_NAMES if all_ else f"{_NAMES} WHERE {_SEVERAL}", given=asked)


def ask_wanted(campaign: int, asked: Sequence[tuple[int, str | None]]) -> Ask:
    """Ask for the pending ones of these; in a turn, for those that no other has in hand."""
    return Ask(_WANTED, (campaign,), asked)


def wanted(db: Connection, campaign: int, found: Iterable[Row]) -> dict[int, Candidate]:
    """Read what `ask_wanted` has found, by their ids."""
    rows = {
        row[0]: Candidate(
            phone=row[1],
            content=content(row[2], row[3]),
            expires=row[4],
            before=row[5],
            lid=row[6],
            names=frozenset({row[0], *every_spelling(row[1]), *row[7:10]} - {None}),
            opted_out=bool(row[10]),
            twin=row[11],
            target=row[12],
            sent_by=row[13],
            about=content("", row[14]),
        )
        for row in found
    }
    others = {each: spellings(row.phone) for each, row in rows.items()}
    spelt = [(phone,) for each in others.values() for phone in sorted(each)]
    (met,) = db.ask(Ask(_RESPELT, (campaign,), spelt)) if spelt else ((),)
    for (phone,) in met:
        for each in (each for each, names in others.items() if phone in names):
            rows[each] = replace(rows[each], twin=rows[each].twin or phone)
    return rows


def earlier_attempts(db: Connection, deliveries: Sequence[int]) -> dict[int, list[Earlier]]:
    """Tell the attempts at each so far, the last first."""
    if not deliveries:
        return {}
    found: dict[int, list[Earlier]] = {}
    (rows,) = db.ask(Ask(_EARLIER, given=[(each,) for each in deliveries]))
    for delivery, attempt, message_id, delivered, read in sorted(rows, key=_by_attempt):
        made = Earlier(attempt, message_id, delivered is not None, read is not None)
        found.setdefault(delivery, []).append(made)
    return found


def _by_attempt(row: Row) -> int:
    return -int(row[1])


def arrived(attempts: Sequence[Earlier]) -> Earlier | None:
    """Find the attempt that arrived, one that was read before others."""
    found = [each for each in attempts if each.delivered or each.read]
    return max(found, key=lambda each: each.read, default=None)
