"""Errands: what is to be done to messages that a campaign sent; knows no hosts and no limits.

An errand is a delivery of a campaign of its own, whose parent is the one that sent; its target is
the attempt whose message it is about. So it is claimed, paced, settled and judged as a message is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from waheal.identity import every_spelling
from waheal.model import CAPTION_LIMIT, CAPTIONED, DeviceId, ErrandKind, Phone, State
from waheal.records import Campaign, Reason
from waheal.store.common_sql import item
from waheal.store.database import Value
from waheal.store.part import Part

REACHED = frozenset({State.SENT, State.DELIVERED, State.READ, State.UNCERTAIN})
"""The states in which a recipient may have something to be taken back."""


def _number(jid: str) -> str:
    return f"substr({jid}, 1, instr(replace({jid}, '@', ':') || ':', ':') - 1)"


_OF_THE_NUMBER = f"""
FROM devices v WHERE v.jid >= {_number("a.jid")} || ':' AND v.jid < {_number("a.jid")} || ';'
                 AND v.removed IS NULL
"""
_ABLE = f"{_OF_THE_NUMBER} AND (v.quarantine IS NULL OR v.until IS NOT NULL)"

# The device that sent it, where it has the number still and is not out for good; else another that
# has the number: it is the account that may take a message back. Labels have no comma.
_CHOSEN = f"""
WITH chosen AS MATERIALIZED (
  SELECT a.id AS target, d.phone, d.row, d.lid, d.body, d.text AS words, a.message_id,
         a.claimed + :limit AS ends,
         COALESCE((SELECT v.label {_ABLE} AND v.label = a.device),
                  (SELECT v.label {_ABLE} LIMIT 1),
                  (SELECT v.label {_OF_THE_NUMBER} LIMIT 1)) AS lane
    FROM deliveries d JOIN attempts a ON a.delivery_id = d.id
   WHERE d.campaign_id = :parent AND a.reached = 1 AND d.phone NOT LIKE 'forgotten:%'
     AND COALESCE(a.verdict, a.outcome, '') <> 'failed'
     AND COALESCE(instr(:phones, ',' || d.phone || ','), 1) > 0
     AND COALESCE(instr(:devices, ',' || a.device || ','), 1) > 0
     AND COALESCE(instr(:states, ',' || d.state || ','), 1) > 0),
judged AS MATERIALIZED (
  SELECT c.*, {{text}} AS text, {{why}} AS why FROM chosen c)
"""  # noqa: S608 - constants

_HINDERED = f"""
CASE WHEN c.message_id IS NULL THEN '{Reason.NO_ID}' {{more}}
     WHEN c.ends <= :now THEN '{Reason.TOO_LATE}'
     WHEN c.lane IS NULL THEN '{Reason.DEVICE_GONE}' END
"""

_LISTED = ", ".join(f"'{kind}'" for kind in sorted(CAPTIONED))
_CAPTION = f"(c.words <> '' AND COALESCE({item('c.body', 1)}, '') IN ({_LISTED}))"

_NOT_AMENDED = f"""
     WHEN c.body IS NOT NULL AND c.body NOT LIKE '_"link"%' AND NOT {_CAPTION}
       THEN '{Reason.NO_TEXT}'
     WHEN {_CAPTION} AND LENGTH({{text}}) > {CAPTION_LIMIT} THEN '{Reason.LONG_CAPTION}'
     WHEN EXISTS (SELECT 1 FROM deliveries r JOIN campaigns k ON k.id = r.campaign_id
                   WHERE r.phone = c.phone AND r.target = c.target AND k.kind = 'recall'
                     AND r.state IN ('sending', 'sent', 'delivered', 'read', 'uncertain'))
       THEN '{Reason.RECALLED}'
     WHEN EXISTS (SELECT 1 FROM suppressions s WHERE s.phone = c.phone)
       OR EXISTS (SELECT 1 FROM suppressions s WHERE s.lid = c.lid) THEN '{Reason.OPTED_OUT}'
     WHEN {{text}} IS NULL THEN '{Reason.NOT_IN_FILE}'
"""  # noqa: S608 - constants

_STATE = f"""
CASE why WHEN '{Reason.TOO_LATE}' THEN 'expired' WHEN '{Reason.OPTED_OUT}' THEN 'suppressed'
         ELSE CASE WHEN why IS NULL THEN 'pending' ELSE 'failed' END END
