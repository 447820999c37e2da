"""Every recipient of a campaign, one a row, for reports and other programs; knows no format."""

from collections.abc import Generator
from contextlib import closing

from waheal.model import State
from waheal.records import Recipient
from waheal.store.database import MEMORY, connect, translated
from waheal.store.part import Part

_ROWS = """
SELECT d.row, d.phone, d.state, d.attempt, a.device, a.message_id, d.reason, d.unreadable,
       d.updated, a.claimed, a.ended, a.delivered, a.read, d.text, r.at, r.device
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
                yield Recipient(*values)
