"""Who replied, and to which message: what recipients send, kept in the ledger.

What can't be told yet waits in the ledger, over runs too. From a LID whose number nobody knows, for
the number. From somebody whom a message is on its way to, for its landing: a text that came before
it left has its host hand it back, and one that came after it may be the answer to it.
"""

from waheal.correspondents import SentBack, Written
from waheal.engine.ports import ReplyBook
from waheal.events import Replied
from waheal.identity import is_lid
from waheal.model import Phone
from waheal.policy.answering import MOST_TEXT, answered
from waheal.store.sessions import Sessions
from waheal.wire import InboundText


class Repliers:
    """Writes replies into the ledger; call it inside a transaction.

    `keep_texts`: what they say is kept too, not only that they replied. Told are those to
    `campaign`, or to any (None).
    """

    def __init__(
        self, replies: ReplyBook, sessions: Sessions, campaign: int | None, *, keep_texts: bool
    ) -> None:
        self._replies = replies
        self._sessions = sessions
        self._campaign = campaign
        self._keep_texts = keep_texts
        self.renew()

    def renew(self) -> None:
        """Read again what waits; nobody else keeps any aside while the home is held."""
        self._waiting = set(self._replies.kept_aside())

    def wrote(
        self, report: InboundText, phone: Phone | None, lid: str | None, now: float
    ) -> list[Replied]:
        """Keep what came as a reply to what was written to them, if anything was."""
        told = self.reached(phone, lid)
        words = report.text[:MOST_TEXT] if self._keep_texts else ""
        sent = SentBack(
            report.device, report.kind, report.at, report.message_id, report.quotes, words or None
        )
        to = self._addressed(sent, phone, lid)
        if to is not None and not to.under_way:
            return told + self._add(to, sent)
        person = to.phone if to is not None else lid if phone is None else None
        if person is not None:
            self._replies.keep_aside(person, sent, now)
            self._waiting.add(person)
        return told

    def landed(self, phone: Phone, lid: str | None) -> list[Replied]:
        """Tell what waited for this message to land, or for the number of whom it was for."""
        if not self._waiting:
            return []
        return self.reached(phone, lid or self._sessions.lid_of(phone))

    def reached(self, phone: Phone | None, lid: str | None) -> list[Replied]:
        """Tell what waits of this person, as far as it can be told by now."""
        if phone is None:
            return []
        waiting = [each for each in (lid, phone) if each is not None and each in self._waiting]
        return [each for person in waiting for each in self._tell(person, phone, lid)]

    def all_reached(self) -> list[Replied]:
        """Tell whatever can be told by now."""
        told: list[Replied] = []
        for person in sorted(self._waiting):
            if not is_lid(person):
                told += self.reached(Phone(person), None)
            elif (phone := self._sessions.phone_of(person)) is not None:
                told += self.reached(phone, person)
        return told

    def _tell(self, person: str, phone: Phone, lid: str | None) -> list[Replied]:
        told: list[Replied] = []
        unnamed = is_lid(person)
        for each in self._replies.unclaimed(person):
            to = self._addressed(each.sent_back, phone, lid, each.last, unnamed=unnamed)
            if (to is None and unnamed) or (to is not None and to.under_way):
                return told  # they were not written to yet, or just now
            self._replies.claimed(each)
            told += [] if to is None else self._add(to, each.sent_back)
        self._waiting.discard(person)
        return told

    def _addressed(
        self,
        sent: SentBack,
        phone: Phone | None,
        lid: str | None,
        last: int | None = None,
        *,
        unnamed: bool = False,
    ) -> Written | None:
        written = self._replies.written(phone, lid, sent.quotes)
        account = self._replies.account(sent.device)
        return answered(written, account, quotes=sent.quotes, last=last, unnamed=unnamed)

    def _add(self, to: Written, sent: SentBack) -> list[Replied]:
        new = self._replies.add(to, sent) and self._campaign in {None, to.campaign_id}
        return [Replied(to.phone, sent.device, sent.kind)] if new else []
