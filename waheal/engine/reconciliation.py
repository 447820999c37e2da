"""What became of an attempt in doubt: reads the evidence and asks the policy; writes nothing.

Runs in the coordinator, for an attempt whose call has returned or whose process is reaped,
before its device is connected again.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from waheal.events import Settled
from waheal.model import State
from waheal.policy.doubt import Evidence, KnownId, NothingLeft, Undecided, verdict
from waheal.records import Claim, Doubt
from waheal.seal import is_whole
from waheal.store.home import Home
from waheal.store.sessions import Meeting, Sessions

ROWS_LOST = re.compile(
    rb"Failed to store message secret"  # what the library says: see host/README.md
    rb"|Failed to place LID mappings|Failed to store LID-PN mapping"
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the evidence made of an attempt in doubt."""

    state: State
    message_id: str | None
    reason: str | None

    def settled(self, attempt: Claim | Doubt) -> Settled:
        """Tell it of an attempt that was under way until now."""
        return Settled(
            attempt.phone,
            attempt.device,
            self.state,
            attempt.attempt,
            self.message_id,
            self.reason,
            before=State.SENDING,
        )


def boot_id(home: Home) -> str:
    """Tell this boot of the kernel and the home's folder: elsewhere an absent row proves nothing.

    After a restart the disk may have lost it. And to a copy of the home, whose original's hosts may
    send on for a while, nobody tells what they write.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    folder = home.root.stat()
    return f"{boot} {folder.st_dev}:{folder.st_ino}"


class Reconciler:
    """Judges attempts in doubt by their evidence, as the policy's table says."""

    def __init__(self, sessions: Sessions, logs: Path, boot: str) -> None:
        self._sessions = sessions
        self._logs = logs
        self._boot = boot

    def meeting(self, claim: Claim) -> Meeting:
        """Whether a Signal session stands with the recipient, for a ciphertext; and their LID."""
        return self._sessions.meeting(claim.jid, claim.phone)

    def untouched(self) -> bool:
        """Whether nobody wrote the session database since the last host ended."""
        return is_whole(self._sessions.path, self._logs)

    def judge(
        self, doubt: Doubt, why: str, *, accepted: str | None = None, untouched: bool = True
    ) -> Judged:
        """Say what became of an attempt; `why` is what put it in doubt.

        `accepted`: the library said that the server took it under this id; it still never left
        when no Signal session with the recipient was made (prekeys refused). `untouched`: nobody
        wrote the session database since its host ended; so it is while the coordinator lives, which
        looks at once.
        """
        match verdict(self._evidence(doubt, accepted, untouched)):
            case NothingLeft():
                return Judged(State.PENDING, None, f"nothing left: {why}")
            case KnownId(message_id) if accepted is not None:
                return Judged(State.SENT, message_id, None)
            case KnownId(message_id):
                return Judged(State.UNCERTAIN, message_id, f"{why}; waits for a receipt")
            case Undecided(reason):
                return Judged(State.UNCERTAIN, accepted or doubt.message_id, f"{why}; {reason}")
            case other:
                assert_never(other)

    def _evidence(self, doubt: Doubt, accepted: str | None, untouched: bool) -> Evidence:
        origin = doubt.origin
        rows = self._sessions.rows(doubt.jid, doubt.phone, doubt.lid, doubt.witness)
        return Evidence(
            call_over=not doubt.running,
            same_boot=origin.boot_id == self._boot,
            stamp_same=origin.stamp is not None and rows.stamp == origin.stamp,
            identity_same=rows.identity is not None and rows.identity == origin.identity,
            untouched=untouched,
            last_witness_there=self._last_witness(doubt),
            log_clean=self._log_clean(origin.host_log),
            message_id=accepted or doubt.message_id or rows.message_id,
            signal_session=rows.signal_session,
            accepted=accepted is not None,
        )

    def _last_witness(self, doubt: Doubt) -> bool | None:
        if doubt.last_witness is None:
            return None
        return self._sessions.has_witness(doubt.jid, doubt.last_witness)

    def _log_clean(self, host_log: str) -> bool:
        try:
            return ROWS_LOST.search((self._logs / host_log).read_bytes()) is None
        except FileNotFoundError:
            return False  # a log that is gone proves nothing
