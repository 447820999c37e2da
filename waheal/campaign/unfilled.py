r"""What a text says that another program would have filled in, such as `{name}`; it renders none.

Most programs write a variable in a form of their own, and a shell hands on `\n` as two characters.
Here they would reach people as they stand.
"""

import difflib
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from enum import Enum, auto
from functools import cache
from itertools import islice
from typing import NamedTuple, assert_never

from waheal.campaign.names import fold

_MOST = 5  # in one text
_LOOKED_AT = 4_096  # characters
_COLUMNS = 200  # among which the nearest is looked for


class Unfilled(NamedTuple):
    """What stands in the text, what becomes of it, and what was to be written."""

    shown: str
    problem: str
    hint: str


# Fields that lists of all kinds have; in any case and without blanks.
_FIELDS = """
name names firstname fname lastname lname surname fullname forename givenname username nickname
customer customername client clientname contact contactname recipient title salutation company
companyname phone phonenumber mobile number email mail address street city town state country zip
date time day month year amount price total sum balance due duedate discount currency quantity
order orderid ordernumber ordernumber invoice invoicenumber id code coupon couponcode otp link url
website product item appointment doctor branch location message text var variable variable1 var1
placeholder yourname yourcompany insertname namehere customername1 field field1 column value
nombre nombres apellido apellidos cliente empresa fecha hora monto precio telefono correo ciudad
pedido codigo enlace producto nome sobrenome cognome primeironome data valor pedido prenom nom
client entreprise societe montant prix ville commande lien produit vorname nachname anrede kunde
kundenname firma datum uhrzeit betrag preis stadt ort bestellnummer azienda ditta importo prezzo
citta ordine naam voornaam achternaam klant bedrijf bedrag imie nazwisko klient kwota ad soyad isim
adiniz musteri tarih tutar nama namadepan pelanggan tanggal jumlah ten hoten khachhang ngay
имя фамилия клиент дата сумма заказ имяклиента ім'я прізвище الاسم اسم التاريخ العميل שם תאריך
नाम তারিখ 姓名 名字 客户 客户姓名 日期 金额 お名前 名前 氏名 이름 고객명 날짜 ชื่อ วันที่
"""

_JINJA = re.compile(
    r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}|\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", re.DOTALL
)
_CONSTANT = re.compile(r"""\{\{-?\s*(?:[0-9]+|"[^"{}]{0,60}"|'[^'{}]{0,60}')\s*-?\}\}""")
_COMMENT = re.compile(r"\{#\s*[^\W\d_][\w .]{0,40}\s*#\}")
_PLACEHOLDERS = (  # nobody writes these to a person
    re.compile(r"\{\{[^{}\n]{1,80}\}\}"),
    re.compile(r"[$#@]?(?<!\{)\{\s*[!$#@/]?[\w](?:[\w .:|/,='\"-]{0,40}[\w?'\"])?\s*\}"),
    re.compile(r"%%[^%\n]{1,40}%%"),
    re.compile(r"%%?[^\W\d]\w{0,40}%%?|%\([^\W\d]\w{0,40}\)[sd]|(?<![\w%])%(?:[1-9]\$)?[sd](?!\w)"),
    re.compile(r"<<\s*[^<>\n]{1,40}>>"),
    re.compile(r"\*\|[^|\n]{1,60}\|\*"),
    re.compile(r"\(\(\s*[^\W\d_][\w .]{0,40}\)\)"),
    re.compile(r"\[\[\s*[^\W\d_][\w .:-]{0,40}\]\]"),
)
_FIELD_FORMS = (  # and these only where they name a column
    re.compile(r"\[\s*([^\[\]\n]{1,40}?)\s*\]"),
    re.compile(r"<\s*([^<>/\n]{1,40}?)\s*>"),
    re.compile(r"\u00ab\s*([^\u00ab\u00bb\n]{1,40}?)\s*\u00bb"),
    re.compile(r"\u2039\s*([^\u2039\u203a\n]{1,40}?)\s*\u203a"),
    re.compile(r"\u3010\s*([^\u3010\u3011\n]{1,40}?)\s*\u3011"),
    re.compile(r"__([^\W_][^_\n]{0,40}?)__"),
    re.compile(r"\|\s*([^|\n]{1,40}?)\s*\|"),
    re.compile(r"##?([^\W\d_][\w ]{0,40}?)##?"),
    re.compile(r"([~^])([^\W\d_][\w ]{0,40})\1"),
    re.compile(r"\$([^\W\d]\w{0,40})\$?"),
    re.compile(r"(?<![\w.])[@:]([^\W\d]\w{0,40})"),
)
_ESCAPES = re.compile(
    r"(?:\\[rn])+|\\t|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{2}|(?:%0[ADad])+"
)
_HTML = re.compile(
    r"</?(?:br|p|b|i|u|s|a|strong|em|div|span|ul|ol|li|h[1-6]|img|font|table|tr|td)\b[^<>\n]{0,200}>"
    r"|\[/?(?:b|i|u|s|url|img|color|size|quote)\b[^\[\]\n]{0,200}\]"
    r"|\[[^\[\]\n]{1,80}\]\(https?://[^()\s]{1,200}\)"
    r"|\*\*(?=\S)[^*\n]{1,200}\*\*"
    r"|&(?:nbsp|amp|lt|gt|quot|apos|[a-zA-Z]{1,8}(?:acute|grave|circ|uml|cedil|tilde|slash)|szlig"
    r"|euro|hellip|[nm]dash|[lr][sd]?quo|#[0-9]{2,6}|#x[0-9a-fA-F]{2,6});"
)
MARKS = re.compile(r"[{\[<\u00ab\u2039\u3010|\\%$#&@:(_*~^]")
"""One of these is in whatever is found: most texts have none, which this tells quickly."""

