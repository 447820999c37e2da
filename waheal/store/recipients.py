"""Every recipient of a campaign, one a row, for reports and other programs; knows no format."""

import json
from collections.abc import Generator
from contextlib import closing

from waheal.model import Poll, State
from waheal.records import Recipient
from waheal.store.columns import content
from waheal.store.database import MEMORY, connect, translated
from waheal.store.part import Part

_ROWS = """
SELECT d.row, d.phone, d.state, d.attempt, a.device, a.message_id, d.reason, d.unreadable,
       d.updated, a.claimed, a.ended, a.delivered, a.read, d.text, r.at, r.device,
       CASE WHEN d.body LIKE '{"poll"%' THEN d.body END, d.vote
  FROM deliveries d
  LEFT JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
  LEFT JOIN replies r ON r.id = (SELECT MIN(id) FROM replies
                                  WHERE campaign_id = d.campaign_id AND delivery_id = d.id)
 WHERE d.campaign_id = ?
 ORDER BY d.row, d.id
"""


class Recipients(Part):
    """A campaign's recipients, as a stream."""

    def rows(self, campaign_id: int) -> Generator[Recipient, None, None]:
        """Stream a campaign's recipients in file order, as they stood at the first row.

        Through a connection of its own, so that a run beside it isn't held up.
        """
        path = self._db.path
        if path == MEMORY:
            return
        with translated(path), closing(connect(path, readonly=True)) as conn:
            for row in conn.execute(_ROWS, (campaign_id,)):
                values = list(row)
                values[2], values[7] = State(row[2]), bool(row[7])
                values[16], values[17] = _options(row[16]), _vote(row[17])
                yield Recipient(*values)


def _options(body: str | None) -> tuple[str, ...]:
    poll = content("", body).body
    return poll.options if isinstance(poll, Poll) else ()


def _vote(told: str | None) -> tuple[str, ...] | None:
    return None if told is None else tuple(json.loads(told))
