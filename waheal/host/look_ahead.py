"""Looks up together whom a device is about to write to, so that no send asks for one alone.

Theory of operation. A first contact asks for the recipient's LID, and then for the devices of that
LID; a known one for the devices, once a process. The library asks for many at once as well, and
keeps what it is told: LIDs in the session database, device lists in the client's memory. A send
that finds both there asks for neither.

It is a help and no more. Only WhatsApp's own no is used, by the recipient's own send; of whom
nothing is said, the send asks itself. A refusal ends the looking ahead for a while, and not the
device: the send goes on without. What was not answered at all was not answered for this recipient
either, so their send ends as if it had asked alone.
"""

from collections.abc import Callable, Mapping, Sequence

from waheal.host import directory, error_table
from waheal.host.client import Client, SendError
from waheal.host.directory import Listing
from waheal.host.error_table import RATE_LIMITED_HOLD, CallVerdict
from waheal.identity import every_spelling
from waheal.model import Outcome, Phone, Rejected

AT_ONCE = 50
"""So many people in one question."""


class LookAhead:
    """What one host has asked ahead. Of a device only under its lease."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now  # monotonic seconds
        self._not_before: dict[str, float] = {}  # by session: it was refused
        self._absent: dict[tuple[str, Phone], Outcome] = {}

    def absent(self, jid: str, phone: Phone) -> Outcome | None:
        """Tell, once, what becomes of somebody who is not on WhatsApp, as it has said."""
        return self._absent.pop((jid, phone), None)

    def ask(
        self, client: Client, jid: str, people: Sequence[tuple[Phone, str | None]]
    ) -> CallVerdict | None:
        """Look these people up; a verdict only where no send should ask in turn now."""
        if self._now() < self._not_before.get(jid, 0.0):
            return None
        try:
            for start in range(0, len(people), AT_ONCE):
                self._ask(client, jid, people[start : start + AT_ONCE])
        except SendError as error:
            self._not_before[jid] = self._now() + RATE_LIMITED_HOLD
            if error_table.is_refusal(str(error)):
                return None
            return error_table.judge_send(str(error))
        return None

    def _ask(self, client: Client, jid: str, people: Sequence[tuple[Phone, str | None]]) -> None:
        strangers = [phone for phone, lid in people if lid is None]
        lids = [lid for _, lid in people if lid is not None]
        if strangers:
            lids += self._meet(client, jid, strangers)
        if lids:
            client.fetch_devices(lids)

    def _meet(self, client: Client, jid: str, strangers: Sequence[Phone]) -> list[str]:
        """Ask the directory, and give the LIDs that it tells; a plain no is kept for its send."""
        listed = client.look_up([each for phone in strangers for each in every_spelling(phone)])
        lids: list[str] = []
        for phone in strangers:
            own = _of(phone, listed)
            if (lid := own.get(phone, Listing()).lid) is not None:
                lids.append(lid)
            elif isinstance(outcome := directory.judge(phone, own), Rejected):
                self._absent[jid, phone] = outcome
        return lids


def _of(phone: Phone, listed: Mapping[Phone, Listing]) -> dict[Phone, Listing]:
    return {each: listed[each] for each in every_spelling(phone) if each in listed}
