"""Who is not written to, and how a person is forgotten; decides no reply.

A person is all spellings of a number, and a LID. An opt-out has a row for each spelling, so that
whoever asks by number finds it; `spelt` marks the rows that were not given but follow. One of whom
only the LID is known has the LID in the number's place.
"""

from collections.abc import Collection, Iterator, Sequence
from shlex import quote

from waheal.errors import UsageError
from waheal.identity import Lid, every_spelling, is_lid
from waheal.model import ErrandKind, Phone, State
from waheal.records import BY_REPLY, Dropped, Reason, Suppression
from waheal.store.common_sql import free, marks
from waheal.store.database import News
from waheal.store.part import CHUNK, NAMELESS, NO_RECALL, Part

_PAGE = 1_000

_LIDS = """
SELECT lid FROM contacts WHERE phone IN ({0}) AND lid IS NOT NULL UNION
SELECT lid FROM deliveries WHERE phone IN ({0}) AND lid IS NOT NULL UNION
SELECT lid FROM suppressions WHERE phone IN ({0}) AND lid IS NOT NULL
"""

_SAME_LID = "campaign_id IN (SELECT id FROM campaigns) AND lid IN ({})"

# What is known of them by now: their deliveries, attempts, contact and opt-out. What another turn
# has in hand it learns of itself.
_LEARN = (
    ("UPDATE deliveries SET lid = ? WHERE phone IN ({}) AND lid IS NULL", free("deliveries")),
    (
        """UPDATE attempts SET lid = ? WHERE lid IS NULL
          AND delivery_id IN (SELECT id FROM deliveries WHERE phone IN ({}))""",
        free("attempts"),
    ),
    ("UPDATE contacts SET lid = ? WHERE phone IN ({})", free("contacts", "phone")),
    (
        "UPDATE suppressions SET lid = ? WHERE phone IN ({}) AND lid IS NULL",
        free("suppressions", "phone"),
    ),
)

_HUSK = """
UPDATE deliveries SET phone = 'forgotten:' || id, text = '', body = NULL, lid = NULL, zone = NULL,
                      vote = NULL, voted = NULL, listed = 0, unreadable = 0,
                      reason = CASE WHEN state IN ('pending', 'suppressed') THEN ? END,
                      state = CASE WHEN state = 'pending' THEN 'suppressed' ELSE state END
 WHERE phone IN ({})
"""

_UNSETTLED = """
SELECT c.name, c.kind, d.state, d.phone FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id
 WHERE d.phone IN ({}) AND d.state IN ('sending', 'uncertain') ORDER BY d.state, d.id LIMIT 1
"""

# Two halves, each with an index of its own.
_THEIRS = f"""
state = 'pending' AND {NO_RECALL} AND (phone IN ({{0}})
 OR (campaign_id IN (SELECT id FROM campaigns) AND lid IS NOT NULL
     AND lid IN (SELECT lid FROM suppressions WHERE phone IN ({{0}}))))
"""  # noqa: S608 - constants

_LISTED = f"""
state = 'pending' AND campaign_id = ? AND {NO_RECALL}
 AND (phone IN (SELECT phone FROM suppressions)
      OR (lid IS NOT NULL AND lid IN (SELECT lid FROM suppressions WHERE lid IS NOT NULL)))
"""  # noqa: S608 - constants

_UNWANTED = """
SELECT phone FROM suppressions UNION
SELECT phone FROM contacts WHERE lid IN (SELECT lid FROM suppressions WHERE lid IS NOT NULL)
"""


