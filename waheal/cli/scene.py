"""What every command begins with: its home, its target, and how it may speak."""

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from waheal.cli.console import say
from waheal.cli.settings import default_home
from waheal.errors import UsageError
from waheal.events import Tally
from waheal.model import DeviceId, Trust
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.records import Campaign

_ROOT_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Scene:
    """A command's surroundings. `root` is the home in use: with `sandbox` the one within."""

    root: Path
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    sandbox: bool = False
    trust: Trust | None = None

    @property
    def real(self) -> bool:
        """Whether messages would reach real people."""
        return not self.sandbox and self.trust is None

    def home(self) -> Home:
        """Open the home, made on first use.

        Raises:
            HomeUnusableError: it can't be used.
        """
        if self.sandbox:
            Home.open(self.root.parent, create=True)  # what holds it must be one's own too
        return Home.open(self.root, create=True)

    def ledger(self, home: Home | None = None, *, readonly: bool = False) -> Ledger:
        """Open the ledger; with `--trust` only where the home belongs to that server.

        Raises:
            HomeUnusableError: it can't be used.
            UsageError: the home belongs to another target.
        """
        ledger = Ledger.open(home or self.home(), readonly=readonly)
        try:
            if self.trust is not None and ledger.bound() is not None:
                ledger.bind(self.trust.noise_root)
        except BaseException:
            ledger.close()
            raise
        return ledger


def scene(
    home: Path | None,
    *,
    as_json: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    sandbox: bool = False,
    trust: Path | None = None,
) -> Scene:
    """Settle a command's surroundings.

    Raises:
        UsageError: two targets at once, or a trust file that can't be used.
    """
    if sandbox and trust is not None:
        raise UsageError(
            "--sandbox and --trust are two different targets",
            hint="leave one out; WAHEAL_TRUST and WAHEAL_SANDBOX count too",
        )
    root = home or default_home()
    return Scene(
        root=root / "sandbox" if sandbox else root,
        json=as_json,
        quiet=quiet,
        verbose=verbose,
        sandbox=sandbox,
        trust=None if trust is None else read_trust(trust),
    )


def read_trust(path: Path) -> Trust:
    """Give the server that a trust file names.

    Raises:
        UsageError: it is no trust file, or its proxy is not on this machine.
    """
    try:
        told: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path} can't be read: {error.strerror}",
            hint=f"`waheal sandbox serve --trust-file {path}` writes one",
        ) from error
    except ValueError as error:
        raise _no_trust(path, "it is no JSON") from error
    if not isinstance(told, dict):
        raise _no_trust(path, "it is no JSON object")
    values = [told.get(name) for name in ("proxy", "ca", "noise_root")]
    match values:
        case [str(proxy), str(ca), str(root)]:
            return _checked(path, Trust(proxy, str((path.parent / ca).absolute()), root.lower()))
        case _:
            raise _no_trust(path, "proxy, ca or noise_root is missing")


def _checked(path: Path, trust: Trust) -> Trust:
    if not _on_this_machine(trust.proxy):
        raise UsageError(
            f"{path}: the proxy {trust.proxy} is not on this machine",
            hint="only a loopback address is taken, such as http://127.0.0.1:7001",
        )
    if len(trust.noise_root) != _ROOT_DIGITS or set(trust.noise_root) - set("0123456789abcdef"):
        raise _no_trust(path, "noise_root is not 64 hex digits")
    if not Path(trust.ca).is_file():
        raise _no_trust(path, f"there is no file {trust.ca}")
    return trust


def _on_this_machine(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        address = ipaddress.ip_address(parts.hostname or "")
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "http" and address.is_loopback and port is not None


def _no_trust(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{path} is no trust file: {why}",
        hint='{"proxy": "http://127.0.0.1:7001", "ca": "/path/ca.pem", "noise_root": "64 digits"}',
    )


def warn_of_new_key(here: Scene, home: Home, ledger: Ledger) -> None:
    """Say so where the key is gone that earlier runs made their witnesses with."""
    if here.quiet or home.key_path.exists():
        return
    if ledger.claim_times(0.0):
        say(
            "warning: home.key is missing and is made anew; what earlier runs left in doubt can't"
            " be told any more. To keep it, end this run and copy home.key from the backup"
        )


def see_they_are_known(chosen: frozenset[DeviceId] | None, known: Iterable[DeviceId]) -> None:
    """Let only labels pass that are there; None stands for all devices.

    Raises:
        UsageError: one is not.
    """
    unknown = sorted((chosen or frozenset()).difference(known))
    if unknown:
        raise UsageError(
            f"no device is called {unknown[0]!r}", hint="`waheal devices list` shows them"
        )


def find_campaign(ledger: Ledger, word: str) -> Campaign:
    """Give the campaign of that name, or of the file of that name.

    Raises:
        UsageError: there is none.
    """
    found = ledger.campaign(word) or ledger.campaign(Path(word).stem)
    if found is None:
        raise UsageError(f"no campaign is called {word!r}", hint="`waheal status` lists them")
    return found


def counts(tally: Tally) -> dict[str, int]:
    """One key a state, as the contract's JSON has it."""
    return {
        "pending": tally.pending,
        "sending": tally.sending,
        "sent": tally.sent,
        "delivered": tally.delivered,
        "read": tally.read,
        "failed": tally.failed,
        "suppressed": tally.suppressed,
        "expired": tally.expired,
        "uncertain": tally.uncertain,
        "unreadable": tally.unreadable,
    }
