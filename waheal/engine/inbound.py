"""What comes from recipients: receipts, replies, opt-outs. The same for `send` and `sync`."""

from collections.abc import Iterable
from dataclasses import dataclass

from waheal.engine.ports import HearingLedger, OptOuts, Receipts
from waheal.engine.repliers import Repliers
from waheal.engine.voting import Voting
from waheal.events import Event, OptedOut, Receipt, Replied, Settled
from waheal.identity import Lid
from waheal.model import DeviceId, Phone, ReplyKind, State
from waheal.policy.optout import OptIntent, Words
from waheal.records import BY_REPLY, Claim, Confirmation, Dropped, ReceiptEffect
from waheal.store.sessions import Sessions, user_of
from waheal.wire import InboundText, ReceiptSeen

_ARRIVED = frozenset({State.DELIVERED, State.READ})


@dataclass(frozen=True, slots=True)
class Heeded:
    """What to show of it, and whom no message may reach any more."""

    events: tuple[Event, ...] = ()
    revoked: frozenset[Phone] = frozenset()


def set_aside(dropped: Dropped, device: DeviceId) -> Settled | Receipt:
    """Tell of a pending recipient that gets nothing; `device` would have sent, or heard why."""
    if dropped.state in _ARRIVED:
        return Receipt(dropped.phone, dropped.message_id or "", dropped.state, before=State.PENDING)
    return Settled(
        dropped.phone,
        device,
        dropped.state,
        max(1, dropped.attempt),  # the one that was still to be made
        dropped.message_id,
        dropped.reason,
        before=State.PENDING,
    )


def inbound_for(
    ledger: HearingLedger,
    sessions: Sessions,
    words: Words,
    campaign: int | None,
    *,
    keep_replies: bool,
) -> "Inbound":
    """Put together who writes what comes into this ledger; `campaign`'s replies are told, or all.

    `keep_replies`: what they say is kept, not only that they came.
    """
    repliers = Repliers(ledger.replies, sessions, campaign, keep_texts=keep_replies)
    voting = Voting(ledger.votes)
    return Inbound(ledger.outcomes, ledger.people, repliers, voting, sessions, words, campaign)


class Inbound:
    """Writes receipts, replies and opt-outs into the ledger; call it inside a transaction."""

    def __init__(
        self,
        outcomes: Receipts,
        people: OptOuts,
        repliers: Repliers,
        voting: Voting,
        sessions: Sessions,
        words: Words,
        campaign: int | None,
    ) -> None:
        self._outcomes = outcomes
        self._people = people
        self._repliers = repliers
        self._voting = voting
        self._sessions = sessions
        self._words = words
        self._campaign = campaign

    def receipt(self, report: ReceiptSeen, now: float) -> Heeded:
        """Let one receipt settle what it proves; see `receipts`."""
        return self.receipts([report], now)

    def receipts(self, reports: Iterable[ReceiptSeen], now: float) -> Heeded:
        """Let receipts settle what they prove; shown for this run's campaign only."""
        seen = [
            Confirmation(report.device, message_id, report.kind)
            for report in reports
            for message_id in report.message_ids
        ]
        moved = self._outcomes.receipts(seen, now)
        met = [each for effect in moved for each in self._meet(effect)]
        needless = (effect.phone for effect in moved if effect.state is State.SENDING)
        return Heeded((*self._shown(moved), *met), frozenset(needless))

    def overtaken(self) -> list[Event]:
        """Tell of receipts that came before the id of their message was known; count such votes."""
        self._voting.named()
        return self._shown(self._outcomes.take_early())

    def text(self, report: InboundText, now: float, under_way: Iterable[Claim] = ()) -> Heeded:
        """Keep a reply, and heed an opt-out or its undoing, by whoever wrote it, from any device.

        Revoked is who of those under way opted out by it, or may have, and who is set aside by it.
        A reaction is a reply, and never an opt-out: its sign may mean anything.
        """
        phone = report.phone or self._sessions.phone_of(report.sender)
        lid = self._lid(report.sender, phone)
        replied = tuple(self._repliers.wrote(report, phone, lid, now))
        if report.ballot is not None and report.quotes is not None:
            self._voting.heard(report.quotes, report.ballot, now)
        is_text = report.kind is not ReplyKind.REACTION
        found = self._words.classify(report.text) if is_text else None
        who = phone or lid
        if found is None or who is None:
            return Heeded(replied)
        if found.intent is OptIntent.START:
            self._people.unsuppress(who, lid=lid, source=BY_REPLY)
            return Heeded(replied)
        if phone is not None and lid is not None:
            self._people.learn(phone, lid)
        self._people.suppress(who, now, source=BY_REPLY, lid=lid)
        dropped = self._people.suppress_pending([who], now)
        shown: list[Event] = [OptedOut(phone, found.word)]
        shown += [
            set_aside(each, report.device) for each in dropped if each.campaign_id == self._campaign
        ]
        ahead = frozenset(each.phone for each in dropped)  # nor are they looked up any more
        return Heeded((*replied, *shown), self.unwanted(under_way) | ahead)

    def renew(self) -> None:
        """Read again what is kept aside."""
        self._repliers.renew()
        self._voting.renew()

    def weighs(self, report: InboundText) -> bool:
        """Tell whether its writer opts out by it, or in again."""
        is_text = report.kind is not ReplyKind.REACTION
        return is_text and self._words.classify(report.text) is not None

    def landed(self, claim: Claim) -> list[Replied]:
        """Tell the replies of this recipient's that waited for the message to land."""
        return self._repliers.landed(claim.phone, claim.lid)

    def all_reached(self) -> list[Event]:
        """Tell all that waited: receipts of what was judged by evidence, and replies.

        Of these, as far as it can be told by now whose they are.
        """
        return [*self.overtaken(), *self._repliers.all_reached()]

    def unwanted(self, under_way: Iterable[Claim]) -> frozenset[Phone]:
        """Tell who of those under way opted out, by any spelling or by the LID.

        Where somebody opted out of whom only the LID is known, it may be anyone without one. Nobody
        opts out of a recall.
        """
        claims = [claim for claim in under_way if not claim.content.recalls]
        if not claims:
            return frozenset()
        nameless = self._people.any_nameless()
        out = self._people.suppressed_among({(claim.phone, claim.lid) for claim in claims})
        return frozenset(
            claim.phone
            for claim in claims
            if (claim.phone, claim.lid) in out
            or (nameless and claim.lid is None and not claim.ask_lid)
        )

    def _lid(self, sender: str, phone: Phone | None) -> Lid | None:
        """Tell a writer's LID: as the library names them, or as it knows the number."""
        if sender.endswith("@lid"):
            return Lid(f"{user_of(sender)}@lid")
        known = None if phone is None else self._sessions.lid_of(phone)
        return None if known is None else Lid(known)

    def _meet(self, effect: ReceiptEffect) -> list[Replied]:
        """Learn the LID of a first contact whose answer never came, and what they wrote by it."""
        if effect.lid is not None or effect.state not in _ARRIVED:
            return []
        lid = self._sessions.lid_of(effect.phone)
        if lid is None:
            return []
        self._people.learn(effect.phone, lid)
        return self._repliers.reached(effect.phone, lid)

    def _shown(self, moved: list[ReceiptEffect]) -> list[Event]:
        return [
            Receipt(effect.phone, effect.message_id, effect.state, before=effect.before)
            for effect in moved
            if effect.state in _ARRIVED and self._campaign in {None, effect.campaign_id}
        ]
