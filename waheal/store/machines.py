"""The machines that share a ledger, each a home of its own; knows no evidence.

A machine is held by one process at a time: by a lock of the database's for as long as the
connection lives, and by its epoch, which whoever takes the machine raises. Whatever still writes
under an earlier one finds its transactions refused (`Connection.fence`). A ledger in a file is its
home's alone, whose lock does all this: there nothing of it is needed, or done.
"""

import hashlib
import socket
import time
from dataclasses import dataclass
from shlex import quote

from waheal.errors import FencedOffError, HomeBusyError, HomeUnusableError, UsageError
from waheal.records import JoinedMachine
from waheal.store.database import Connection, Fence, Row
from waheal.store.home import Home
from waheal.store.part import Part, not_joined
from waheal.store.schema import VERSION

_KEY = "key"
_INCARNATION = "incarnation"

_MACHINES = "SELECT id, name, host, epoch, version, seen, retired FROM machines"

# One that was given up comes back as it was called, and held by nobody.
_JOIN = """
INSERT INTO machines (home, name, host, version) VALUES (?, ?, ?, ?)
ON CONFLICT (home) DO UPDATE SET name = excluded.name, retired = NULL
"""

_TAKE = """
UPDATE machines SET epoch = epoch + 1, host = ?, version = ?, seen = ?
 WHERE id = ? AND retired IS NULL RETURNING epoch
"""


_RETIRE = "UPDATE machines SET retired = ?, epoch = epoch + 1 WHERE id = ?"

_OF_MACHINE = """
EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = deliveries.id
           AND a.attempt = deliveries.attempt AND a.machine = {})
"""

_LEAVE = f"""
UPDATE deliveries SET state = 'uncertain', reason = :reason, updated = :now
 WHERE campaign_id IN (SELECT id FROM campaigns) AND state = 'sending'
   AND {_OF_MACHINE.format(":machine")}
RETURNING id, attempt, campaign_id
"""  # noqa: S608 - constants

_ENDED = """
UPDATE attempts SET ended = :now, outcome = 'uncertain', reason = :reason
 WHERE delivery_id = :delivery AND attempt = :attempt AND ended IS NULL
"""

_CALLS_OVER = f"""
UPDATE deliveries SET running = 0 WHERE running = 1 AND {_OF_MACHINE.format("?")}
"""  # noqa: S608 - constants

_REMOVE = """
UPDATE devices SET removed = ?, jid = NULL, quarantine = NULL, until = NULL, paused = 0
 WHERE machine = ? AND removed IS NULL RETURNING label
"""

_FREE = """
UPDATE deliveries SET lane = NULL
 WHERE campaign_id IN (SELECT id FROM campaigns) AND lane = ? AND state = 'pending' AND pinned = 0
"""

_WENT_BACK = """
INSERT INTO marks (key, value) VALUES ('restored', 1)
    ON CONFLICT (key) DO UPDATE SET value = marks.value + 1
"""

# A machine, and what it has sent: it has told nothing, so that it is awaited.
_FORGOT = "INSERT INTO marks (key, value) VALUES ('restored', 1) ON CONFLICT DO NOTHING"

_HAS_TOLD = """
INSERT INTO marks (key, value)
SELECT ?, COALESCE((SELECT value FROM marks WHERE key = 'restored'), 0)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""

_AWAITED = """
SELECT m.name FROM machines m, marks r
 WHERE m.retired IS NULL AND r.key = 'restored'
   AND COALESCE((SELECT t.value FROM marks t WHERE t.key = 'told ' || m.id), 0) < r.value
