"""Pictures of the terminal as SVG; `python -m waheal.views.recording FILE` has the live display.

That one is of a scripted run, whose clock is scripted too, so that the same picture comes out
everywhere; it sends nothing and reads nothing.
"""

import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from waheal.events import (
    Claimed,
    DeviceHealed,
    DeviceHealing,
    DeviceQuarantined,
    Event,
    HostRestarted,
    OptedOut,
    Receipt,
    RunStarted,
    Settled,
)
from waheal.model import DeviceId, Phone, Quarantine, State
from waheal.records import Tally
from waheal.views.live import PROMISE, LiveView
from waheal.views.talk import Talk

WIDTH, HEIGHT = 96, 24
START = 1_800_003_600.0  # a morning
TOTAL, SENT = 1000, 634

THEME = TerminalTheme(
    (22, 27, 25),
    (226, 232, 228),
    [
        (22, 27, 25), (239, 108, 98), (88, 196, 140), (232, 184, 92),
        (110, 168, 254), (201, 150, 232), (86, 196, 200), (226, 232, 228),
    ],
    [
        (110, 120, 114), (255, 138, 128), (118, 220, 166), (255, 208, 120),
        (150, 192, 255), (222, 180, 248), (124, 220, 224), (255, 255, 255),
    ],
)  # fmt: skip

# Rich's own frame fetches its font from the network; this one takes the reader's.
FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; white-space: pre;
}}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 18px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class Script:
    """A run as it might have gone: events, each with its moment."""

    def __init__(self) -> None:
        self.now = START

    def events(self) -> Iterator[Event]:
        """Play the run up to its middle; `now` is the moment of the event just given."""
        yield RunStarted("spring-menu", TOTAL, TOTAL, 40, Tally(Counter({State.PENDING: TOTAL})))
        for number in range(SENT):
            self.now += 0.28
            yield from self._message(number)
            yield from self._asides(number)
        self.now += 4.2

    def _message(self, number: int) -> Iterator[Event]:
        phone = _phone(number)
        # A few devices get more of the work than the others, as they do where numbers stick.
        device = _device((number * number) % 37 if number % 3 else number % 4)
        yield Claimed(phone, device)
        if number >= SENT - 5:
            return
        if number % 97 == 50:  # noqa: PLR2004 - now and then
            yield Settled(phone, device, State.FAILED, 1, None, "not on WhatsApp")
            return
        if number == 411:  # noqa: PLR2004 - in flight when the host died
            reason = "its host died while sending"
            yield Settled(phone, device, State.UNCERTAIN, 1, None, reason)
            return
        message_id = f"3EB0{number:012X}"
        yield Settled(phone, device, State.SENT, 1, message_id, None)
        if number % 5:
            yield Receipt(phone, message_id, State.DELIVERED, State.SENT)
        if number % 5 == 1 and number < SENT // 2:
            yield Receipt(phone, message_id, State.READ, State.DELIVERED)

    def _asides(self, number: int) -> Iterator[Event]:
        if number % 23 == 11:  # noqa: PLR2004 - now and then
            device = _device(number % 31)
            yield DeviceHealing(device, "connection lost")
            yield DeviceHealed(device, 0.7 + number % 7 / 10, "connection lost")
        match number:
            case 180:
                yield OptedOut(_phone(71), "STOP")
            case 240:
                yield DeviceQuarantined(_device(38), Quarantine.LOGGED_OUT, None)
            case 412:
                yield HostRestarted(1, "its library aborted", 1)
            case 520:
                limited = Quarantine.RATE_LIMITED
                yield DeviceQuarantined(_device(39), limited, START + 5 * 3600)
            case 628:
                yield DeviceHealing(_device(35), "connection lost")


def _device(number: int) -> DeviceId:
    return DeviceId(f"berlin-{number:02}")


def _phone(number: int) -> Phone:
    areas = ("202", "312", "415", "617", "206", "305", "503", "702", "212", "713")
    return Phone(f"+1{areas[number // 100 % len(areas)]}555{100 + number % 100:04}")


def record() -> str:
    """Play the script through the live view and give its last frame as an SVG."""
    script = Script()
    nowhere = io.StringIO()
    unseen = Console(file=nowhere, width=WIDTH, height=HEIGHT)
    view = LiveView(unseen, Talk(nowhere), clock=lambda: script.now, zone=UTC, refresh=None)
    for event in script.events():
        view.show(event)
    lines = [Text(PROMISE, "dim"), *view.frame(WIDTH, HEIGHT - 3)]
    return picture(
        "waheal sends a campaign: the live display", "waheal send spring-menu.csv", lines
    )


def picture(title: str, command: str, lines: Iterable[Text]) -> str:
    """Draw a terminal in which a command was typed and said these lines, as an SVG."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=WIDTH,
        height=HEIGHT,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        highlight=False,
        no_color=False,
    )
    console.print(Text.assemble(("$ ", "dim"), (command, "bold")))
    for line in lines:
        console.print(line, no_wrap=True)
    frame = FRAME.replace("TITLE", title)
    return console.export_svg(title="", theme=THEME, code_format=frame, unique_id="waheal")


def main(arguments: list[str]) -> int:
    """Write the SVG to the one path given."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m waheal.views.recording FILE.svg\n")
        return 2
    Path(arguments[0]).write_text(record(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