"""

# What was never tried is judged anew: a device is back, or an id has come to be known.
_ADD = f"""
INSERT INTO deliveries (campaign_id, target, phone, row, text, lane, pinned, state, expires, lid,
                        reason, updated)
SELECT :errand, target, phone, row, COALESCE(text, ''), lane, 1, {_STATE}, ends, lid, why, :now
  FROM judged WHERE true ORDER BY row, target
    ON CONFLICT (phone, campaign_id, target) DO UPDATE
   SET text = excluded.text, lane = excluded.lane, state = excluded.state,
       reason = excluded.reason, listed = 1, due = 0, updated = excluded.updated
 WHERE deliveries.state = 'pending'
    OR (deliveries.state = 'failed' AND excluded.state = 'pending'
        AND deliveries.reason IN ('{Reason.NO_ID}', '{Reason.DEVICE_GONE}', '{Reason.NOT_ASKED}',
                                  '{Reason.NOT_IN_FILE}', '{Reason.LONG_CAPTION}'))
"""  # noqa: S608 - constants

_COUNT = "SELECT COALESCE(why, ''), COUNT(*) FROM judged GROUP BY 1"

_OLDER = "campaign_id IN (SELECT id FROM campaigns WHERE parent = :parent AND kind = :kind)"

_PAGE = 5_000

_ASIDE = """
SELECT e.id, e.phone, t.device, e.state, e.reason
  FROM deliveries e JOIN attempts t ON t.id = e.target
 WHERE e.campaign_id = ? AND e.id > ? AND e.attempt = 0
   AND e.state IN ('failed', 'expired', 'suppressed') AND e.phone NOT LIKE 'forgotten:%'
 ORDER BY e.id LIMIT ?
"""

_OPEN = """
SELECT COUNT(*) FROM judged j
 WHERE why IS NULL
   AND NOT EXISTS (SELECT 1 FROM deliveries e JOIN campaigns k ON k.id = e.campaign_id
                    WHERE e.phone = j.phone AND e.target = j.target AND k.kind = 'recall'
                      AND e.state NOT IN ('pending', 'failed'))
"""

_LET_GO = f"""
UPDATE deliveries SET state = 'failed', reason = :not_asked, updated = :now
 WHERE {_OLDER} AND state = 'pending'
