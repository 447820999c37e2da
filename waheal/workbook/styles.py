"""Which number format each style of a workbook has; it does not know colours and borders."""

from collections.abc import Iterable

from waheal.workbook.markup import elements
from waheal.workbook.number_formats import BUILT_IN, NumberFormat
from waheal.workbook.refusal import too_much

_GENERAL = "General"
_STYLES = 1 << 16  # Excel's own limit is 65,490
_CODES = 4_096  # of the workbook's own; Excel allows some 250
_LISTS = frozenset(
    {"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}
)


class Styles:
    """Number formats by the number of a style, each read when it is first asked for."""

    def __init__(self, chunks: Iterable[bytes] = (), *, since_1904: bool = False) -> None:
        """Read them. Raises: WorkbookError."""
        self._since_1904 = since_1904
        self._codes: dict[str, str] = {str(number): code for number, code in BUILT_IN.items()}
        self._used: list[str] = []
        self._formats: dict[str, NumberFormat] = {}
        self._by_code: dict[str, NumberFormat] = {}
        within = ""
        for name, attributes in elements(chunks):
            if name in _LISTS:
                within = name
            elif name == "numFmt" and within == "numFmts":
                self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "xf" and within == "cellXfs":
                self._used.append(attributes.get("numFmtId", "0"))
        if len(self._used) > _STYLES or len(self._codes) > _CODES:
            raise too_much("it has too many styles")

    def __getitem__(self, style: str) -> NumberFormat:
        """Give the number format of a style; one that is not there shows numbers as they are."""
        found = self._formats.get(style)
        if found is None:
            found = self._formats[style] = self._read(self._code(style))
        return found

    def _read(self, code: str) -> NumberFormat:
        if code not in self._by_code:
            self._by_code[code] = NumberFormat(code, since_1904=self._since_1904)
        return self._by_code[code]

    def _code(self, style: str) -> str:
        known = style.isdecimal() and style.isascii() and len(style) < 6  # noqa: PLR2004 - digits
        place = int(style) if known else _STYLES
        return self._codes.get(self._used[place], _GENERAL) if place < len(self._used) else _GENERAL
