"""Merges a campaign file's rows with the deliveries; knows nothing of how the file is read.

A million rows: each portion goes through a table of this connection's own and is merged by set
statements, so that Python touches a row once. `seen` holds the ids of the rows that the file
still has.

In a file all of it is one transaction. Where machines share the ledger, that would be in everyone's
way for as long as it takes: the tables of this connection's own take in the whole file first, and
then it is merged in portions, each a transaction that goes beside turns.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import count

from waheal.errors import WahealError
from waheal.identity import every_spelling, spellings
from waheal.model import Phone, Planned
from waheal.records import Enrolled, Reason
from waheal.store.columns import pack_body
from waheal.store.common_sql import BY_RECIPIENT, FREE, differ, free, greater, same
from waheal.store.database import Connection, News, Value

_AT_ONCE = 5_000
"""Rows that are merged in a transaction of a portion's: whoever must be alone waits for its end."""

_EVERYTHING = 2**62

_TABLES = ("planned", "respelt", "met", "seen", "moved", "spared", "absent")
_CLEAR = tuple(f"DROP TABLE IF EXISTS {each}" for each in _TABLES)
_SETUP = (
    *_CLEAR,
    """CREATE TEMP TABLE planned (id INTEGER PRIMARY KEY, row INTEGER, phone TEXT, text TEXT,
        body TEXT, pinned TEXT, not_before DOUBLE PRECISION, expires DOUBLE PRECISION,
        consent INTEGER, zone TEXT)""",
    # A chunk's rows whose number has other spellings: few, in most countries none.
    """CREATE TEMP TABLE respelt (planned INTEGER, other TEXT, phone TEXT,
        PRIMARY KEY (planned, other))""",
    # A chunk's rows that the ledger has already: the delivery, its row in `planned`, what to do.
    """CREATE TEMP TABLE met (planned INTEGER PRIMARY KEY, id INTEGER UNIQUE, act TEXT,
        state TEXT)""",
    # Where the file has those by now who are not pending any more.
    "CREATE TEMP TABLE moved (id INTEGER PRIMARY KEY, row INTEGER)",
    "CREATE TEMP TABLE seen (id INTEGER PRIMARY KEY)",
    # Whom only rows name that are left out.
    "CREATE TEMP TABLE spared (id INTEGER PRIMARY KEY)",
    # Whom the file does not name any more.
    "CREATE TEMP TABLE absent (id INTEGER PRIMARY KEY)",
)

# Whom the campaign has under another spelling only is that recipient.
_RESPELL = f"""
UPDATE planned SET phone = r.other
  FROM respelt r
 WHERE planned.id = r.planned AND r.planned >= :first AND r.planned <= :final
   AND EXISTS (SELECT 1 FROM deliveries d {BY_RECIPIENT}
                WHERE d.phone = r.other AND d.campaign_id = :campaign)
   AND NOT EXISTS (SELECT 1 FROM deliveries d {BY_RECIPIENT}
                    WHERE d.phone = r.phone AND d.campaign_id = :campaign)
"""  # noqa: S608 - the parts are constants

_STICKY = """(SELECT c.device FROM contacts c JOIN devices v ON v.label = c.device
               WHERE c.phone = p.phone AND v.removed IS NULL)"""

_OPTED_OUT = "EXISTS (SELECT 1 FROM suppressions s WHERE s.phone = p.phone)"

_PINNED = "(CASE WHEN d.pinned = 1 THEN d.lane END)"

_DIFFERS = f"""
(d.text <> p.text OR {differ("d.body", "p.body")} OR {differ("d.not_before", "p.not_before")}
 OR {differ("d.expires", "p.expires")} OR {differ("d.zone", "p.zone")}
 OR {differ(_PINNED, "p.pinned")})
"""

# Each row is looked up once; of two with one number the first counts. CROSS JOIN keeps the order
# of the loops: the chunk outside. Back is an expired one that the file names again, or whose time
# was moved, and a suppressed one whose consent cell says yes now; an opt-out taken back is
# readmitted by the campaign.
_MEET = f"""
INSERT INTO met (planned, id, state, act)
SELECT p.id, d.id, d.state,
  CASE
    WHEN EXISTS (SELECT 1 FROM seen n WHERE n.id = d.id) THEN 'again'
    WHEN d.state = 'pending' THEN
      CASE WHEN p.consent = 0 THEN 'refuse' WHEN {_OPTED_OUT} THEN 'suppress'
           WHEN {_DIFFERS} THEN 'change' ELSE 'keep' END
    WHEN d.state = 'suppressed' AND p.consent = 0 AND d.reason = :opted_out THEN 'consent'
    WHEN p.consent = 0 OR {_OPTED_OUT} THEN 'keep'
    WHEN d.state = 'suppressed' AND d.reason = :no_consent THEN 'back'
    WHEN d.state = 'expired' AND (p.expires IS NULL OR p.expires > :now) THEN 'back'
    ELSE 'keep'
  END
  FROM planned p CROSS JOIN deliveries d {BY_RECIPIENT}
 WHERE p.id >= :first AND p.id <= :final AND d.phone = p.phone AND d.campaign_id = :campaign
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - the parts are constants

# Whom a turn beside it has in hand keeps what it has: the next enrolment takes them.
_LEAVE = f"""
UPDATE met SET act = 'keep'
 WHERE act NOT IN ('keep', 'again')
   AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = met.id AND d.state = met.state {FREE})
