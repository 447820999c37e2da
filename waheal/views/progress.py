"""Tells how far a long piece of work is that is no run; knows only its name and counts."""

from rich.console import Console
from rich.text import Text

from waheal.views import words
from waheal.views.layout import pack
from waheal.views.screen import Screen
from waheal.views.talk import Talk
from waheal.views.view import Clock, Closing

REDRAW = 0.2
SPEAK = 10.0


class Progress(Closing):
    """A bar on a terminal, a line every ten seconds elsewhere. `total` may be unknown.

    Short work is never spoken of: the first word comes after `REDRAW` or `SPEAK` seconds.
    """

    def __init__(
        self,
        what: str,
        total: int | None,
        *,
        console: Console,
        talk: Talk,
        clock: Clock,
    ) -> None:
        self._what, self._total = what, total
        self._clock = clock
        self._screen = Screen(console, talk) if console.is_terminal else None
        self._talk = talk
        self._started = self._told = clock()
        self._done = 0
        self._drawn = False

    def advance(self, done: int = 1) -> None:
        """Count work that was done."""
        self._done += done
        now = self._clock()
        if abs(now - self._told) < (REDRAW if self._screen else SPEAK) or self._talk.behind:
            return
        self._told = now
        chunks = self._chunks(now)
        if self._screen is None:
            told = ", ".join(chunk.plain for chunk in chunks)
            self._talk.say(f"{words.clock_time(now, None)} {told}\n")
            return
        self._drawn = True
        self._screen.draw(pack(chunks, self._screen.size[0]))

    def close(self) -> None:
        """Take the bar away."""
        if self._screen is not None and self._drawn:
            self._screen.finish()
            self._drawn = False

    def _chunks(self, now: float) -> list[Text]:
        elapsed = max(0.001, now - self._started)
        pace = self._done / elapsed
        far = words.count(self._done)
        if self._total is not None:
            share = words.share(self._done, self._total)
            far += f" of {words.count(self._total)} ({share})"
        chunks = [Text.assemble((self._what, "bold"), f" {far}"), Text(f"{pace:,.0f}/s")]
        if self._total is not None and pace:
            rest = (self._total - self._done) / pace
            chunks.append(Text(f"{words.roughly(rest)} left"))
        return chunks
