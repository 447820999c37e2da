"""Every recipient of a campaign, one a row, for reports and other programs; knows no format."""

import json
from collections.abc import Collection, Generator

from waheal.errand_terms import errand_state
from waheal.model import Content, ErrandKind, Poll, State
from waheal.records import Recipient
from waheal.store.columns import content
from waheal.store.part import Part

# Of a resent message there are two; what is not done yet says how that stands.
_ERRAND = "FROM deliveries e WHERE e.phone = d.phone AND"
_WORST = "ORDER BY e.state IN ('sent', 'delivered', 'read'), e.target DESC LIMIT 1"

_LATEST = "SELECT kind, MAX(id) FROM campaigns WHERE parent = ? GROUP BY kind"

_ERRANDS = f"""
(SELECT e.state {_ERRAND} e.campaign_id = :recall {_WORST}),
(SELECT e.state {_ERRAND} e.campaign_id = :amend {_WORST}),
(SELECT e.text {_ERRAND} e.campaign_id = :amend {_WORST})
"""
_NONE = "NULL, NULL, NULL"

# A reply that opts out is to the last campaign that wrote to the person before. Each half of their
# deliveries has an index of its own.
_OPTED_OUT = """
CASE WHEN r.id IS NOT NULL THEN (
  SELECT MIN(s.since) FROM suppressions s
   WHERE (s.phone = d.phone OR s.lid = d.lid) AND s.since >= a.claimed
     AND NOT EXISTS (
       SELECT 1 FROM attempts b
        WHERE b.delivery_id IN (
                SELECT id FROM deliveries WHERE phone = d.phone AND target = 0 UNION
                SELECT id FROM deliveries
                 WHERE campaign_id IN (SELECT id FROM campaigns) AND lid IS NOT NULL
                   AND lid = d.lid AND target = 0)
          AND b.delivery_id <> d.id AND b.reached = 1
          AND b.claimed > a.claimed)) END
"""

# Only the order is sorted, which fits in memory; the rows with their texts would go by the disk.
# The limit, which is none, keeps the order of an inner query, where a database keeps it at all.
_ROWS = f"""
SELECT d.row, d.phone, d.state, d.attempt, a.device, a.message_id, d.reason, d.unreadable,
       d.updated, a.claimed, a.ended, a.delivered, a.read, d.text, r.at, r.device, {_OPTED_OUT},
       CASE WHEN d.body LIKE '_"poll"%' THEN d.body END, d.vote, {{errands}}
  FROM (SELECT id FROM deliveries WHERE campaign_id = :campaign AND {{which}}
         ORDER BY row, id LIMIT 9223372036854775807) o
 CROSS JOIN deliveries d
  LEFT JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
  LEFT JOIN replies r ON r.id = (SELECT MIN(id) FROM replies
                                  WHERE campaign_id = d.campaign_id AND delivery_id = d.id)
 WHERE d.id = o.id {{order}}
"""  # noqa: S608 - the parts are constants

# By the index alone, whatever the campaign's size.
_FIRST = """
SELECT text, body FROM deliveries WHERE campaign_id = ? AND state = ? AND phone < 'f'
 ORDER BY id LIMIT 1
"""
_LIKELIEST = (State.READ, State.DELIVERED, State.SENT, *State)
_STATES = {state.value: state for state in State}


class Recipients(Part):
    """A campaign's recipients, as a stream."""

    def rows(
        self, campaign_id: int, states: Collection[State] | None = None
    ) -> Generator[Recipient, None, None]:
        """Stream a campaign's recipients in file order, as they stood at the first row.

        `states`: only who is in one of these. Through a connection of its own, so that a run beside
        it isn't held up.
        """
        states_wanted = {f"state{n}": each.value for n, each in enumerate(sorted(states or ()))}
        among = ", ".join(f":{name}" for name in states_wanted) or "NULL"
        which = "TRUE" if states is None else f"state IN ({among})"
        with self._db.engine.snapshot() as query:
            errands = {row[0]: row[1] for row in query(_LATEST, (campaign_id,))}
            rows = _ROWS.format(
                which=which,
                errands=_ERRANDS if errands else _NONE,
                order="" if self._db.engine.keeps_order else "ORDER BY d.row, d.id",
            )
            orders = {kind.value: errands.get(kind.value) for kind in ErrandKind}
            given = {"campaign": campaign_id, **orders, **states_wanted}
            for found in query(rows, given):
                row, phone, state, attempt, device, message_id, reason, unreadable, *rest = found
                rest[-5:] = (
                    _options(rest[-5]),
                    _vote(rest[-4]),
                    _stands(ErrandKind.RECALL, rest[-3]),
                    _stands(ErrandKind.AMEND, rest[-2]),
                    rest[-1],
                )
                yield Recipient(
                    row, phone, _STATES[state], attempt, device, message_id, reason,
                    unreadable == 1, *rest,
                )  # fmt: skip

    def message(self, campaign_id: int) -> Content | None:
        """Give what a recipient gets: one who has read it, or got it, if there are any.

        None in an empty campaign, and where all were forgotten.
        """
        for state in _LIKELIEST:
            for text, body in self._db.all(_FIRST, (campaign_id, state.value)):
                return content(text, body)
        return None


def _stands(kind: ErrandKind, state: str | None) -> str | None:
    return None if state is None else errand_state(kind, State(state)).value


def _options(body: str | None) -> tuple[str, ...]:
    if body is None:
        return ()
    poll = content("", body).body
    return poll.options if isinstance(poll, Poll) else ()


def _vote(told: str | None) -> tuple[str, ...] | None:
    return None if told is None else tuple(json.loads(told))