"""  # noqa: S608 - the parts are constants

# Of several rows of one number the first counts.
_ADD = f"""
INSERT INTO deliveries (campaign_id, phone, row, text, body, lane, pinned, state, due,
                        not_before, expires, zone, reason, updated)
SELECT :campaign, p.phone, p.row, p.text, p.body, COALESCE(p.pinned, {_STICKY}),
       CASE WHEN p.pinned IS NULL THEN 0 ELSE 1 END,
       CASE WHEN p.consent = 0 OR {_OPTED_OUT} THEN 'suppressed' ELSE 'pending' END,
       COALESCE(p.not_before, 0), p.not_before, p.expires, p.zone,
       CASE WHEN p.consent = 0 THEN :no_consent WHEN {_OPTED_OUT} THEN :opted_out END,
       :now
  FROM planned p
 WHERE p.id >= :first AND p.id <= :final
   AND p.id NOT IN (SELECT planned FROM met)
 ORDER BY p.id
    ON CONFLICT (phone, campaign_id, target) DO NOTHING
"""  # noqa: S608 - the parts are constants

_LAST = "SELECT MAX(id) FROM deliveries"

_NEW_ASIDE = """
SELECT COUNT(*) FROM deliveries
 WHERE id > :last AND campaign_id = :campaign AND state = 'suppressed'
"""

_SEE = """
INSERT INTO seen
SELECT id FROM met UNION ALL
SELECT id FROM deliveries WHERE id > :last AND campaign_id = :campaign
    ON CONFLICT DO NOTHING
"""

_CONTENT = f"""
       text = p.text, body = p.body, not_before = p.not_before, expires = p.expires,
       zone = p.zone,
       lane = CASE WHEN p.pinned IS NOT NULL THEN p.pinned
                   WHEN deliveries.pinned = 1 THEN {_STICKY} ELSE deliveries.lane END,
       pinned = CASE WHEN p.pinned IS NULL THEN 0 ELSE 1 END
"""

_WITH = """
  FROM met m JOIN planned p ON p.id = m.planned
 WHERE deliveries.id = m.id AND m.act
"""

_HELD = "CASE WHEN deliveries.attempt > 0 THEN deliveries.due ELSE 0 END"

_CHANGE = f"""
UPDATE deliveries SET {_CONTENT},
       due = CASE WHEN {same("deliveries.not_before", "p.not_before")} THEN deliveries.due
                  ELSE {greater("COALESCE(p.not_before, 0)", _HELD)} END
{_WITH} = 'change'
"""  # noqa: S608 - the parts are constants

_BACK = f"""
UPDATE deliveries SET {_CONTENT}, state = 'pending', reason = NULL, updated = :now,
       due = COALESCE(p.not_before, 0)
{_WITH} = 'back'
"""  # noqa: S608 - the parts are constants

_SUPPRESS = f"""
UPDATE deliveries SET state = 'suppressed', updated = :now,
       reason = CASE WHEN m.act = 'refuse' THEN :no_consent ELSE :opted_out END
{_WITH} IN ('refuse', 'suppress')
"""  # noqa: S608 - the parts are constants

# Its consent was taken back too: taking back the opt-out must not let it in.
_REFUSE = f"UPDATE deliveries SET reason = :no_consent {_WITH} = 'consent'"  # noqa: S608

_ROW = f"""
UPDATE deliveries SET row = p.row, listed = 1
{_WITH} <> 'again' AND (deliveries.row <> p.row OR deliveries.listed = 0)
   AND deliveries.state = 'pending' {free("deliveries")}
"""  # noqa: S608 - the parts are constants

# Answers and receipts of these may come at any moment, and would wait: they are moved last.
_REMEMBER = """
INSERT INTO moved (id, row)
SELECT m.id, p.row FROM met m JOIN planned p ON p.id = m.planned JOIN deliveries d ON d.id = m.id
 WHERE m.act <> 'again' AND d.state <> 'pending' AND (d.row <> p.row OR d.listed = 0)
    ON CONFLICT DO NOTHING