"""

_GIVEN_UP = "its machine was given up, and nobody else can tell whether it left"

# The longest that what was claimed may still leave, for a machine that was cut off.
_STILL_SENDING_S = 180.0


@dataclass(frozen=True, slots=True)
class Retired:
    """What giving a machine up did.

    `devices` were removed; `freed`: so many recipients others may write to now; `uncertain`: so
    many it had in hand.
    """

    machine: JoinedMachine
    devices: int
    freed: int
    uncertain: int


class Machines(Part):
    """Who shares this ledger, and which of them this home is."""

    def __init__(self, connection: Connection, home: Home) -> None:
        super().__init__(connection)
        self._home = home
        self.owes = False
        """Whether the ledger went back, and this machine is yet to tell what it has sent."""
        self._all_told = False
        if connection.remote:
            connection.machine = self._found()
            self._compared()

    @property
    def mine(self) -> int:
        """This home's number; 0 where it has not joined a ledger that others share."""
        return self._db.machine

    @property
    def name(self) -> str | None:
        """What this home is called there; None where it has not joined."""
        return self._own().name if self.mine and self._db.remote else None

    def join(self, name: str) -> JoinedMachine:
        """Make this home a machine of a shared ledger, or give it another name.

        The first one's key becomes that of all: what one has sent, each of them is to recognise.

        Raises: UsageError where the ledger is no shared one, the name is no word or another
        machine's, or this home has another key.
        """
        if not self._db.remote:
            raise UsageError(
                f"{self._db.name} is this home's alone, and no other machine can join it",
                hint="name a ledger in PostgreSQL with --ledger postgresql://…",
            )
        if not name or any(letter == "," or letter.isspace() for letter in name):
            raise UsageError(
                f"{name!r} can't be a machine's name", hint="use one word without comma or blank"
            )
        is_new = self._home.known_id() is None
        home = self._home.id()
        with self._db.transaction():
            self._see_nobody_has(name, home)
            self._agree_on_the_key(home)
            self._see_whether_it_went_back()
            if not is_new and not self._db.all("SELECT 1 FROM machines WHERE home = ?", (home,)):
                self._db.run(_FORGOT)
            self._db.run(_JOIN, (home, name, self._host(), VERSION))
            self._db.machine = self._found()
            if is_new:
                self.has_told()
            return self._own()

    def take_epoch(self, held: Fence | None = None) -> None:
        """Take this home's machine: whoever had it before writes nothing more. Holds its lock.

        It is held as long as this connection lives. To be called by whoever holds the home's lock,
        before anything is judged or claimed. `held`: how it was held before the link was lost; it
        is taken again only where nobody else has taken it meanwhile.

        Raises: HomeBusyError where a copy of this home is at work, or was meanwhile; UsageError
        where the home has not joined; HomeUnusableError where its key is not that of the others.
        """
        if not self._db.remote:
            return
        self._see_it_joined()
        if self._kept_key() != _told(self._home.key()):
            raise HomeUnusableError(
                f"{self._home.key_path} is not the key of the machines that share {self._db.name}",
                hint=self._copy_the_key(self._db.machine),
            )
        if not self._db.holds.take(self._db.machine):
            raise _busy(self._own())
        self._db.fence = None
        with self._db.transaction():
            if held is not None:
                self._see_it_is_still(held)
            self._see_whether_it_went_back()
            now = self._compared()
            taken = self._db.all(_TAKE, (self._host(), VERSION, now, self._db.machine))
        if not taken:
            raise not_joined(self._db.name)
        self._db.fence = Fence(self._db.machine, int(taken[0][0]))

    def awaited(self) -> list[str]:
        """Name the machines that are yet to tell what they sent: the ledger went back.

        As long as there are any, nobody may be claimed: they may have it already.
        """
        if not self._db.remote or self._all_told:
            return []
        names = [str(name) for (name,) in self._db.all(_AWAITED)]
        self._all_told = not names
        return names

    def has_told(self) -> None:
        """Note that all that this machine has sent is known to the ledger (`foreign.py`)."""
        if self._db.remote:
            self._db.run(_HAS_TOLD, (f"told {self._db.machine}",))
            self.owes = False

    def went_back(self) -> None:
        """Note that this machine has sent what the ledger does not know: that was put back.

        Where the database itself does not tell it, as when its files were copied and put back.
        """
        if self._db.remote:
            with self._db.transaction():
                self._db.run(_WENT_BACK)
                self.has_told()
            self._all_told = False

    def let_go(self) -> None:
        """Hold the machine no longer, for a command that goes on beside a run."""
        self._db.fence = None
        self._db.holds.release()

    def has_its_key(self) -> bool:
        """Tell whether this home has the key that all of them have."""
        return self._kept_key() == _told(self._home.key())

    def beat(self) -> None:
        """Tell the others that this machine lives; they look when they want to know it.

        As a turn: of a hundred machines each does so, and nobody is to wait, or to heed it at once.
        """
        if self._db.remote:
            told, now = "UPDATE machines SET seen = ? WHERE id = ?", self._compared()
            with self._db.transaction(turn=True):
                self._db.run(told, (now, self._db.machine))

    def listed(self) -> list[JoinedMachine]:
        """List them in the order in which they joined, those too that were given up."""
        return [_machine(row) for row in self._db.all(f"{_MACHINES} ORDER BY id")]

    def retire(self, name: str) -> Retired:
        """Give a machine up, which is gone for good by the operator's word: it writes no more.

        Its devices are removed: whom they alone wrote to may be written to by others, but for those
        that the file pins to them. What it had in hand is in doubt for good: nobody else has the
        evidence, so that only the operator's word settles it.

        Raises: UsageError where none is called that, or it lives, or may still be sending.
        """
        with self._db.transaction():
            known = [each for each in self.listed() if each.name == name and each.retired is None]
            if not known:
                raise UsageError(
                    f"no machine is called {name!r}",
                    hint="see which have joined with `waheal cluster`",
                )
            machine, now = known[0], self._compared()
            self._see_it_is_silent(machine, now)
            self._db.run(_RETIRE, (now, machine.id))
            if machine.id == self._db.machine:
                self._db.machine = 0
            uncertain = self._leave_in_doubt(machine.id, now)
            devices, freed = self._remove_devices(machine.id, now)
        return Retired(machine, devices, freed, uncertain)

    def _see_it_is_still(self, held: Fence) -> None:
        """Let nobody go on whose devices another one has used: their sessions have moved on."""
        rows = self._db.all("SELECT epoch, host FROM machines WHERE id = ?", (self._db.machine,))
        if not rows or rows[0][0] > held.epoch or rows[0][1] != self._host():
            raise FencedOffError(self._db.name)

    def _see_whether_it_went_back(self) -> None:
        """Compare the database with the one that the ledger was in when it was taken last.

        A promoted standby has another timeline, a restored dump other tables.
        """
        found = self._db.holds.incarnation()
        rows = self._db.all("SELECT value FROM meta WHERE key = ?", (_INCARNATION,))
        if not rows or rows[0][0] != found:
            self._db.run(
                "INSERT INTO meta (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (_INCARNATION, found),
            )
        if rows and rows[0][0] != found:
            self._db.run(_WENT_BACK)
        self.owes = bool(self._db.all(f"{_AWAITED} AND m.id = ?", (self._db.machine,)))
        self._all_told = False

    def _see_it_is_silent(self, machine: JoinedMachine, now: float) -> None:
        """Let nobody be given up whose messages may still leave."""
        if self._db.holds.is_taken(machine.id):
            raise UsageError(
                f"the machine {machine.name} is at work, in {machine.host}",
                hint="end what runs there first; then give it up",
            )
        wait = 0.0 if machine.seen is None else machine.seen + _STILL_SENDING_S - now
        if wait > 0:
            raise UsageError(
                f"the machine {machine.name} was heard of {now - (machine.seen or 0):.0f} s ago,"
                " and what it has in hand may still leave",
                hint=f"give it up in {wait:.0f} s, if it stays silent",
            )

    def _leave_in_doubt(self, machine: int, now: float) -> int:
        left = self._db.all(_LEAVE, {"machine": machine, "now": now, "reason": _GIVEN_UP})
        ended = [
            {"delivery": delivery, "attempt": attempt, "now": now, "reason": _GIVEN_UP}
            for delivery, attempt, _ in left
        ]
        self._db.many(_ENDED, ended)
        self._db.run(_CALLS_OVER, (machine,))
        self._db.many(
            "UPDATE campaigns SET settled = ? WHERE id = ?",
            [(now, campaign) for campaign in {row[2] for row in left}],
        )
        return len(left)

    def _remove_devices(self, machine: int, now: float) -> tuple[int, int]:
        labels = [row[0] for row in self._db.all(_REMOVE, (now, machine))]
        return len(labels), sum(self._db.run(_FREE, (label,)) for label in labels)

    def _compared(self) -> float:
        """Tell the ledger's time, and keep how much its clock is ahead of this machine's."""
        before = time.time()
        now = self._db.holds.clock()
        # A tenth: what is less may be the way there.
        self._db.ahead = round(now - (before + time.time()) / 2, 1)
        return now

    def _found(self) -> int:
        """Find this home's number; making it no id, which only joining does."""
        home = self._home.known_id()
        rows = self._db.all(
            "SELECT id FROM machines WHERE home = ? AND retired IS NULL", (home or "",)
        )
        return int(rows[0][0]) if rows else 0

    def _own(self) -> JoinedMachine:
        ((*row,),) = self._db.all(f"{_MACHINES} WHERE id = ?", (self._db.machine,))
        return _machine(row)

    def _host(self) -> str:
        return f"{socket.gethostname()}:{self._home.root}"

    def _see_nobody_has(self, name: str, home: str) -> None:
        others = self._db.all(
            "SELECT host FROM machines WHERE name = ? AND home <> ? AND retired IS NULL",
            (name, home),
        )
        if others:
            raise UsageError(
                f"the home {others[0][0]} has joined as {name} already",
                hint="take another name; or give that machine up first, if it is gone for good:"
                f" `waheal cluster retire {quote(name)}`",
            )

    def _see_it_joined(self) -> None:
        if not self._db.machine:
            raise not_joined(self._db.name)

    def _agree_on_the_key(self, home: str) -> None:
        """Let the ledger know the first one's key, by what tells it from others."""
        own, kept = _told(self._home.key()), self._kept_key()
        others = self._db.all(
            "SELECT 1 FROM machines WHERE home <> ? AND retired IS NULL LIMIT 1", (home,)
        )
        if kept != own and others:
            raise UsageError(
                f"{self._home.key_path} is not the key of the machines that have joined",
                hint=self._copy_the_key(0),
            )
        self._db.run(
            "INSERT INTO meta (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (_KEY, own),
        )

    def _kept_key(self) -> str | None:
        rows = self._db.all("SELECT value FROM meta WHERE key = ?", (_KEY,))
        return str(rows[0][0]) if rows else None

    def _copy_the_key(self, but: int) -> str:
        """Say how the key comes here: by the operator's hand, past the ledger."""
        rows = self._db.all(
            "SELECT host FROM machines WHERE id <> ? AND retired IS NULL ORDER BY id LIMIT 1",
            (but,),
        )
        there = f"{rows[0][0]}/home.key" if rows else "home.key from its backup"
        return f"keep the old one, and copy theirs: `scp {there} {quote(str(self._home.key_path))}`"


def _told(key: bytes) -> str:
    """Tell a key from others, without telling it."""
    return hashlib.sha256(b"waheal cluster\0" + key).hexdigest()


def _machine(row: Row | list[object]) -> JoinedMachine:
    return JoinedMachine(*row)


def _busy(machine: JoinedMachine) -> HomeBusyError:
    return HomeBusyError(
        f"the machine {machine.name} is at work already, in {machine.host}",
        hint="a copy of a home is the same machine: end the other one, and keep only one of them",
    )
