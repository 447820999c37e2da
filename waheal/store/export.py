"""All recipients of a campaign for reports, one a row; knows no format."""

from collections.abc import Generator
from contextlib import closing

from waheal.model import State
from waheal.store.database import MEMORY, connect, translated
from waheal.store.part import Part
from waheal.store.records import ExportRow

_ROWS = """
SELECT d.row, d.phone, d.state, d.attempt, a.device, a.message_id, d.reason, d.unreadable,
       d.updated, a.claimed, a.ended, a.delivered, a.read, d.text
  FROM deliveries d
  LEFT JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
 WHERE d.campaign_id = ?
 ORDER BY d.row, d.id
"""


class Export(Part):
    """The ledger's rows for other programs."""

    def rows(self, campaign_id: int) -> Generator[ExportRow, None, None]:
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
                yield ExportRow(*values)
