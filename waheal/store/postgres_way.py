"""The way to a ledger's server: which host it leads to, and whether others could listen on it.

libpq decides that, by the URL, its variables, and its service file (its manual, "Parameter Key
Words"); this only asks it.
"""

from ipaddress import ip_address

from psycopg import Connection, OperationalError, connect
from psycopg.pq import Conninfo

from waheal.errors import UsageError
from waheal.ledger_url import LedgerUrl

_SAFE = "verify-full"


def address(url: str) -> tuple[str, str]:
    """Give host and port as libpq will take them; a socket's folder is a host.

    Several of them stand with commas between.
    """
    asked = _asked(url)
    return asked.get("hostaddr") or asked.get("host") or "the local socket", asked["port"]


def see_it_is_private(at: LedgerUrl) -> None:
    """Let only a way pass that leads to this machine, or to a server that proves who it is.

    Raises: UsageError (2), unless the operator said that it may be plain.
    """
    asked = _asked(at.text)
    mode = asked.get("sslmode", "prefer")
    if at.plain or mode == _SAFE:
        return
    if elsewhere := _elsewhere(asked):
        raise UsageError(
            f"the way to {elsewhere[0]} is open to others: sslmode is {mode}, and not {_SAFE}",
            hint=f"add ?sslmode={_SAFE} to the URL (and sslrootcert, where the server's authority"
            " is your own), or say --ledger-plain where nobody else is on that network",
        )


def leads_elsewhere(at: LedgerUrl) -> bool:
    """Tell whether the way leads off this machine."""
    return bool(_elsewhere(_asked(at.text)))


def _elsewhere(asked: dict[str, str]) -> list[str]:
    places = (asked.get("hostaddr") or asked.get("host") or "").split(",")
    return [each for each in places if not _is_here(each)]


def plainly(url: str) -> "Connection[tuple[object, ...]]":
    """Connect as libpq reads the URL, and no more: for who minds the rest of it.

    Raises: psycopg.Error.
    """
    return connect(url)


def _asked(url: str) -> dict[str, str]:
    """Merge what the URL says with what libpq takes where it says nothing.

    Raises: UsageError where there is no such option.
    """
    try:
        said = [*Conninfo.get_defaults(), *Conninfo.parse(url.encode())]
    except OperationalError as error:
        raise UsageError(
            f"the ledger's URL can't be used: {' '.join(str(error).split())}",
            hint="its options are libpq's, such as ?sslmode=verify-full",
        ) from error
    return {each.keyword.decode(): each.val.decode() for each in said if each.val}


def _is_here(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