"""
_MOVE = "UPDATE deliveries SET row = m.row, listed = 1 FROM moved m WHERE deliveries.id = m.id"

_MISS = """
INSERT INTO absent
SELECT d.id FROM deliveries d
 WHERE d.campaign_id = :campaign AND (d.listed = 1 OR d.state = 'pending')
   AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.id = d.id)
"""

_NEXT_ABSENT = """
SELECT MAX(id) FROM (SELECT id FROM absent WHERE id > :after ORDER BY id LIMIT :most) few
"""

_ABSENT = "id IN (SELECT a.id FROM absent a WHERE a.id > :after AND a.id <= :upto)"

_GONE = f"""
UPDATE deliveries SET state = 'expired', reason = :not_in_file, updated = :now
 WHERE {_ABSENT} AND state = 'pending'
   AND NOT EXISTS (SELECT 1 FROM spared s WHERE s.id = deliveries.id) {free("deliveries")}
"""  # noqa: S608 - the parts are constants

_SPARE = """
INSERT INTO spared
SELECT id FROM deliveries WHERE campaign_id = ? AND phone = ?
    ON CONFLICT DO NOTHING
"""

# What the file says of them is not known, so nothing is sent to them for now.
_UNLIST = f"UPDATE deliveries SET listed = 0 WHERE {_ABSENT} AND listed = 1"  # noqa: S608

_OUTDATED = f"""
SELECT COUNT(*) FROM met m JOIN planned p ON p.id = m.planned JOIN deliveries d ON d.id = m.id
 WHERE m.act = 'keep' AND d.state IN ('sending', 'sent', 'delivered', 'read', 'uncertain')
   AND (d.text <> p.text OR {differ("d.body", "p.body")})
"""  # noqa: S608 - the parts are constants

_ALL = "SELECT COUNT(*) FROM deliveries WHERE campaign_id = :campaign"
_ANY = "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE campaign_id = :campaign LIMIT 1) one"
_SEEN = "SELECT COUNT(*) FROM seen"

_DIGEST = "UPDATE campaigns SET digest = :digest WHERE id = :campaign"
_LOADING = """
INSERT INTO marks (key, value) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""


def loading_keys(campaign: int) -> tuple[str, str]:
    """Name the marks of how many rows a file has that is merged in portions, and of how far."""
    return f"loading {campaign}", f"loaded {campaign}"