"""  # noqa: S608 - constants

_UNTRY = f"DELETE FROM deliveries WHERE {_OLDER} AND state = 'pending' AND attempt = 0"  # noqa: S608

_TEXT = "(SELECT w.text FROM wording w WHERE w.phone = c.phone)"


@dataclass(frozen=True, slots=True)
class Which:
    """Which messages of a campaign are meant; what is None leaves all in."""

    phone: Phone | None = None
    devices: frozenset[DeviceId] | None = None
    states: frozenset[State] | None = None


class Errands(Part):
    """The errands about a campaign's messages."""

    def of(self, campaign_id: int) -> dict[ErrandKind, Campaign]:
        """Give the latest errands of each kind about a campaign's messages."""
        rows = self._db.all(
            "SELECT kind, id, name, path, digest, created, last_run, NULL, kind FROM campaigns"
            " WHERE parent = ? ORDER BY id",
            (campaign_id,),
        )
        return {ErrandKind(kind): Campaign(*rest) for kind, *rest in rows}

    def senders(self, campaign_id: int) -> frozenset[DeviceId]:
        """Tell which devices the campaign's messages went through."""
        rows = self._db.all(
            "SELECT DISTINCT a.device FROM deliveries d JOIN attempts a ON a.delivery_id = d.id"
            " WHERE d.campaign_id = ?",
            (campaign_id,),
        )
        return frozenset(DeviceId(row[0]) for row in rows)

    def impossible(self, errand_id: int) -> Iterator[tuple[Phone, DeviceId, State, str | None]]:
        """Tell the errands that were set aside before they were tried: whose, and why."""
        last = 0
        while page := self._db.all(_ASIDE, (errand_id, last, _PAGE)):
            for _, phone, device, state, reason in page:
                yield Phone(phone), DeviceId(device), State(state), reason
            last = page[-1][0]

    def open(self, parent: Campaign, kind: ErrandKind, digest: str | None, now: float) -> Campaign:
        """Begin errands about a campaign's messages, or go on with those that were begun.

        Of recalls there is one round; of amends one for each text (`digest`), one after the other.
        """
        with self._db.transaction():
            last = self.of(parent.id).get(kind)
            if last is None or last.digest != digest:
                self._db.run(
                    "INSERT INTO campaigns (name, path, digest, kind, created, parent)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (self._name(parent, kind), parent.path, digest, kind.value, now, parent.id),
                )
                last = self.of(parent.id)[kind]
            self._db.run("UPDATE campaigns SET last_run = ? WHERE id = ?", (now, last.id))
        return last

    def enrol(
        self,
        parent: Campaign,
        errand: Campaign,
        which: Which,
        limit: float,
        now: float,
        *,
        texts: "Texts" = (),
    ) -> dict[str, int]:
        """Make each message that is meant an errand, or say why it can't be: counts by reason.

        Under the empty reason are those that can. `limit`: seconds after a message was claimed.
        `texts`: what amended ones are to say: one for all, or one a number. What an earlier order
        left over and this one does not mean is let go. What was done or tried is left as it is.
        """
        steps = self._steps(parent, errand, which, limit, now, texts)
        kind = ErrandKind(errand.kind)
        with self._db.transaction():
            self._let_go(steps)
            self._spell(texts)
            front = _front(kind, texts)
            found = self._db.all(f"{front} {_COUNT}", steps)
            self._db.run(f"{front} {_ADD}", steps)
        return {str(why): int(count or 0) for why, count in found}

    def look(
        self, parent: Campaign, kind: ErrandKind, which: Which, limit: float, now: float
    ) -> int:
        """Count the messages that could be meant, and are recent enough; changes nothing."""
        steps = self._steps(parent, parent, which, limit, now, "")
        ((count,),) = self._db.all(f"{_front(kind, '')} {_OPEN}", steps)
        return int(count or 0)

    def _name(self, parent: Campaign, kind: ErrandKind) -> str:
        """Name it so that nothing else has the name: `spring (recall)`, `spring (amend 2)`."""
        number = 1
        while True:
            told = kind.value if number == 1 else f"{kind.value} {number}"
            name = f"{parent.name} ({told})"
            if not self._db.all("SELECT 1 FROM campaigns WHERE name = ?", (name,)):
                return name
            number += 1

    def _let_go(self, steps: dict[str, Value]) -> None:
        """Leave nothing pending that an earlier order has left."""
        self._db.run(_UNTRY, steps)
        self._db.run(_LET_GO, steps)

    def _spell(self, texts: "Texts") -> None:
        if isinstance(texts, str):
            return
        self._db.run("DROP TABLE IF EXISTS wording")
        self._db.run("CREATE TEMP TABLE wording (phone TEXT PRIMARY KEY, text TEXT)")
        self._db.many(
            "INSERT INTO wording VALUES (?, ?) ON CONFLICT DO NOTHING",
            ((each, text) for phone, text in texts for each in every_spelling(phone)),
        )

    def _steps(
        self,
        parent: Campaign,
        errand: Campaign,
        which: Which,
        limit: float,
        now: float,
        texts: "Texts",
    ) -> dict[str, Value]:
        phones = None if which.phone is None else every_spelling(which.phone)
        return {
            "parent": parent.id,
            "errand": errand.id,
            "kind": errand.kind,
            "limit": limit,
            "now": now,
            "text": texts if isinstance(texts, str) else None,
            "not_asked": Reason.NOT_ASKED.value,
            "phones": _listed(phones),
            "devices": _listed(which.devices),
            "states": _listed(which.states),
        }


Texts = str | Iterable[tuple[Phone, str]]
"""What amended messages are to say: the same for all, or one a number."""


def _front(kind: ErrandKind, texts: Texts) -> str:
    text = "CAST(:text AS TEXT)" if isinstance(texts, str) else _TEXT
    more = _NOT_AMENDED.format(text=text) if kind is ErrandKind.AMEND else ""
    return _CHOSEN.format(text=text, why=_HINDERED.format(more=more))


def _listed(words: Iterable[str] | None) -> str | None:
    """Write words so that one is found between its commas."""
    return None if words is None else f",{','.join(words)},"
