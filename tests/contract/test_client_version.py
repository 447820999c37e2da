"""The version that the library announces: its own, or a later one, as the server reads it."""

import hashlib
import os
import sys
from subprocess import run

import pytest

from tests.contract.host_process import Home
from waheal.client_version import ANNOUNCED, ClientVersion
from waheal.model import DeviceId
from waheal.sandbox.control import Action
from waheal.wire import Connect, HostSettings, Online, Ready, Setup

pytestmark = [pytest.mark.real, pytest.mark.once]

LATER = ClientVersion(2, 3000, ANNOUNCED.tertiary + 1_234_567)
DEVICES = 50


def announced(home: Home) -> dict[str, int]:
    """Count the versions that logins told."""
    counts = home.control.stats().total
    return {kind.split()[1]: n for kind, n in counts.items() if kind.startswith("version ")}


def in_pairings(home: Home) -> set[tuple[str, str]]:
    """Tell the versions that pairings told, and the hashes."""
    kinds = (kind.split() for kind in home.control.stats().total if kind.startswith("pairing "))
    return {(version, digest) for _, version, digest in kinds}


def digest(version: ClientVersion) -> str:
    return hashlib.md5(str(version).encode(), usedforsecurity=False).hexdigest()


def test_without_an_override_the_pinned_librarys_own_is_announced(home: Home) -> None:
    home.pair("a")
    assert set(announced(home)) == {str(ANNOUNCED)}
    assert in_pairings(home) == {(str(ANNOUNCED), digest(ANNOUNCED))}


def test_a_later_one_is_announced_by_pairings_logins_and_reconnects(home: Home) -> None:
    labels = [f"d{number}" for number in range(DEVICES)]
    sessions = home.pair(*labels, version=LATER)
    assert in_pairings(home) == {(str(LATER), digest(LATER))}

    settings = HostSettings(home.sandbox.trust, LATER)
    made = home.host(Setup(str(home.sessions), settings=settings))
    made.first(Ready)
    for label in labels:
        made.tell(Connect(DeviceId(label), sessions[label]))
    made.wait(
        lambda told: True if sum(isinstance(e, Online) for e in told) >= DEVICES else None, 120.0
    )
    for label in labels[:5]:
        jid = sessions[label]
        logins = next(each.logins for each in home.control.devices.linked() if each.jid == jid)
        home.control.devices.act(jid, Action.DROP)
        home.control.devices.wait_connected(jid, logins=logins + 1)
    assert set(announced(home)) == {str(LATER)}
    assert announced(home)[str(LATER)] >= 2 * DEVICES + 5
    made.finish()  # no claim of this test: the library may abort where a client just reconnects


def test_another_library_is_not_touched() -> None:
    # In a process of its own, where the version's places were changed before.
    script = (
        "import ctypes, os, sys\n"
        "from pathlib import Path\n"
        "from waheal.client_version import ANNOUNCED, ClientVersion\n"
        "from waheal.host import version_patch\n"
        "from waheal.host.whatsapp import Library\n"
        "later = ClientVersion(2, 3000, ANNOUNCED.tertiary + 1)\n"
        "Library(Path(sys.argv[1]), None, later)\n"
        "try:\n"
        "    Library(Path(sys.argv[1]), None, later)\n"
        "except version_patch.VersionRefusedError as refused:\n"
        "    print(refused.message)\n"
        "sys.stdout.flush()\n"
        "os._exit(0)\n"
    )
    done = run(
        [sys.executable, "-c", script, os.devnull],
        env={**os.environ, "GOMAXPROCS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "can't be overridden: its places were found 0, 0, 0 times" in done.stdout
