"""Judges one record at a time and makes of it what is sent; it does not know the file."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from sys import intern

from waheal.campaign.choices import Choices
from waheal.campaign.consent import read_consent
from waheal.campaign.dates import NotADateError, parse_date
from waheal.campaign.faults import Fault, TooLong
from waheal.campaign.header import Header, Known
from waheal.campaign.kinds import (
    FILES,
    QUESTION_LIMIT,
    WORDLESS,
    kind_hint,
    places,
    read_body,
    read_kind,
)
from waheal.campaign.links import linked
from waheal.campaign.media import MediaReader, Unusable
from waheal.campaign.nothing import NOTHING
from waheal.campaign.phone_cells import Unreadable
from waheal.campaign.phones import NumberReader
from waheal.campaign.reading import Record, unfit
from waheal.campaign.templates import TEXT_LIMIT, Templates, Text
from waheal.campaign.unfilled import MARKS, unfilled
from waheal.campaign.voice import VoiceNotes, as_voice
from waheal.campaign.zones import zone_of
from waheal.findings import Caution, Problem
from waheal.identity import same_person
from waheal.model import (
    CAPTION_LIMIT,
    Content,
    DeviceId,
    LinkPreview,
    Media,
    MediaKind,
    MessageKind,
    Phone,
    Planned,
)

_PASTED = dict.fromkeys(map(ord, "\u202d\u202e"))  # contacts are pasted with them round the number
_MISREAD = re.compile(  # UTF-8 as Windows-1252 shows it
    r"[\u00c2\u00c3][\x80-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
    r"|\u00e2\u20ac[\x80-\u00bf\u0152\u0153\u02dc\u2013-\u2122]"
    r"|(?:[\u00d0\u00d1][\x80-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u2122]){2}"
)
_LITERALS = 1_000  # that are told
_WORD = 20  # characters: no word for nothing has as many
_MOMENTS = 1_000  # that are remembered: a list has few days
_TEXTS = 100  # that are remembered: most lists have one, or a few
_DIFFERENT = 1_000  # faults of texts that are remembered
_SOUND = frozenset({MediaKind.AUDIO, MediaKind.VOICE})
_SHOWN = 40  # characters of a cell that is told
_TELLING = 400  # characters of a problem: it may quote what the file holds


class Judge:
    """Knows the header, the choices and the numbers seen so far; one for each pass.

    `text` is that of rows without a text of their own, None where it can't be read at all.
    `mangled`: cells may hold what was read in a wrong encoding.
    """

    def __init__(
        self,
        header: Header,
        choices: Choices,
        *,
        text: Text | None,
        media: Media | None,
        link: LinkPreview | None = None,
        media_reader: MediaReader,
        mangled: bool = False,
    ) -> None:
        self._header = header
        self._choices = choices
        self._numbers = NumberReader(choices.region, international=choices.international)
        self._templates = Templates(header.variables, header.ambiguous, header.own)
        self._told: set[tuple[str | None, str]] = set()  # faults of texts
        self._text = text
        self._media = media
        self._link = link
        self._media_reader = media_reader
        self._seen: dict[int, int] = {}
        self._width = len(header.names)
        self._found: list[Problem | Caution] = []
        self._cells: Sequence[str] = ()
        self._row = 0
        self._ok = True
        self._unfit_told = False
        self._dirty = False
        self._mangled = mangled
        self._unfilled: set[str] = set()
        self._looked_at: set[str] = set()  # texts that say nothing more literally
        self._moments: dict[tuple[str, bool], float] = {}  # of cells that many rows share
        known = header.known
        self._message = known.get(Known.MESSAGE)
        self._device = known.get(Known.DEVICE)
        self._kind = known.get(Known.KIND)
        self._kind_of_all = choices.kind
        self._places = places(header.names)
        self._heard = VoiceNotes()
        self._media_column = known.get(Known.MEDIA)
        self._caption = known.get(Known.CAPTION)
        self._send_after = known.get(Known.SEND_AFTER)
        self._expires = known.get(Known.EXPIRES)
        self._consent = known.get(Known.CONSENT)
        self._by_default = not choices.require_consent
        self._zone = known.get(Known.ZONE)
        self._for_all = choices.recipient_zone
        self._footer = choices.opt_out_footer

    def judge(self, record: Record) -> Sequence[Planned | Problem | Caution]:
        """Everything that is wrong with a record that isn't blank, and it itself if nothing is."""
        self._found.clear()
        self._row = record.row
        self._ok = True
        self._unfit_told = False
        self._dirty = record.dirty
        self._cells = cells = record.cells
        if self._dirty or self._mangled or len(cells) != self._width:
            cells = self._fitted(cells)
        phone = self._phone(cells)
        # What no column says is settled here: a call for each row would be felt.
        late, soon, device, zone = self._expires, self._send_after, self._device, self._zone
        expires = None if late is None else self._moment(cells, late, end_of_day=True)
        not_before = None if soon is None else self._moment(cells, soon)
        pinned = None if device is None else self._pinned(cells, device)
        placed = self._for_all if zone is None else self._placed(cells, zone)
        content = self._content(cells)
        agreed = self._by_default if self._consent is None else self._agreed(cells, self._consent)
        if expires is not None:
            self._timed(not_before, expires)
        found = self._named(phone) if self._found else ()
        if not self._ok or phone is None or content is None:
            return found
        row = Planned(self._row, phone, content, pinned, not_before, expires, agreed, placed)
        return (*found, row)

    def _named(self, phone: Phone | None) -> list[Problem | Caution]:
        return [
            replace(each, phone=phone) if phone and isinstance(each, Problem) else each
            for each in self._found
        ]

    def _name(self, position: int | None) -> str | None:
        return None if position is None else self._header.names[position]

    def _blame(self, position: int | None, problem: str, hint: str | None) -> None:
        self._ok = False
        # Interned: many rows may have the same thing said of them.
        told = intern(_short(problem))
        cell = self._shown(position)
        self._found.append(Problem(self._row, self._name(position), told, hint, cell=cell))

    def _warn(self, position: int | None, problem: str, hint: str | None) -> None:
        cell = self._shown(position)
        self._found.append(Caution(self._row, self._name(position), problem, hint, cell=cell))

    def _shown(self, position: int | None) -> str | None:
        """Give what stands in a cell, to be told beside what is wrong with it; no text, though."""
        if position is None or position in (self._message, self._caption):
            return None
        cell = self._cells[position] if position < len(self._cells) else ""
        return intern(cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}…") or None

    def _fitted(self, cells: list[str]) -> list[str]:
        """Give the cells, as many as the header has."""
        width = self._width
        if self._dirty:
            self._unfit(cells)
        if self._mangled:
            self._misread(cells)
        if len(cells) > width and any(map(str.strip, cells[width:])):
            self._blame(
                None,
                f"the row has {len(cells)} cells, and the header {width}",
                "quote a cell that holds the separator",
            )
        return cells if len(cells) == width else (cells + [""] * width)[:width]

    def _unfit(self, cells: list[str]) -> None:
        for position, cell in zip(range(len(self._header.names)), cells, strict=False):
            phone = position == self._header.phone
            if found := unfit(cell.translate(_PASTED) if phone else cell):
                self._blame(position, f"the cell holds {found}", "remove it")
                self._unfit_told = True

    def _misread(self, cells: list[str]) -> None:
        for position, cell in zip(range(len(self._header.names)), cells, strict=False):
            if _MISREAD.search(cell):
                told = (
                    f"{_short(cell)!r} was read in a wrong encoding before, and arrives like this"
                )
                self._warn(position, told, "export it again as CSV UTF-8")

    def _phone(self, cells: list[str]) -> Phone | None:
        column = self._header.phone
        if column is None:
            return None
        number = self._numbers.read(cells[column])
        if isinstance(number, Unreadable):
            self._blame(column, number.problem, number.hint)
            return None
        key = int(same_person(number.phone)[1:])
        first = self._seen.setdefault(key, self._row)
        if first != self._row:
            self._blame(
                column,
                f"the same number as in row {first}",
                "one person gets one message: remove one of the rows",
            )
        elif number.note:
            self._warn(column, number.note, "see that it is right")
        elif not number.valid:
            self._warn(
                column, "the number is possible, but not known as valid", "see that it is right"
            )
        return number.phone

    def _moment(self, cells: list[str], column: int, *, end_of_day: bool = False) -> float | None:
        cell = cells[column]
        if (known := self._moments.get((cell, end_of_day))) is not None:
            return known
        if not cell.strip():
            return None
        try:
            moment = parse_date(cell, self._choices.zone, end_of_day=end_of_day)
        except NotADateError as error:
            today = datetime.fromtimestamp(self._choices.now, UTC).date()
            self._blame(column, str(error), f"write it as {today} or {today} 09:30")
            return None
        if len(self._moments) < _MOMENTS:
            self._moments[cell, end_of_day] = moment
        return moment

    def _timed(self, not_before: float | None, expires: float) -> None:
        if expires <= self._choices.now:
            self._warn(self._expires, "it has expired and will not be sent", "give a later date")
        elif not_before is not None and expires <= not_before:
            self._warn(self._expires, "it expires before it may be sent", "give a later date")

    def _pinned(self, cells: list[str], column: int) -> DeviceId | None:
        label = DeviceId(cells[column].strip())
        if not label:
            return None
        known = self._choices.known_devices
        if known is not None and label not in known:
            self._blame(column, f"there is no device {label!r}", "`waheal devices list` names them")
        return label

    def _placed(self, cells: list[str], column: int) -> str | None:
        """Give the zone that the row says, or else that of all rows."""
        cell = cells[column]
        if not cell.strip():
            return self._for_all
        zone = zone_of(cell)
        if zone is None:
            hint = "such as Asia/Omsk; a column of other zones has another name"
            self._blame(column, f"{_short(cell)!r} is no time zone", hint)
        return zone

    def _content(self, cells: list[str]) -> Content | None:
        """Make the message; None if it can't be."""
        if self._kind is None and self._kind_of_all is None:
            return self._with_file(cells, None)
        ok, kind = self._said(cells)
        if not ok:
            return None
        if kind is not None and kind in WORDLESS:
            self._no_words(cells, kind)
            return self._from_columns(cells, kind, "")
        if kind is MessageKind.POLL:
            self._no_file(cells, kind)
            return self._from_columns(cells, kind, self._question(cells))
        return self._with_file(cells, kind)

    def _said(self, cells: list[str]) -> tuple[bool, MessageKind | None]:
        """Tell of which kind a row is; whether that can be told."""
        column = self._kind
        if column is None or not cells[column].strip():
            return True, self._kind_of_all
        kind = read_kind(cells[column])
        if kind is None:
            told = f"{_short(cells[column])!r} is no kind of message"
            self._blame(column, told, kind_hint(cells[column]))
        return kind is not None, kind

    def _from_columns(
        self, cells: list[str], kind: MessageKind, words: str | None
    ) -> Content | None:
        """Make a message of the columns of its kind; None if it can't be, or has no words."""
        found = {name: cells[position] for name, position in self._places.items()}
        body = read_body(kind, found, self._numbers)
        if not isinstance(body, Sequence):
            return None if words is None else Content(words, body)
        for flaw in body:
            self._blame(self._places.get(flaw.column), flaw.problem, flaw.hint)
        return None

    def _question(self, cells: list[str]) -> str | None:
        """Make a poll's question: the text."""
        text = self._written(cells, None)
        if text is not None and len(text) > QUESTION_LIMIT:
            told = f"the question is longer than {QUESTION_LIMIT} characters"
            self._blame(self._message, told, "shorten it")
            return None
        return text

    def _no_file(self, cells: list[str], kind: MessageKind) -> None:
        column = self._media_column
        if column is not None and cells[column].strip():
            self._blame(column, f"a {kind} carries no file", "leave the cell empty")
        if self._kind is None and self._choices.media is not None:
            self._blame(None, f"a {kind} carries no file", "leave --media out")

    def _no_words(self, cells: list[str], kind: MessageKind) -> None:
        """Tell of words that would be lost: the row's own, or those that go with the option."""
        self._no_file(cells, kind)
        for column in (self._message, self._caption):
            if column is not None and cells[column].strip():
                self._blame(column, f"a {kind} carries no text", "leave the cell empty")
        if self._kind is None and self._choices.text:
            self._blame(None, f"a {kind} carries no text", "leave --message or --template out")

    def _with_file(self, cells: list[str], kind: MessageKind | None) -> Content | None:
        column = self._media_column
        if kind is MessageKind.TEXT:
            self._no_file(cells, kind)
            text = self._written(cells, None)
            return None if text is None else linked(text, self._link)
        media = self._media if column is None else self._attached(cells, column)
        if kind is MessageKind.VOICE and isinstance(media, Media):
            media = self._spoken(media, column)
        if kind in FILES and media is None:
            self._blame(column, f"there is no file to send as {kind}", "name one, or give --media")
            return None
        text = self._written(cells, media)  # what is wrong with it is told even without its file
        if text is None or isinstance(media, Unusable):
            return None
        return linked(text, self._link) if media is None else Content(text, media)

    def _spoken(self, media: Media, column: int | None) -> Media | Unusable:
        """Make a voice note of a file, and tell once of each what some phones refuse."""
        voice = as_voice(media)
        if isinstance(voice, Unusable):
            self._blame(column, voice.problem, voice.hint)
        elif (told := self._heard.misgiving(voice)) is not None:
            self._warn(column, told, "record it on a phone, or send it as a file: kind media")
        return voice

    def _attached(self, cells: list[str], column: int) -> Media | Unusable | None:
        if not cells[column].strip():
            return self._media
        media = self._media_reader.read(cells[column])
        if isinstance(media, Unusable):
            self._blame(column, media.problem, media.hint)
        return media

    def _written(self, cells: list[str], media: Media | Unusable | None) -> str | None:
        """Make the text, or the caption where there is media; None if it can't be."""
        if self._caption is not None and cells[self._caption]:
            if media is not None:
                self._literal(cells[self._caption], self._caption, template=False)
                return self._fit(cells[self._caption], media, None, cells)
            self._warn(
                self._caption, "a caption without media is not sent", "name the file, or clear it"
            )
        template = self._text if self._message is None else self._template(cells, self._message)
        if template is None:
            return None
        try:
            text = template.render(cells)
        except Fault as fault:
            self._fault(fault, self._culprit(template, cells))
            return None
        if not NOTHING.isdisjoint(cells):
            self._printed(template, cells)
        return self._fit(text, media, template, cells)

    def _printed(self, template: Text, cells: list[str]) -> None:
        """Tell of cells in the text that only a program takes for nothing."""
        for position in template.uses.values():
            if cells[position] in NOTHING:
                self._warn(
                    position,
                    f"the text prints {cells[position]!r}, which means that there is nothing",
                    "fill in the cell, or clear it",
                )

    def _literal(self, text: str, position: int, *, template: bool) -> None:
        """Tell once of what a text says that was to be filled in."""
        columns, told = self._header.variables, self._unfilled
        if len(told) < _LITERALS:
            for each in unfilled(text, columns, template=template, told=told):
                told.add(each.shown)
                self._warn(position, each.problem, each.hint)
        if text.strip() in NOTHING:
            nothing = f"the text is {text.strip()!r}, which means that there is none"
            self._warn(position, nothing, "give it words, or remove the row")
        elif len(self._looked_at) < _TEXTS:
            self._looked_at.add(text)

    def _template(self, cells: list[str], column: int) -> Text | None:
        text = cells[column]
        # Asked of each row: most texts have no mark, and are too long to be a word for nothing.
        if (MARKS.search(text) or len(text) < _WORD) and text not in self._looked_at:
            self._literal(text, column, template=True)
        try:
            return self._templates.read(text)
        except Fault as fault:
            self._fault(fault, column)
            return None

    def _fault(self, faults: Fault, culprit: int | None) -> None:
        for fault in (faults, *faults.others):
            self._ok = False
            column = self._blamed(fault, culprit)
            hint = fault.hint and intern(_short(fault.hint))
            told = intern(_short(fault.problem))
            again = fault.of_text and (column, told) in self._told
            if fault.of_text and len(self._told) < _DIFFERENT:
                self._told.add((column, told))
            self._found.append(Problem(self._row, column, told, hint, again=again))

    def _blamed(self, fault: Fault, culprit: int | None) -> str | None:
        if fault.column is not None:
            position = self._header.variables.get(fault.column)
            return _short(fault.column) if position is None else self._name(position)
        if isinstance(fault, TooLong) or self._message is None:
            return self._name(culprit)
        return self._name(self._message)

    def _culprit(self, template: Text | None, cells: list[str]) -> int | None:
        """Where to look for a text that is too long: its own cell, or the longest one in it."""
        if template is None:
            return self._caption
        if self._message is not None:
            return self._message
        return max(template.uses.values(), key=lambda i: len(cells[i]), default=None)

    def _fit(
        self, text: str, media: Media | Unusable | None, template: Text | None, cells: list[str]
    ) -> str | None:
        """Give the text as it is sent; a caption has no template."""
        bare = text.strip()
        if not bare and media is None:
            self._blame(self._message, "the text is empty", "give it words, or remove the row")
            return None
        if isinstance(media, Media) and media.kind in _SOUND:
            if bare:
                self._blame(
                    self._culprit(template, cells),
                    "audio carries no text",
                    "leave the text empty, or send a document",
                )
            return ""
        if (self._dirty or (template is not None and template.makes)) and self._has_unfit(text):
            return None
        if self._footer:
            text = f"{text}\n\n{self._footer}" if bare else self._footer
        limit = TEXT_LIMIT if media is None else CAPTION_LIMIT
        if len(text) > limit:
            what = "text" if media is None else "caption"
            column = self._culprit(template, cells)
            self._blame(column, f"the {what} is longer than {limit:,} characters", "shorten it")
            return None
        return text

    def _has_unfit(self, text: str) -> bool:
        if self._unfit_told or not (found := unfit(text)):
            return False
        self._blame(self._message, f"the text holds {found}", "take it out of the template")
        return True

    def _agreed(self, cells: list[str], column: int) -> bool:
        cell = cells[column].strip()
        if not cell:
            return self._by_default
        said = read_consent(cell)
        if said is None:
            self._blame(
                column,
                f"{cell[:40]!r} says neither yes nor no",
                "write yes, no, or the date of the consent",
            )
        return said is True


def _short(text: str) -> str:
    return text if len(text) <= _TELLING else f"{text[:_TELLING]}…"