_ANY = re.compile(
    r"[{\[<\u00ab\u2039\u3010|\\]|%[\w(%]|[$#&][\w{#]|(?<![\w.])[@:][^\W\d]|\(\(|__|\*\||\*\*|[~^]\w|%%"
)
_LINES = "write the text in a file and give it with --template, or as $'…' in the shell"
_MARKUP = "WhatsApp has *bold*, _italic_ and plain new lines instead"


def unfilled(
    text: str,
    columns: Iterable[str],
    *,
    template: bool = True,
    told: Container[str] = frozenset(),
) -> list[Unfilled]:
    """Find what would arrive literally, but for what was `told` before.

    A text that is no `template` is rendered not at all. Of a long one the beginning is looked at.
    """
    text = text[:_LOOKED_AT]
    if _ANY.search(text) is None:
        return []
    found = dict.fromkeys(each for each in _found(text, template=template) if each[0] not in told)
    if not found:
        return []
    known = {_core(column): column for column in islice(columns, _COLUMNS)}
    fields = known.keys() | _folded_fields()
    meant = (each for each in found if each[2] is None or each[2] in fields)
    return [_told(shown, kind, known) for shown, kind, _ in islice(meant, _MOST)]


class _Kind(Enum):
    """What sort of thing it is."""

    FIELD = auto()
    COMMENT = auto()
    ESCAPE = auto()
    HTML = auto()


_Found = tuple[str, _Kind, str | None]
"""What stands there, and the name that must be a column's for it to be a placeholder."""


def _found(text: str, *, template: bool) -> Iterator[_Found]:
    if template and "{" in text:
        for each in _CONSTANT.findall(text):
            yield each, _Kind.FIELD, None
        for each in _COMMENT.findall(text):
            yield each, _Kind.COMMENT, None
        text = _JINJA.sub("\0", text)
        if _ANY.search(text) is None:
            return
    yield from _literal(text)


def _literal(text: str) -> Iterator[_Found]:
    for pattern in _PLACEHOLDERS:
        for each in pattern.findall(text):
            yield each, _Kind.FIELD, None
        text = pattern.sub("\0", text)  # what is within it is no other one
    for pattern in _FIELD_FORMS:
        for match in pattern.finditer(text):
            yield match[0], _Kind.FIELD, _core(match[match.lastindex or 0])
    for kind, pattern in ((_Kind.ESCAPE, _ESCAPES), (_Kind.HTML, _HTML)):
        for each in pattern.findall(text):
            yield each, kind, None


def _told(shown: str, kind: _Kind, columns: Mapping[str, str]) -> Unfilled:
    as_it_stands = f"'{shown}' arrives as it stands"  # repr would double a backslash
    match kind:
        case _Kind.FIELD:
            return Unfilled(shown, as_it_stands, _hint(shown, columns))
        case _Kind.COMMENT:
            told = f"'{shown}' is a comment, of which nothing arrives"
            return Unfilled(shown, told, _hint(shown, columns))
        case _Kind.ESCAPE:
            return Unfilled(shown, f"{as_it_stands}, and starts no new line", _LINES)
        case _Kind.HTML:
            return Unfilled(shown, as_it_stands, _MARKUP)
        case other:
            assert_never(other)


def _hint(shown: str, columns: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(_core(shown), columns, n=1)
    if not near:
        return "a column's cell is written {{ name }}, with the column's own name"
    meant = columns[near[0]]
    written = meant if meant.isidentifier() else f'row["{meant}"]'
    return f"a column's cell is written {{{{ {written} }}}}"


@cache
def _folded_fields() -> frozenset[str]:
    return frozenset(map(_core, _FIELDS.split()))


def _core(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))
