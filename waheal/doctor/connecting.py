"""Why a device did not log in, in words that tell apart what can be mended where."""

from shlex import quote

from waheal.findings import Result, fail
from waheal.model import DeviceId, Quarantine

_NETWORK: tuple[tuple[str, str, str], ...] = (
    ("no such host", "its name can't be resolved (DNS)", "mend the machine's DNS, see resolv.conf"),
    ("lookup ", "its name can't be resolved (DNS)", "mend the machine's DNS, see resolv.conf"),
    ("proxyconnect", "the proxy does not answer", "start the proxy, or mend the trust file"),
    ("x509", "its certificate is not trusted (TLS)", "mend the clock, or the trust file's ca"),
    ("certificate", "its certificate is not trusted (TLS)", "mend the clock, or the file's ca"),
    ("tls", "TLS fails", "see whether something on the way breaks connections open"),
    ("connection refused", "nothing listens there", "start the proxy, or mend the trust file"),
    ("network is unreachable", "there is no network", "mend the machine's network"),
    ("timed out", "no answer in time", "try again; see whether a firewall drops the packets"),
    ("no answer", "no answer in time", "try again; see whether a firewall drops the packets"),
)
"""What Go's network errors hold, lower case; the first that fits is told."""


def explain(device: DeviceId, reason: str, quarantine: Quarantine | None) -> Result:
    """Tell why the device is offline, and what to do about it."""
    match quarantine:
        case Quarantine.OUTDATED:
            return fail(
                "the client is too old for WhatsApp (405)", "run `pip install --upgrade waheal`"
            )
        case Quarantine.LOGGED_OUT | Quarantine.NO_SESSION:
            return fail("it was logged out", f"run `waheal devices pair {quote(device)}`")
        case Quarantine.BANNED:
            return fail(
                f"its number is banned: {reason}", "open WhatsApp on its phone and ask for a review"
            )
        case Quarantine.REPLACED:
            return fail(
                "another client uses this session",
                f"end that client, then run `waheal devices resume {quote(device)}`",
            )
        case _:
            return _by_words(reason)


def _by_words(reason: str) -> Result:
    lower = reason.lower()
    for sign, what, hint in _NETWORK:
        if sign in lower:
            return fail(f"WhatsApp is not reached: {what} ({reason})", hint)
    return fail(f"it does not log in: {reason}", "try again with `waheal doctor --connect`")
