"""Lays a run's board out in lines that fit a terminal; knows no stream, no clock and no thread."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich.cells import cell_len
from rich.text import Text

from waheal.model import DeviceId, Phone, State, mask, natural
from waheal.views import words
from waheal.views.board import WENT_OUT, WINDOW, Board, Trouble, Weight
from waheal.views.errand_words import title

STYLES: dict[State, str] = {
    State.PENDING: "",
    State.SENDING: "cyan",
    State.SENT: "green",
    State.DELIVERED: "green",
    State.READ: "bold green",
    State.FAILED: "bold red",
    State.SUPPRESSED: "magenta",
    State.EXPIRED: "magenta",
    State.UNCERTAIN: "bold yellow",
}
WORDS: dict[State, str] = {
    State.PENDING: "to go",
    State.SENDING: "in flight",
    **{state: state.value for state in State if state not in (State.PENDING, State.SENDING)},
}
MARKS: dict[Weight, tuple[str, str]] = {
    Weight.BAD: ("✗", "bold red"),
    Weight.WARN: ("!", "yellow"),
    Weight.INFO: ("·", "dim"),
}
ORDER = (
    State.READ, State.DELIVERED, State.SENT, State.SENDING, State.PENDING,
    State.FAILED, State.UNCERTAIN, State.SUPPRESSED, State.EXPIRED,
)  # fmt: skip
WIDE = 64
TALL = 18
INDENT = 10
MOST_ROWS = 16
LONGEST_LABEL = 24
_NAMED = 3  # paused devices


@dataclass(frozen=True, slots=True)
class Row:
    """A device that matters, and what it does."""

    mark: str
    style: str
    label: str
    what: str


class Layout:
    """How a board looks; `zone` is where its clock times are told, None being the machine's.

    `pace`: the limits that the operator set, in words.
    """

    def __init__(
        self, *, zone: tzinfo | None = None, show_numbers: bool = False, pace: str = ""
    ) -> None:
        self._zone = zone
        self._pace_set = pace
        self._show_numbers = show_numbers

    def lines(self, board: Board, now: float, width: int, height: int) -> list[Text]:
        """Lay the board out in at most so many lines of so many cells; what matters first."""
        if board.started is None:
            notes = self._troubles(board, width)
            return [Text("waheal is starting …", "bold"), *_cut(notes, height - 1, width)][:height]
        airy = height >= TALL
        gap = [Text()] if airy else []
        head = [
            self._title(board, now, width),
            bar(board, width),
            *gap,
            *section("Messages", counts(board), width),
            *section("Speed", self._pace(board, now, brief=not airy), width),
            *self._waiting(board, now, width),
            *section("Devices", self._devices(board, now, brief=not airy or width < WIDE), width),
        ]
        room = min(height - len(head) - 3 * airy, MOST_ROWS)
        needs = self._needs(board, now)
        told = self._troubles(board, width)
        first, second = _halves(room, sum(map(len, needs)), len(told))
        return [
            *head,
            *(gap if first else []),
            *_device_lines(needs, first, width),
            *(gap if second else []),
            *([Text("Last problems", "bold")] if second and airy else []),
            *_cut(told, second, width),
        ][:height]

    def _title(self, board: Board, now: float, width: int) -> Text:
        what = title(board.errand, board.campaign)
        name = Text.assemble(("waheal ", "bold"), (what, "bold cyan"))
        begins = (board.started or now) - now
        told = f"begins in {words.duration(begins)}" if begins > 0 else _running(board, now)
        side = Text(told, "dim")
        gap = width - name.cell_len - side.cell_len
        if gap < 1:
            return name
        return Text.assemble(name, " " * gap, side)

    def _pace(self, board: Board, now: float, *, brief: bool) -> list[Text]:
        chunks = self._speed(board, now, brief=brief)
        remaining = board.remaining(now)
        if not board.left:
            chunks.append(Text("nothing left to send"))
        elif board.draining is not None or (board.wait is not None and remaining is None):
            pass  # no guess while nothing is sent, and nobody knows until when
        elif remaining is None:
            chunks.append(Text("time left: too early to say", "dim"))
        else:
            done = words.until(now + remaining, now, self._zone).removeprefix("until ")
            chunks.append(Text.assemble((words.roughly(remaining), "bold"), " left"))
            chunks.append(Text(f"done {done}"))
        return chunks

    def _speed(self, board: Board, now: float, *, brief: bool) -> list[Text]:
        """Tell what went out: in so many seconds at first, then in the last minute."""
        running = board.running(now)
        chunks = [Text(speed(board, now), "bold")]
        if running >= WINDOW and not brief:
            chunks[0].append(" last minute", "not bold")
            chunks.append(Text(f"{words.rate(60.0 * board.speed.sent / running)} overall"))
        if self._pace_set:
            chunks.append(Text(f"limit {self._pace_set}", "dim"))
        return chunks

    def _devices(self, board: Board, now: float, *, brief: bool) -> list[Text]:
        return devices(board, now, brief=brief, zone=self._zone)

    def _waiting(self, board: Board, now: float, width: int) -> list[Text]:
        told = []
        if board.draining is not None:
            rest = words.count(len(board.flying) or board.draining.in_flight, "message")
            why = words.one_line(board.draining.reason)
            told.append(
                f"Ending ({why}): {rest} still in flight; "
                "interrupt again to leave them in doubt and end at once"
            )
        if board.wait is not None:
            end = board.wait.until
            when = "" if end is None else " " + words.until(end, now, self._zone)
            left = "" if end is None else f" ({words.duration(end - now)})"
            told.append(f"Waiting{when}{left}: {words.one_line(board.wait.reason)}")
        lines = [line for text in told for line in textwrap.wrap(text, max(8, width))]
        return [Text(line, "bold yellow") for line in lines]

    def _needs(self, board: Board, now: float) -> list[list[Row]]:
        """List the devices that matter: wait for the operator, heal, rest, send most."""
        waiting: list[Row] = []
        resting: list[Row] = []
        for event in board.quarantined.values():
            what = f"{event.reason.value}, "
            if event.until is None:
                what += "needs you: " + words.way_out(event.device, event.reason)
                waiting.append(Row("✗", "red", event.device, what))
            else:
                what += words.until(event.until, now, self._zone)
                resting.append(Row("z", "magenta", event.device, what))
        for held in board.held.values():
            what = f"no new chats {words.until(held.until, now, self._zone)}: {held.reason.value}"
            resting.append(Row("z", "magenta", held.device, what))
        if board.paused:
            resting.append(_paused(sorted(board.paused, key=natural)))
        healing = [
            Row(
                "↻",
                "yellow",
                device,
                f"healing for {words.duration(now - since)}: {words.one_line(cause)}",
            )
            for device, (since, cause) in board.lost.items()
        ]
        return [waiting, healing, resting, _busy(board, now)]

    def _troubles(self, board: Board, width: int) -> list[Text]:
        return [self._trouble(trouble, width) for trouble in reversed(board.troubles.values())]

    def _trouble(self, trouble: Trouble, width: int) -> Text:
        mark, style = MARKS[trouble.weight]
        line = Text.assemble((mark, style), " ")
        if width >= WIDE:
            line.append(words.clock_time(trouble.last, self._zone) + " ", "dim")
        line.append(trouble.what)
        tail = Text()
        if trouble.phone is not None:
            tail.append(f" {self.number(trouble.phone)}", "dim")
        if trouble.times > 1:
            tail.append(f" {trouble.times:,} times", "bold")
        line.truncate(max(8, width - tail.cell_len), overflow="ellipsis")
        return line.append_text(tail)

    def number(self, phone: Phone) -> str:
        """Write a phone number as this display may show it."""
        return phone if self._show_numbers else mask(phone)


def bar(board: Board, width: int) -> Text:
    """Draw how far the campaign is: out, in trouble (thin), still to go (dotted), in per cent."""
    label = f" {words.share(board.settled, board.total)}"
    if width >= WIDE:
        label += f" of {words.count(board.total)}"
    cells = max(4, width - len(label))
    good = sum(board.counts[state] for state in WENT_OUT)
    rest = board.settled - good
    total = max(1, board.total)
    done = cells * board.settled // total
    bad = min(done, -(-cells * rest // total)) if rest else 0
    if board.total == 0:
        done = cells
    return Text.assemble(
        ("━" * (done - bad), "green"),
        ("╍" * bad, "yellow"),
        ("┈" * (cells - done), "dim"),
        (label, "bold"),
    )


def speed(board: Board, now: float) -> str:
    """Word how fast it goes: so many in so many seconds at first, then what a minute brought."""
    running = board.running(now)
    if running < WINDOW:
        return f"{words.count(board.speed.sent)} in {words.duration(running)}"
    return words.rate(board.speed.lately(now))


def counts(board: Board) -> list[Text]:
    """Word the counts by state: always what is out and to go, the others once there are any."""
    always = (State.SENT, State.PENDING)
    chunks = [
        Text.assemble((words.count(board.counts[state]), STYLES[state]), f" {WORDS[state]}")
        for state in ORDER
        if board.counts[state] or state in always
    ]
    if board.replies:
        chunks.append(Text(words.count(board.replies, "reply", "replies"), "cyan"))
    if board.before:
        chunks.append(Text(f"{words.count(board.before)} settled before", "dim"))
    return chunks


def devices(
    board: Board, now: float, *, brief: bool = False, zone: tzinfo | None = None
) -> list[Text]:
    """Word what the devices are doing, all in one line; nobody counts twice."""
    flying = [device for device, beat in board.beats.items() if beat.in_flight]
    busy = sum(1 for device in flying if device not in board.healing)
    out = board.devices - board.able
    if out:
        able = f"{words.count(board.able)} of {words.count(board.devices)} can send"
        chunks = [Text(able), Text(f"{words.count(out)} out", "red")]
    else:
        chunks = [Text(words.count(board.devices, "device" if brief else ""))]
    if busy:
        chunks.append(Text(f"{words.count(busy)} sending", "green"))
    if since := board.connecting:
        longest = words.duration(now - min(since))
        chunks.append(Text(f"{words.count(len(since))} connecting, longest {longest}", "cyan"))
    if board.lost:
        chunks.append(Text(f"{words.count(len(board.lost))} healing", "yellow"))
    if not (busy or board.healing or board.wait or board.finished) and board.left and board.able:
        chunks.append(Text(_pacing(board, now, zone), "dim"))
    if board.held:
        chunks.append(Text(f"{words.count(len(board.held))} without new chats", "magenta"))
    if board.heals.times and not brief:
        mean = f"{board.heals.mean:.1f} s each"
        chunks.append(Text(f"healed {words.count(board.heals.times, 'time')}, {mean}", "dim"))
    return chunks


def _running(board: Board, now: float) -> str:
    return f"running {words.duration(board.running(now))}"


def _pacing(board: Board, now: float, zone: tzinfo | None) -> str:
    """Tell when the next message may go out."""
    if board.next_at <= now:
        return "pacing"
    return f"pacing, next {words.clock_time(board.next_at, zone)}"


def section(label: str, chunks: Iterable[Text], width: int) -> list[Text]:
    """Put a label before packed chunks where there is room for one."""
    if width < WIDE:
        return pack(chunks, width)
    lines = pack(chunks, width - INDENT)
    heads = [f"{label:<{INDENT}}"] + [" " * INDENT] * len(lines)
    return [Text.assemble((head, "dim"), line) for head, line in zip(heads, lines, strict=False)]


def pack(chunks: Iterable[Text], width: int) -> list[Text]:
    """Put chunks side by side, and on as many lines as that takes."""
    lines: list[Text] = []
    for chunk in chunks:
        if lines and lines[-1].cell_len + chunk.cell_len + 3 <= width:
            lines[-1] = Text.assemble(lines[-1], (" · ", "dim"), chunk)
        else:
            lines.append(chunk)
    return lines


def _paused(labels: Sequence[DeviceId]) -> Row:
    """Name the devices that the operator has paused, all in one row."""
    first = labels[0] if len(labels) == 1 else f"{words.count(len(labels))} paused"
    named = "paused" if len(labels) == 1 else ", ".join(labels[:_NAMED])
    more = f" and {words.count(len(labels) - _NAMED)} more" if len(labels) > _NAMED else ""
    return Row("z", "cyan", first, f"{named}{more}: `waheal devices resume LABEL`")


def _busy(board: Board, now: float) -> list[Row]:
    rows = []
    for device, beat, pace in board.busiest(now, 3):
        told = f"{words.count(beat.sent)} so far, {words.rate(pace)} lately"
        what = f"sending {beat.in_flight}, {told}" if beat.in_flight else told
        rows.append(Row("→", "green", device, what))
    return rows


def _device_lines(groups: Sequence[Sequence[Row]], room: int, width: int) -> list[Text]:
    """Give each group its rows in turn, labels in one column."""
    shares = _deal(room, [len(group) for group in groups])
    shown = [group[:share] for group, share in zip(groups, shares, strict=True)]
    widest = LONGEST_LABEL if width >= WIDE else LONGEST_LABEL // 2
    column = min(widest, max((cell_len(row.label) for rows in shown for row in rows), default=0))

    def line(row: Row) -> Text:
        label = Text(row.label, "bold")
        label.truncate(column, overflow="ellipsis", pad=True)
        return Text.assemble((row.mark, row.style), " ", label, "  ", row.what)

    lines = []
    for group, rows in zip(groups, shown, strict=True):
        lines += _more([line(row) for row in rows], len(group) - len(rows), width)
    return lines


def _deal(room: int, wants: Sequence[int]) -> list[int]:
    """Deal rows out one by one, to whoever still wants one."""
    shares = [0] * len(wants)
    for _ in range(min(max(0, room), sum(wants))):
        poorest = min(
            (index for index, want in enumerate(wants) if shares[index] < want),
            key=lambda index: shares[index],
        )
        shares[poorest] += 1
    return shares


def _halves(room: int, first: int, second: int) -> tuple[int, int]:
    """Deal rows out to two lists: each gets half, and what the other does not need."""
    room = max(0, room)
    one = min(first, max(room - room // 2, room - second))
    return one, min(second, room - one)


def _cut(rows: Sequence[Text], room: int, width: int) -> list[Text]:
    """Keep as many rows as there is room for, and tell how many more there are."""
    kept = list(rows[: max(0, room)])
    return _more(kept, len(rows) - len(kept), width)


def _more(lines: list[Text], rest: int, width: int) -> list[Text]:
    if lines and rest > 0:
        more = Text(f" and {words.count(rest)} more", "dim")
        lines[-1].truncate(max(8, width - more.cell_len), overflow="ellipsis")
        lines[-1].append_text(more)
    return lines
