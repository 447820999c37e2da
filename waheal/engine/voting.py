"""Who voted for what: votes in polls, opened and kept; a vote may come before its poll is known."""

from waheal.engine.ports import VoteBook
from waheal.model import Ballot
from waheal.policy.ballots import open_ballot


class Voting:
    """Writes votes into the ledger; call it inside a transaction."""

    def __init__(self, votes: VoteBook) -> None:
        self._votes = votes
        self.renew()

    def renew(self) -> None:
        """Read again whether any waits; nobody else keeps any aside while the home is held."""
        self._waiting = self._votes.any_aside()

    def heard(self, poll: str, ballot: Ballot, now: float) -> None:
        """Let a vote count, or wait until its poll is known: the poll may be under way."""
        if not self._counted(poll, ballot):
            self._votes.keep_aside(poll, ballot, now)
            self._waiting = True

    def named(self) -> None:
        """Let those count whose poll's id is known by now."""
        if not self._waiting:
            return
        for aside in self._votes.take_known():
            self._counted(aside.poll, aside.ballot)
        self._waiting = self._votes.any_aside()

    def _counted(self, poll: str, ballot: Ballot) -> bool:
        """Find whose poll it is; False where none of that id is known."""
        asked = self._votes.polls(poll)
        for each in asked:
            number = each.jid.partition("@")[0].partition(":")[0]
            creators = [f"{number}@s.whatsapp.net"]
            chosen = open_ballot(ballot, each.secret, poll, creators, each.options)
            if chosen is not None:
                self._votes.cast(each.delivery, chosen, ballot.at)
                break
        return bool(asked)
