"""Where a ledger lies on a server, as a URL: read, and told without its password; opens nothing.

libpq reads the URL after this (its manual, "Connection URIs"), and quotes what it can't read.
Hence nothing passes here that a part of a password could be taken for.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode

from waheal.errors import UsageError

_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[^:\[\],@/?#]*)(?::[0-9]*)?"
_URL = re.compile(
    r"(?:postgresql|postgres)://"
    r"(?:(?P<user>[^:@/?#]*)(?P<password>:[^:@/?#]*)?@)?"
    rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?P<name>/[^@/?#]*)?(?:\?(?P<query>[^@?#]*))?"
)
_ESCAPED = re.compile(r"(?:[^%\s\x00-\x1f]|%(?!00)[0-9A-Fa-f]{2})*")
_SECRET = frozenset({"password", "sslpassword"})
_HINT = "write postgresql://USER@HOST/DATABASE, with %40 for @, %3A for : and so on within a name"


@dataclass(frozen=True, slots=True)
class LedgerUrl:
    """A database that a ledger lies in; told without a password.

    `text` may hold one. `plain`: the way to another machine may be open to whoever is on it.
    """

    text: str = field(repr=False)
    plain: bool = False

    def __str__(self) -> str:
        """Name it as an operator may read it."""
        return without_password(self.text)


def read_ledger_url(text: str, *, plain: bool = False) -> LedgerUrl:
    """Take the URL of a database, without a look at whether it is there.

    Raises: UsageError where it is none; that does not quote it.
    """
    found = _URL.fullmatch(text)
    if found is None or not _ESCAPED.fullmatch(text):
        scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text)
        kind = f", but {scheme[0]}…" if scheme and not text.startswith("postgres") else ""
        raise UsageError(f"--ledger names no database of PostgreSQL's{kind}", hint=_HINT)
    named = {name for name, _ in _query(found["query"])}
    if "service" in named:
        raise UsageError(
            "--ledger takes no service", hint="name it in PGSERVICE, and write postgresql:// alone"
        )
    return LedgerUrl(text, plain)


def has_password(text: str) -> bool:
    """Tell whether a URL holds a password, for all to see who see the URL."""
    return without_password(text) != text


def password_in(text: str) -> str | None:
    """Give the password of a URL, as libpq reads it, where it can be said in its place.

    None: there is none, or a key's as well, or it is no URL.
    """
    if (found := _URL.fullmatch(text)) is None:
        return None
    said = dict(_query(found["query"]))
    if "sslpassword" in said:
        return None
    return said.get("password") or unquote((found["password"] or "")[1:]) or None


def without_password(text: str) -> str:
    """Give the URL as it may be told, and typed where the password comes from elsewhere."""
    found = _URL.fullmatch(text)
    if found is None:
        return "postgresql://…"
    kept = [(name, value) for name, value in _query(found["query"]) if name not in _SECRET]
    told = found["query"] or ""
    if len(kept) < len(_query(found["query"])):
        told = urlencode(kept, quote_via=quote, safe="/,")
    user = f"{found['user']}@" if found["user"] else ""
    return f"postgresql://{user}{found['hosts']}{found['name'] or ''}{f'?{told}' if told else ''}"


def _query(text: str | None) -> list[tuple[str, str]]:
    return parse_qsl(text or "", keep_blank_values=True)
