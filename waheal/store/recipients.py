"""Every recipient of a campaign, one a row, for reports and other programs; knows no format."""

from collections.abc import Generator
from contextlib import closing

from waheal.errand_terms import errand_state
from waheal.model import ErrandKind, State
from waheal.records import Recipient
from waheal.store.database import MEMORY, connect, translated
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

_ROWS = """
SELECT d.row, d.phone, d.state, d.attempt, a.device, a.message_id, d.reason, d.unreadable,
       d.updated, a.claimed, a.ended, a.delivered, a.read, d.text, r.at, r.device, {}
  FROM deliveries d
  LEFT JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
  LEFT JOIN replies r ON r.id = (SELECT MIN(id) FROM replies
                                  WHERE campaign_id = d.campaign_id AND delivery_id = d.id)
 WHERE d.campaign_id = :campaign
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
            errands = dict(conn.execute(_LATEST, (campaign_id,)).fetchall())
            which = {kind.value: errands.get(kind.value) for kind in ErrandKind}
            rows = _ROWS.format(_ERRANDS if errands else _NONE)
            for row in conn.execute(rows, {"campaign": campaign_id, **which}):
                values = list(row)
                values[2], values[7] = State(row[2]), bool(row[7])
                for place, kind in (16, ErrandKind.RECALL), (17, ErrandKind.AMEND):
                    if row[place] is not None:
                        values[place] = errand_state(kind, State(row[place])).value
                yield Recipient(*values)