class People(Part):
    """The opt-outs of a home, over all campaigns and devices."""

    def suppress(
        self, who: Phone | Lid, now: float, *, source: str, lid: str | None = None
    ) -> bool:
        """Write to this person no more, whatever the spelling; returns whether that is new.

        An earlier opt-out keeps its time. Of two sources the stronger stays, whichever came first:
        the recipient's own reply is the weakest. `lid` is the number's, where it is known.
        """
        names = _names(who)
        with self._db.transaction():
            lid = who if is_lid(who) else lid or self._lid(names)
            known = self._db.all(
                f"SELECT phone, since, source FROM suppressions"  # noqa: S608 - question marks
                f" WHERE phone IN ({marks(names)}) OR lid = ? ORDER BY since",
                (*names, lid),
            )
            said = [row[2] for row in known] + [source]
            source = next((each for each in said if each != BY_REPLY), BY_REPLY)
            self._strengthen([row[0] for row in known], source, lid)
            standing = {row[0]: row[1] for row in known}
            self._db.tell(News.OPT_OUTS)
            if is_lid(who):
                if not known:
                    self._list(who, (who,), lid, now, source)
                return not known
            if not standing.keys() & set(names):
                self._list(who, names, lid, standing.get(lid, now), source)
            # From now on the number stands for them.
            self._db.run("DELETE FROM suppressions WHERE phone = ?", (lid,))
        return not standing.keys() & {*names, lid}

    def unsuppress(
        self, who: Phone | Lid, *, lid: str | None = None, source: str | None = None
    ) -> bool:
        """Take a person's opt-out back; with `source`, only what came from there.

        Returns whether there was one.
        """
        names = _names(who)
        with self._db.transaction():
            lids = {*self._lids(names), lid, who if is_lid(who) else None} - {None}
            removed = self._db.run(
                f"DELETE FROM suppressions"  # noqa: S608 - question marks
                f" WHERE (phone IN ({marks(names)}) OR lid IN ({marks([*lids])}))"
                " AND source = COALESCE(?, source)",
                (*names, *lids, source),
            )
        return removed > 0

    def learn(self, phone: Phone, lid: str) -> None:
        """Note a person's LID, wherever it is missing; an opt-out by it gets the number."""
        names = every_spelling(phone)
        with self._db.transaction():
            for statement, unless_held in _LEARN:
                sql = f"{statement.format(marks(names))} {unless_held}"
                self._db.many(sql, [(lid, *names)])
            nameless = self._db.all(
                "SELECT since, source FROM suppressions WHERE phone = ?", (lid,)
            )
            for since, source in nameless:
                self.suppress(phone, since, source=source, lid=lid)

    def suppressed(self) -> Iterator[Suppression]:
        """List the opt-outs as they were given, by number, some at a time."""
        last = ""
        while rows := self._db.all(
            "SELECT phone, lid, since, source FROM suppressions"
            " WHERE phone > ? AND spelt IS NULL ORDER BY phone LIMIT ?",
            (last, _PAGE),
        ):
            for who, *rest in rows:
                yield Suppression(None if is_lid(who) else who, *rest)
            last = str(rows[-1][0])

    def is_suppressed(self, phone: Phone, lid: str | None = None) -> bool:
        """Tell whether this person opted out, by number or by LID."""
        return bool(
            self._db.all("SELECT 1 FROM suppressions WHERE phone = ? OR lid = ?", (phone, lid))
        )

    def suppressed_among(
        self, people: Collection[tuple[Phone, str | None]]
    ) -> frozenset[tuple[Phone, str | None]]:
        """Tell which of these people, by number and LID, have opted out; see `is_suppressed`."""
        names = [*{name for person in people for name in person if name is not None}]
        found: set[str] = set()
        for start in range(0, len(names), CHUNK):
            some = names[start : start + CHUNK]
            rows = self._db.all(
                f"SELECT phone FROM suppressions WHERE phone IN ({marks(some)}) UNION ALL"  # noqa: S608 - question marks
                f" SELECT lid FROM suppressions WHERE lid IN ({marks(some)})",
                (*some, *some),
            )
            found.update(row[0] for row in rows)
        return frozenset(each for each in people if not found.isdisjoint(each))

    def unwanted(self) -> frozenset[str]:
        """Give every number that is not written to, in every spelling, also by its LID."""
        return frozenset(row[0] for row in self._db.all(_UNWANTED))

    def any_nameless(self) -> bool:
        """Tell whether somebody opted out of whom only the LID is known."""
        return bool(self._db.all(NAMELESS))

    def suppress_pending(self, people: Sequence[Phone | Lid], now: float) -> list[Dropped]:
        """Suppress the pending deliveries to these people, in every campaign.

        They are known by their number, and by the LID that their suppression names.
        """
        names = [name for who in people for name in _names(who)]
        dropped: list[Dropped] = []
        with self._db.transaction():
            for start in range(0, len(names), CHUNK):
                some = names[start : start + CHUNK]
                theirs = _THEIRS.format(marks(some))
                dropped += self._set_aside(
                    theirs, (*some, *some), State.SUPPRESSED, Reason.OPTED_OUT, now
                )
        return dropped

    def suppress_listed(self, campaign_id: int, now: float) -> list[Dropped]:
        """Suppress whoever is pending in this campaign though they opted out meanwhile."""
        return self._set_aside(_LISTED, (campaign_id,), State.SUPPRESSED, Reason.OPTED_OUT, now)

    def forget(self, phone: Phone, now: float, *, lid: str | None = None) -> None:
        """Erase what is kept about a person, save that they are not to be written to.

        Whatever the spelling, and under the other numbers of their LID. Counts and device limits
        stay true: the deliveries stay as husks without number, text or id. Without an opt-out one
        is made, else the next run of a file that still names the number would write to it once
        more; no START undoes it. `lid` is the number's, where it is known.
        Raises: UsageError where a message to them, or what is to take one back or amend it, is
        under way or in doubt: with its id it would lose what settles it.
        """
        with self._db.engine.erasing():
            self._forget(phone, now, lid)

    def _forget(self, phone: Phone, now: float, lid: str | None) -> None:
        with self._db.transaction():
            phones = self._numbers(phone, lid)
            lids = [*self._lids(phones), *([] if lid is None else [lid])]
            theirs = f"phone IN ({marks(phones)})"
            for name, kind, state, number in self._db.all(_UNSETTLED.format(marks(phones)), phones):
                raise _unsettled(str(name), str(kind), State(state), Phone(number))
            for each in phones:
                self.suppress(each, now, source=Reason.FORGOTTEN.value, lid=lid)
            self._db.run(
                "UPDATE attempts SET lid = NULL, witness = NULL, message_id = NULL"  # noqa: S608 - question marks
                f" WHERE delivery_id IN (SELECT id FROM deliveries WHERE {theirs})",
                phones,
            )
            self._db.run(
                "DELETE FROM replies"  # noqa: S608 - question marks
                f" WHERE delivery_id IN (SELECT id FROM deliveries WHERE {theirs})",
                phones,
            )
            named = [*phones, *lids]
            self._db.run(
                f"DELETE FROM unclaimed_replies WHERE person IN ({marks(named)})",  # noqa: S608 - question marks
                named,
            )
            for name in named:  # as a phone's or a LID's JID stands there
                user = name.removeprefix("+").partition("@")[0]
                self._db.run("DELETE FROM ballots WHERE voters LIKE ?", (f'%"{user}@%',))
            self._db.run(_HUSK.format(marks(phones)), (Reason.FORGOTTEN.value, *phones))
            self._db.run(f"DELETE FROM contacts WHERE {theirs}", phones)  # noqa: S608 - question marks

    def _numbers(self, phone: Phone, lid: str | None) -> list[Phone]:
        """Give the person's number in every spelling, and their other numbers that were used."""
        names = every_spelling(phone)
        lids = [*self._lids(names), *([] if lid is None else [lid])]
        others = self._db.all(
            f"SELECT DISTINCT phone FROM deliveries WHERE {_SAME_LID.format(marks(lids))}",  # noqa: S608 - question marks
            lids,
        )
        return list(dict.fromkeys([*names, *(row[0] for row in others)]))

    def _lids(self, names: Sequence[str]) -> list[str]:
        """Tell the LIDs that the ledger knows a person by; mostly one or none."""
        rows = self._db.all(_LIDS.format(marks(names)), [*names, *names, *names])
        return [str(row[0]) for row in rows]

    def _lid(self, names: Sequence[str]) -> str | None:
        return next(iter(self._lids(names)), None)

    def _strengthen(self, names: Sequence[str], source: str, lid: str | None) -> None:
        self._db.many(
            "UPDATE suppressions SET lid = COALESCE(?, lid),"
            " source = CASE WHEN source = ? THEN ? ELSE source END WHERE phone = ?",
            ((lid, BY_REPLY, source, name) for name in names),
        )

    def _list(
        self, given: str, names: Sequence[str], lid: str | None, since: float, source: str
    ) -> None:
        self._db.many(
            "INSERT INTO suppressions (phone, lid, since, source, spelt) VALUES (?, ?, ?, ?, ?)",
            ((name, lid, since, source, None if name == given else given) for name in names),
        )


def _unsettled(campaign: str, kind: str, state: State, phone: Phone) -> UsageError:
    """Say what is to be settled before somebody is forgotten: a message, or an errand about one."""
    what = f"the {kind} of a message" if kind in set(ErrandKind) else "a message"
    if state is State.SENDING:
        return UsageError(
            f"{what} to {phone} is under way: {campaign}",
            hint="forget them once its run is over; what a killed one left, the next run settles",
        )
    name = quote(campaign)
    return UsageError(
        f"{what} to {phone} is in doubt: {campaign}",
        hint=f"`waheal resolve {name} --accept --phone {phone}` takes it as done, or `waheal sync`"
        " may tell; then forget them",
    )


def _names(who: Phone | Lid) -> tuple[str, ...]:
    """Give what a person's opt-out may stand under."""
    return (who,) if is_lid(who) else every_spelling(Phone(who))
