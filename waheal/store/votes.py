"""Votes in polls: the last one of each recipient, and those whose poll is not known yet."""

import json
from collections.abc import Sequence

from waheal.correspondents import Aside, AskedPoll
from waheal.model import Ballot, Poll
from waheal.store.columns import content
from waheal.store.part import Part

MOST_ASIDE = 10_000
"""Votes that are kept for a poll that is not known yet, the latest."""

ASIDE_DAYS = 14
"""How long they are."""

_POLLS = """
SELECT d.id, a.jid, a.witness, d.body
  FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
 WHERE a.message_id = ? AND a.witness IS NOT NULL AND d.body LIKE '{"poll"%'
"""

_CAST = """
UPDATE deliveries SET vote = :vote, voted = :at
 WHERE id = :delivery AND (voted IS NULL OR voted <= :at)
"""

_ASIDE = """
INSERT INTO ballots (poll, creator, voters, payload, iv, at, since)
VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING
"""

_KNOWN = """
SELECT id, poll, creator, voters, payload, iv, at FROM ballots
 WHERE EXISTS (SELECT 1 FROM attempts a WHERE a.message_id = ballots.poll) ORDER BY id
"""


# The groups come as their first rows stand in the file, and so do options that are new with them.
_COUNTS = """
SELECT body, vote, COUNT(*) FROM deliveries WHERE campaign_id = ? AND body LIKE '{"poll"%'
 GROUP BY body, vote ORDER BY MIN(row), MIN(id)
"""


class Votes(Part):
    """What recipients voted."""

    def polls(self, message_id: str) -> list[AskedPoll]:
        """List the polls that were sent under this id: one, or of several accounts one each."""
        found = []
        for delivery, jid, witness, body in self._db.all(_POLLS, (message_id,)):
            poll = content("", body).body
            if isinstance(poll, Poll):
                found.append(AskedPoll(delivery, jid, bytes(witness), poll.options))
        return found

    def cast(self, delivery: int, chosen: Sequence[str], at: float) -> None:
        """Let this be the recipient's vote, unless a later one is known."""
        told = json.dumps(list(chosen))
        self._db.run(_CAST, {"vote": told, "at": at, "delivery": delivery})

    def counts(self, campaign_id: int) -> list[tuple[Poll, tuple[str, ...], int]]:
        """Count who was asked a poll by what they chose last; those who chose nothing, too."""
        found = []
        for body, vote, people in self._db.all(_COUNTS, (campaign_id,)):
            poll = content("", body).body
            if isinstance(poll, Poll):
                found.append((poll, tuple(json.loads(vote or "[]")), int(people)))
        return found

    def keep_aside(self, poll: str, ballot: Ballot, now: float) -> None:
        """Keep a vote until its poll is known."""
        with self._db.transaction():
            self._db.run(
                _ASIDE,
                (
                    poll, ballot.creator, json.dumps(ballot.voters), ballot.payload, ballot.iv,
                    ballot.at, now,
                ),
            )  # fmt: skip
            self._db.run(
                "DELETE FROM ballots WHERE since < ? OR id <= (SELECT MAX(id) FROM ballots) - ?",
                (now - ASIDE_DAYS * 86_400.0, MOST_ASIDE),
            )

    def any_aside(self) -> bool:
        """Tell whether any is kept."""
        return bool(self._db.all("SELECT 1 FROM ballots LIMIT 1"))

    def take_known(self) -> list[Aside]:
        """Hand out those whose poll is known by now, and keep them no more."""
        rows = self._db.all(_KNOWN)
        self._db.many("DELETE FROM ballots WHERE id = ?", [(row[0],) for row in rows])
        return [
            Aside(poll, Ballot(payload, iv, creator, tuple(json.loads(voters)), at))
            for _, poll, creator, voters, payload, iv, at in rows
        ]