class Merge:
    """One enrolment under way; its counters."""

    def __init__(
        self, connection: Connection, begun: Callable[[], int], now: float, *, portions: bool
    ) -> None:
        self._db = connection
        self._begun = begun
        self._portions = portions
        self._parameters: dict[str, Value] = {
            "now": now,
            "no_consent": Reason.NO_CONSENT.value,
            "opted_out": Reason.OPTED_OUT.value,
            "not_in_file": Reason.NOT_IN_FILE.value,
        }
        with self._step():
            for statement in _SETUP:
                self._db.run(statement)
        self._fresh = False
        self._respelt = False
        self._read = self._merged = 0
        self._added = self._changed = self._back = self._suppressed = self._aside = 0
        self._outdated = 0

    def add(self, rows: Sequence[Planned]) -> None:
        """Take in a portion of the file's rows, about `PORTION` of them."""
        with self._step():
            self._db.engine.fill("planned", map(_values, count(self._read + 1), rows))
            self._note_spellings(rows)
        self._read += len(rows)
        if not self._portions:
            self._merge(self._read)
            self._db.run("DELETE FROM planned")
            self._db.run("DELETE FROM respelt")

    def merged(self) -> Iterator[int]:
        """Merge what is left of what was taken in, and tell after each portion how many rows.

        Whoever was to be read is read by now, and without a fault.
        """
        while self._merged < self._read:
            before, upto = self._merged, min(self._merged + _AT_ONCE, self._read)
            with self._step():
                self._merge(upto)
                self._run(_MOVE)
                self._db.run("DELETE FROM moved")
                sizes = self._read, self._merged
                self._db.many(_LOADING, zip(loading_keys(self.campaign), sizes, strict=True))
            yield self._merged - before

    def finish(self, digest: str | None, bad: Iterable[Phone] = (), *, whole: bool) -> Enrolled:
        """Merge what is left, expire what is gone, remember the file's digest, and count up."""
        for _ in self.merged():
            pass
        with self._step():
            self._begin()  # of no row at all nothing was merged
        seen, gone = self._added, 0
        if not self._fresh:
            seen = self._count(_SEEN)
            gone = self._leave_out(bad, whole=whole) if seen < self._count(_ALL) else 0
        with self._step():
            self._run(_MOVE)
            self._parameters["digest"] = digest
            self._run(_DIGEST)
            if self._portions:
                self._db.run("DELETE FROM marks WHERE key IN (?, ?)", loading_keys(self.campaign))
                self._db.tell(News.REST)
        return Enrolled(
            added=self._added,
            changed=self._changed,
            gone=gone,
            back=self._back,
            suppressed=self._suppressed + self._aside,
            kept=seen - self._added - self._changed - self._back - self._suppressed,
            outdated=self._outdated,
        )

    @property
    def campaign(self) -> int:
        """The campaign's id, once it is written to."""
        return int(self._parameters["campaign"] or 0)

    def clear(self) -> None:
        """Drop what the connection keeps for this; where it is lost, that is gone as well."""
        with suppress(WahealError), self._step():
            for statement in _CLEAR:
                self._db.run(statement)

    def _step(self) -> AbstractContextManager[None]:
        return self._db.transaction(turn=True) if self._portions else nullcontext()

    def _begin(self) -> None:
        if "campaign" in self._parameters:
            return
        self._parameters |= {"campaign": self._begun(), "digest": None}
        self._fresh = not self._count(_ANY)
        if self._portions:  # whatever it was of is read anew, should this be cut off
            self._run(_DIGEST)

    def _merge(self, upto: int) -> None:
        self._begin()
        self._parameters |= {"first": self._merged + 1, "final": upto}
        if self._respelt:
            self._run(_RESPELL)
        self._parameters["last"] = self._count(_LAST)
        if not self._fresh:
            self._meet()
        self._added += self._run(_ADD)
        self._aside += self._count(_NEW_ASIDE)
        if not self._fresh:
            self._run(_SEE)
        self._merged = upto

    def _note_spellings(self, rows: Sequence[Planned]) -> None:
        """Let one person's rows have one spelling: the campaign's, or else the first row's."""
        spelt = _spelt(rows, self._read + 1)
        self._respelt = self._respelt or bool(spelt)
        self._db.many(
            "UPDATE planned SET phone = ? WHERE id = ?",
            [(first, number) for number, phone, first, _ in spelt if first != phone],
        )
        self._db.many(
            "INSERT INTO respelt (planned, phone, other) VALUES (?, ?, ?)",
            [
                (number, first, other)
                for number, phone, first, others in spelt
                for other in (others if first == phone else spellings(first))
            ],
        )

    def _meet(self) -> None:
        self._db.run("DELETE FROM met")
        self._run(_MEET)
        self._run(_LEAVE)
        self._outdated += self._count(_OUTDATED)
        self._run(_REFUSE)
        self._suppressed += self._run(_SUPPRESS)
        self._back += self._run(_BACK)
        self._changed += self._run(_CHANGE)
        self._run(_ROW)
        self._run(_REMEMBER)

    def _leave_out(self, bad: Iterable[Phone], *, whole: bool) -> int:
        """Let those be whom the file does not name; tells how many of them expired."""
        with self._step():
            self._run(_MISS)
            names = (each for phone in bad for each in every_spelling(phone))
            self._db.many(_SPARE, ((self.campaign, phone) for phone in names))
        gone = 0
        self._parameters |= {"after": 0, "most": _AT_ONCE if self._portions else _EVERYTHING}
        while upto := self._count(_NEXT_ABSENT):
            self._parameters["upto"] = upto
            with self._step():
                gone += self._run(_GONE) if whole else 0
                self._run(_UNLIST)
            self._parameters["after"] = upto
        return gone

    def _run(self, sql: str) -> int:
        return self._db.run(sql, self._parameters)

    def _count(self, sql: str) -> int:
        ((count,),) = self._db.all(sql, self._parameters)
        return int(count or 0)


def _spelt(rows: Sequence[Planned], start: int) -> list[tuple[int, Phone, Phone, frozenset[Phone]]]:
    """Find the rows whose number has other spellings: number, first row's number, the others."""
    first: dict[Phone, Phone] = {}
    return [
        (number, row.phone, first.setdefault(min(row.phone, *others), row.phone), others)
        for number, row in enumerate(rows, start)
        if (others := spellings(row.phone))
    ]


def _values(number: int, row: Planned) -> tuple[Value, ...]:
    return (
        number,
        row.row,
        row.phone,
        row.content.text,
        pack_body(row.content.body),
        row.pinned,
        row.not_before,
        row.expires,
        row.consent,
        row.zone,
    )
