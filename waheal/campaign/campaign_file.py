"""A campaign file, opened: its header's meaning and, in one pass, its rows; it sends nothing."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from waheal.campaign.choices import Choices
from waheal.campaign.dialect import Dialect
from waheal.campaign.encoding import Encoding, scan
from waheal.campaign.faults import Fault
from waheal.campaign.header import Header, Known, Wanted, find_phone, read_header
from waheal.campaign.kinds import FILES, WORDLESS
from waheal.campaign.links import read_link
from waheal.campaign.media import MediaReader, Unusable, read_media
from waheal.campaign.names import key, may_be_numbers, visible
from waheal.campaign.phones import Number, NumberReader, is_region
from waheal.campaign.plain_file import NotAFileError, same
from waheal.campaign.reading import COLUMN_LIMIT, NAME_LIMIT, Broken, CsvFile, Record, unfit
from waheal.campaign.rows import Judge
from waheal.campaign.templates import Templates, Text
from waheal.campaign.top import LOOKED_AT, header_at, holds_number
from waheal.campaign.unfilled import unfilled
from waheal.campaign.xlsx import WHOLE, ListLayout, ListNotes, Workbook
from waheal.findings import Caution, Problem
from waheal.model import LinkPreview, Media, Planned
from waheal.workbook.refusal import WorkbookError

_SHOWN = 60  # characters of a cell
_AGAIN = "the header stands here once more; the row is left out"

Judged = Planned | Problem | Caution
"""What a row came to: what is sent, or what is wrong with it."""


def open_campaign_file(path: Path, choices: Choices) -> "CampaignFile":
    """Read the file once, to learn what it is. Whatever is wrong with it comes with its rows."""
    return CampaignFile(path, choices)


class CampaignFile:
    """One campaign file under one set of choices.

    `digest` (SHA-256, hex) changes whenever a row could become something else: with the file's
    bytes and with the choices. It is None where the rows must be read to know: the file can't be
    used, or they name files of their own.
    """

    def __init__(self, path: Path, choices: Choices) -> None:
        self.path = path
        self.digest: str | None = None
        self.records = 0
        self._choices = choices
        self._identity: tuple[int, ...] = ()
        self._source: CsvFile | Workbook | None = None
        self._header: Header | None = None
        self._findings: list[Problem | Caution] = []
        self._text: Text | None = None
        self._media: Media | None = None
        self._link: LinkPreview | None = None
        self._notes = ListNotes()
        self._open()

    @property
    def header(self) -> tuple[str, ...]:
        """The columns' names as they stand in the file; empty where it has none."""
        return self._header.names if self._header else ()

    @property
    def header_row(self) -> int:
        """The header's row number, 1 unless blank lines stand before it."""
        return self._header.row if self._header else 1

    @property
    def phone(self) -> int | None:
        """Position of the phone column, counted from 0; None where there is none."""
        return self._header.phone if self._header else None

    @property
    def findings(self) -> tuple[Problem | Caution, ...]:
        """What is wrong with the file as a whole, before any of its rows."""
        return tuple(self._findings)

    @property
    def encoding(self) -> Encoding | None:
        """The text file's encoding; None for a workbook, or where there is nothing to read."""
        return self._source.encoding if isinstance(self._source, CsvFile) else None

    @property
    def dialect(self) -> Dialect | None:
        """The text file's separator and line ends; None as for `encoding`."""
        return self._source.dialect if isinstance(self._source, CsvFile) else None

    @property
    def hidden_rows(self) -> int:
        """How many hidden rows of a workbook were left out, in the pass so far."""
        return self._notes.sheet.hidden.count

    @property
    def hidden_sheets(self) -> int:
        """How many sheets of a workbook were passed over because they are hidden."""
        return self._source.hidden_sheets if isinstance(self._source, Workbook) else 0

    def rows(self) -> Iterator[Judged]:
        """Judge every row, in the file's order, in bounded memory.

        A row that is wrong yields its problems and no Planned. `records` counts the rows that
        aren't blank, bad ones included, while the pass goes on.
        """
        self.records = 0
        self._notes = ListNotes()
        yield from self._findings
        if self._source is None or self._header is None:
            return
        try:
            yield from self._judged(self._header)
        except OSError as error:
            yield _unreadable(error)
        except WorkbookError as error:
            yield _file_problem(str(error), error.hint)
            return
        if isinstance(self._source, Workbook):
            yield from self._source.cautions(self._notes, self._header.names)
        if not self.records:
            yield Problem(
                None, None, "there are no recipients", "add rows under the header", skippable=False
            )

    def raw_records(self, *, listed: bool = False) -> Iterator[Record | Broken]:
        """Every record as it stands in the file, blank ones too, the header first.

        With `listed` as it is judged: of a workbook, without what stands beside the list.
        Raises: OSError.
        """
        row = 0
        try:
            for record in self._read(ListNotes(), None if listed else WHOLE):
                row = record.row
                yield record
        except WorkbookError as error:
            yield Broken(row + 1, str(error), error.hint, "", cuts=True)

    def _read(
        self, notes: ListNotes, layout: ListLayout | None = None
    ) -> Iterator[Record | Broken]:
        """Give every record. Raises: OSError, WorkbookError."""
        if isinstance(self._source, Workbook):
            own = _layout(self._header) if self._header else None
            yield from self._source.records(layout or own, notes)
        elif self._source is not None:
            yield from self._source.records()

    def _judged(self, header: Header) -> Iterator[Judged]:
        judge = Judge(
            header,
            self._choices,
            text=self._text,
            media=self._media,
            link=self._link,
            mangled=self.encoding is not None and self.encoding.mangled,
            media_reader=MediaReader(
                self._choices.media_root or self.path.absolute().parent, self._choices.home
            ),
        )
        mark = header.names[0][-1:]  # tells most rows from a header at next to no cost
        unsaid = _Unsaid(self.encoding, header)
        for record in self._read(self._notes):
            if isinstance(record, Broken):
                if record.row > header.row:
                    self.records += 1
                    column = _name(header.names, record.column)
                    yield Problem(record.row, column, record.problem, record.hint, cuts=record.cuts)
                continue
            row, cells, _ = record
            if row <= header.row or not any(map(str.strip, cells)):
                continue
            if unsaid.guess is not None:
                yield from unsaid.told_by(row, cells)
            if cells[0][-1:] == mark and _repeats(cells, header):
                yield Caution(row, None, _AGAIN, None)
                continue
            self.records += 1
            if header.phone is not None:
                yield from judge.judge(record)
        yield from unsaid.told_by(header.row, header.names)
        if not same(self.path, self._identity):
            yield _file_problem("the file changed while it was read", "run the command again")

    def _open(self) -> None:
        try:
            self._findings += self._opened()
        except OSError as error:
            self._findings.append(_unreadable(error))
        except WorkbookError as error:
            self._findings.append(_file_problem(str(error), error.hint))

    def _opened(self) -> Iterator[Problem | Caution]:
        try:
            scanned = scan(self.path, self._choices.encoding)
            self._identity = scanned.identity
            if scanned.stranger is not None:
                yield _file_problem(scanned.stranger.problem, scanned.stranger.hint)
                return
            self._source = self._sourced(scanned.encoding)
        except NotAFileError as error:
            yield _file_problem(f"{error.strerror}", "give the path of a CSV or .xlsx file")
            return
        if self._choices.sheet is not None and not isinstance(self._source, Workbook):
            yield Caution(None, None, "the file is no workbook, so --sheet is not used", None)
        found = list(self._headed())
        lost = isinstance(self._source, CsvFile) and (
            not self._header or self._header.phone is None
        )
        if lost and scanned.writing is not None:
            yield _file_problem(scanned.writing.problem, scanned.writing.hint)
            self._header = None
            return
        yield from map(self._with_places, found)
        if self._header is not None:
            yield from self._judged_choices(self._header)
            self._seal(scanned.sha256, self._header)

    def _sourced(self, encoding: Encoding | None) -> CsvFile | Workbook:
        if encoding is None:
            choices = self._choices
            return Workbook(self.path, choices.sheet, hidden_rows=choices.hidden_rows)
        return CsvFile(self.path, encoding, self._is_header)

    def _is_header(self, names: Sequence[str]) -> bool:
        return find_phone(names, self._choices.phone_column) is not None

    def _headed(self) -> Iterator[Problem | Caution]:
        """Find the header: the first record that isn't blank, or one below a title."""
        first = list[Record]()
        for record in self._read(self._notes):
            if isinstance(record, Broken):
                if not first:
                    yield Problem(record.row, None, record.problem, record.hint, skippable=False)
                    return
                break
            if _blank(record.cells):
                continue
            first.append(record)
            if len(first) == LOOKED_AT or _too_large(record.cells):
                break
            if len(first) == 1 and self._is_header(record.cells):
                break  # nothing below could change that, and a sheet may be blank for long
        if not first:
            yield _file_problem("there is nothing in the file", "it needs a header and recipients")
            return
        place = header_at([record.cells for record in first], self._is_header)
        wanted = self._choices.wanted
        if find_phone(first[place].cells, wanted.phone) is None and wanted.phone is None:
            below = [record.cells for record in first[place + 1 :]]
            wanted = replace(wanted, proven=self._numbers_in(first[place].cells, below))
        yield from self._read_header(first[place], wanted, first[0].row if place else None)

    def _numbers_in(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
        """Find the first column whose name may mean telephone numbers, and whose cells are some."""
        reader = NumberReader(self._choices.region, international=self._choices.international)
        for place in [place for place, name in enumerate(names) if may_be_numbers(name)]:
            cells = [row[place] for row in rows if len(row) > place and row[place].strip()]
            found = [reader.read(cell) for cell in cells]
            if found and all(isinstance(each, Number) and each.valid for each in found):
                return place
        return None

    def _read_header(
        self, record: Record, wanted: Wanted, below: int | None
    ) -> Iterator[Problem | Caution]:
        """Give the columns their meaning; `below`: the row of the first line above the header."""
        if too_large := _too_large(record.cells):
            yield Problem(record.row, None, *too_large, skippable=False)
            return
        if record.dirty and (found := unfit(visible("".join(record.cells)))):
            yield Problem(
                record.row,
                None,
                f"the header holds {found}",
                "save the file as CSV UTF-8",
                skippable=False,
            )
        self._header = read_header(record.row, record.cells, wanted)
        if self._header.phone is None and holds_number(record.cells):
            yield Problem(
                record.row,
                None,
                "the file has no header: its first row holds a number already",
                "put a line above it that names the columns, such as phone,name",
                skippable=False,
            )
            return
        yield from self._header.findings
        if below is not None:
            told = f"the header is in row {record.row}; what stands above it, from row {below}"
            hint = "take it out if it is something else"
            yield Caution(record.row, None, f"{told} on, is left out", hint, whole=True)

    def _with_places(self, found: Problem | Caution) -> Problem | Caution:
        """Say beside a problem of the header where else in the workbook the list may be."""
        if not (isinstance(found, Problem) and isinstance(self._source, Workbook)):
            return found
        ways = [found.hint] if found.hint else []
        if others := self._source.others:
            ways.append(
                f"this is sheet {self._source.sheet.name!r}, --sheet names another: {others}"
            )
        if hidden := self.hidden_rows:
            ways.append(f"--hidden-rows takes hidden rows, of which there are {hidden:,} so far")
        return replace(found, hint="; ".join(ways))

    def _judged_choices(self, header: Header) -> Iterator[Problem | Caution]:
        """Judge the choices, as far as they need the header."""
        choices = self._choices
        if choices.region is not None and not is_region(choices.region):
            yield _file_problem(
                f"there is no region {choices.region!r}", "--region takes two letters, such as US"
            )
        if choices.require_consent and Known.CONSENT not in header.known:
            yield Problem(
                header.row,
                None,
                "consent is required, and there is no consent column",
                "add a column called consent",
                skippable=False,
            )
        if choices.media is not None:
            media = read_media(choices.media, choices.home)
            if isinstance(media, Unusable):
                yield _file_problem(f"--media: {media.problem}", media.hint)
            else:
                self._media = media
        if choices.preview is not None:
            link = read_link(choices.preview, choices.home)
            if isinstance(link, Unusable):
                yield _file_problem(f"--preview: {link.problem}", link.hint)
            else:
                self._link = link
        if choices.opt_out_footer:
            yield from _judged_footer(choices.opt_out_footer)
        yield from self._worded(header)

    def _worded(self, header: Header) -> Iterator[Problem | Caution]:
        """Settle the text of rows that bring none of their own."""
        text = self._choices.text
        if Known.MESSAGE in header.known:
            if text is not None:
                yield self._two_texts(header.row, header.names[header.known[Known.MESSAGE]])
            return
        if text is None and header.phone is not None and not self._goes_without(header):
            yield _file_problem(
                "there is no text to send",
                "add a message column, or give --message or --template",
            )
            return
        if text is not None and (found := unfit(text)):
            yield _file_problem(f"the text holds {found}", "remove it")
            return
        try:
            self._text = Templates(header.variables, header.ambiguous, header.own).read(text or "")
        except Fault as fault:
            yield _file_problem(fault.problem, fault.hint)
            return
        for each in unfilled(text or "", header.variables):
            yield Caution(None, None, each.problem, each.hint, whole=True)

    def _two_texts(self, row: int, column: str) -> Problem:
        given = "--message" if self._choices.template_text is None else "--template"
        return Problem(
            row,
            column,
            f"there are two texts: {given}, and the column {column!r}",
            f"--no-message-column sends that of {given}; leave {given} out to send the column's,"
            " or name another column with --message-column",
            skippable=False,
        )

    def _goes_without(self, header: Header) -> bool:
        """Whether a row without a text may be sent all the same: the rows tell which are."""
        if Known.MEDIA in header.known or self._choices.media is not None:
            return True
        return Known.KIND in header.known or self._choices.kind in WORDLESS | FILES

    def _seal(self, sha256: str, header: Header) -> None:
        if Known.MEDIA in header.known:
            return  # a file that a row names can change without the campaign file's doing so
        digest = hashlib.sha256(self._choices.fingerprint())
        digest.update(sha256.encode())
        digest.update(self._media.sha256.encode() if self._media else b"")
        digest.update(repr(self._link).encode() if self._link else b"")
        if Known.DEVICE in header.known and self._choices.known_devices is not None:
            digest.update("\0".join(sorted(self._choices.known_devices)).encode())
        self.digest = digest.hexdigest()


def _judged_footer(footer: str) -> Iterator[Problem | Caution]:
    if found := unfit(footer):
        yield _file_problem(f"the opt-out footer holds {found}", "remove it")
    for each in unfilled(footer, (), template=False):
        yield Caution(
            None, None, f"in the opt-out footer, {each.problem}", "write it out", whole=True
        )


def _layout(header: Header) -> ListLayout:
    read = (Known.SEND_AFTER, Known.EXPIRES)
    columns = {header.phone, *(header.known.get(column) for column in read)}
    return ListLayout(len(header.names), frozenset(place for place in columns if place is not None))


def _name(names: Sequence[str], position: int | None) -> str | None:
    return None if position is None or position >= len(names) else names[position]


def _too_large(header: Sequence[str]) -> tuple[str, str] | None:
    if len(header) > COLUMN_LIMIT:
        return (
            f"the header has more than {COLUMN_LIMIT:,} columns",
            "see that this is a campaign file",
        )
    if any(len(name) > NAME_LIMIT for name in header):
        return (
            f"a column's name is longer than {NAME_LIMIT:,} characters",
            "see that this is a header",
        )
    return None


def _repeats(cells: Sequence[str], header: Header) -> bool:
    """Whether the header stands there again, as where files were put together."""
    return list(map(key, cells[: len(header.names)])) == list(map(key, header.names))


class _Unsaid:
    """What is to be said of an encoding that is a guess, once: by the first cell that shows it."""

    def __init__(self, encoding: Encoding | None, header: Header) -> None:
        self.guess = encoding if encoding is not None and encoding.guessed else None
        self._header = header

    def told_by(self, row: int, cells: Sequence[str]) -> Iterator[Caution]:
        """Tell it where a cell has letters that depend on the encoding."""
        telling = next((i for i, cell in enumerate(cells) if not cell.isascii()), None)
        if self.guess is None or telling is None:
            return
        codec, self.guess = self.guess.codec, None
        yield Caution(
            row,
            _name(self._header.names, telling),
            f"the file does not say its encoding and is read as {codec}:"
            f" {_shown(cells[telling])!r} arrives like this",
            "if that is wrong, name it with --encoding, such as windows-1251, or save it as CSV"
            " UTF-8",
            whole=True,
        )


def _shown(cell: str) -> str:
    return cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}…"


def _blank(cells: Sequence[str]) -> bool:
    return not any(map(str.strip, cells))


def _file_problem(problem: str, hint: str | None) -> Problem:
    return Problem(None, None, problem, hint, skippable=False)


def _unreadable(error: OSError) -> Problem:
    reason = error.strerror or str(error)
    return _file_problem(f"the file can't be read: {reason}", "see that the path is right")
