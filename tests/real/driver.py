"""A child process that drives the released neonize for tests: JSON lines in on fd 0, out on fd 1.

Besides waheal's own host this is the only place that imports neonize; it shares no code with the
host, so that the sandbox is tried against the library and not against waheal.
Run it with GOMAXPROCS=1 and SSL_CERT_FILE set; see `client.py` beside it.
"""

import argparse
import ctypes
import json
import os
import re
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neonize.client import NewClient
    from neonize.proto.Neonize_pb2 import JID
    from neonize.types import Message as Event  # one of many; their fields are the test's to know

_ROOT = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")


class Driver:
    """The library's clients by name, and the two pipes."""

    def __init__(self, options: argparse.Namespace) -> None:
        import pylibmagic  # noqa: F401, PLC0415 - must come first: it brings libmagic along
        from neonize import client, events, utils  # noqa: PLC0415 - only now are fds 0-2 moved
        from neonize._binder import ProxySettings  # noqa: PLC0415

        self._lib, self._events, self._utils = client, events, utils
        self._proxy = ProxySettings(options.proxy)
        self._database = (
            f"{options.db}?_foreign_keys=on&_journal_mode=WAL&_busy_timeout=10000"
            "&_txlock=immediate&_pad="
        )
        self._clients: dict[str, client.NewClient] = {}
        self._lock = threading.Lock()  # guards the out pipe; held across one write
        _patch_root(bytes.fromhex(options.root))

    def tell(self, row: dict[str, object]) -> None:
        with self._lock:
            os.write(_OUT, json.dumps(row).encode() + b"\n")

    def handle(self, row: dict[str, object]) -> None:
        """Run a command on a thread of its own: many of them block."""
        threading.Thread(target=self._run, args=(row,), daemon=True).start()

    def _run(self, row: dict[str, object]) -> None:
        operation: Callable[[dict[str, object]], object] = getattr(self, f"do_{row['op']}")
        try:
            answer: dict[str, object] = {"result": operation(row)}
        except Exception as error:  # noqa: BLE001 - every error is the test's to judge
            answer = {"error": str(error), "type": type(error).__name__}
        self.tell({"id": row["id"], **answer})

    # -- operations -----------------------------------------------------------------------

    def do_pair(self, row: dict[str, object]) -> None:
        name = str(row["client"])
        client = self._lib.NewClient(self._database, uuid=uuid.uuid4().hex, new_device=True)
        self._start(name, client)

    def do_connect(self, row: dict[str, object]) -> None:
        name = str(row["client"])
        client = self._lib.NewClient(self._database, jid=self._jid(str(row["jid"])))
        client.uuid = uuid.uuid4().hex.encode()  # else two devices of one number collide
        self._start(name, client)

    def do_stop(self, row: dict[str, object]) -> None:
        self._clients.pop(str(row["client"])).stop()

    def do_pair_code(self, row: dict[str, object]) -> str:
        return str(self._client(row).PairPhone(str(row["phone"]), show_push_notification=True))

    def do_send(self, row: dict[str, object]) -> str:
        from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message  # noqa: PLC0415

        message = Message(conversation=str(row["text"]))
        if "secret" in row:
            message.messageContextInfo.messageSecret = bytes.fromhex(str(row["secret"]))
        to, text = self._jid(str(row["to"])), str(row["text"])
        sent = self._client(row).send_message(to, message if "secret" in row else text)
        return str(sent.ID)

    def do_send_document(self, row: dict[str, object]) -> str:
        data = bytes.fromhex(str(row["data"]))
        sent = self._client(row).send_document(
            self._jid(str(row["to"])),
            data,
            caption=str(row["caption"]),
            filename=str(row["name"]),
            mimetype="text/plain",
        )
        return str(sent.ID)

    def do_is_on_whatsapp(self, row: dict[str, object]) -> list[list[object]]:
        numbers = [str(number) for number in _list(row["numbers"])]
        found = self._client(row).is_on_whatsapp(*numbers)
        return [[one.Query, one.IsIn, one.JID.User] for one in found]

    def do_look_up(self, row: dict[str, object]) -> list[str]:
        jids = [self._jid(str(number)) for number in _list(row["numbers"])]
        return [one.JID.User for one in self._client(row).get_user_info(*jids)]

    def do_user_devices(self, row: dict[str, object]) -> list[str]:
        jids = [self._jid(str(jid)) for jid in _list(row["jids"])]
        return [self._text(jid) for jid in self._client(row).get_user_devices(*jids)]

    def do_logout(self, row: dict[str, object]) -> None:
        self._client(row).logout()

    # -- the library ----------------------------------------------------------------------

    def _client(self, row: dict[str, object]) -> "NewClient":
        return self._clients[str(row["client"])]

    def _start(self, name: str, client: "NewClient") -> None:
        self._clients[name] = client
        for kind in (
            self._events.PairStatusEv,
            self._events.ConnectedEv,
            self._events.LoggedOutEv,
            self._events.StreamReplacedEv,
            self._events.TemporaryBanEv,
            self._events.ConnectFailureEv,
            self._events.ClientOutdatedEv,
            self._events.StreamErrorEv,
            self._events.DisconnectedEv,
            self._events.MessageEv,
            self._events.ReceiptEv,
        ):
            client.event(kind)(lambda _, event, kind=kind: self._happened(name, kind, event))
        client.event.qr(
            lambda _, code: self.tell({"event": "QR", "client": name, "code": code.decode()})
        )
        threading.Thread(target=self._connect, args=(name, client), daemon=True).start()

    def _connect(self, name: str, client: "NewClient") -> None:
        error = None
        try:
            client.connect(self._proxy)
        except Exception as raised:  # noqa: BLE001 - told below
            error = str(raised)
        self.tell({"event": "Returned", "client": name, "error": error})

    def _happened(self, name: str, kind: type, event: "Event") -> None:
        told: dict[str, object] = {"event": kind.__name__, "client": name}
        match kind.__name__:
            case "PairStatus":
                told |= {"jid": self._text(event.ID), "error": event.Error}
            case "Receipt":
                told |= {
                    "ids": list(event.MessageIDs),
                    "type": int(event.Type),
                    "from": self._text(event.MessageSource.Sender),
                }
            case "Message" if event.Message.HasField("protocolMessage"):
                return  # the phone's history, which comes by itself after a pairing
            case "Message":
                source = event.Info.MessageSource
                text = event.Message.conversation or event.Message.extendedTextMessage.text
                told |= {
                    "text": text,
                    "from": self._text(source.Sender),
                    "message_id": event.Info.ID,
                }
            case "LoggedOut":
                told |= {"on_connect": event.OnConnect}
            case "TemporaryBan":
                told |= {"code": int(event.Code), "expire": int(event.Expire)}
            case _:
                pass
        self.tell(told)

    def _jid(self, text: str) -> "JID":
        user, _, server = text.lstrip("+").partition("@")
        user, _, device = user.partition(":")
        jid = self._utils.build_jid(user, server or "s.whatsapp.net")
        jid.Device = int(device or 0)
        return jid

    def _text(self, jid: "JID") -> str:
        return str(self._utils.Jid2String(jid))


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _patch_root(root: bytes) -> None:
    """Put the sandbox's Noise root where the library keeps WhatsApp's."""
    found: list[int] = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw\S+ .*neonize-linux", line)
        if match:
            start, end = (int(part, 16) for part in match.groups())
            data = ctypes.string_at(start, end - start)
            found += [start + at.start() for at in re.finditer(re.escape(_ROOT), data)]
    if len(found) != 1:
        raise SystemExit(f"{len(found)} places hold the root, not one")
    ctypes.memmove(found[0], root, len(root))


def main() -> None:
    """Serve commands until the pipe ends."""
    parser = argparse.ArgumentParser()
    for name in ("db", "proxy", "root", "log"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    global _OUT  # noqa: PLW0603 - the pipe must be moved before the library is loaded
    _OUT = os.dup(1)
    log = os.open(options.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    driver = Driver(options)
    driver.tell({"event": "Ready"})
    for line in sys.stdin:
        driver.handle(json.loads(line))
    os._exit(0)  # the library's threads would keep the process


_OUT = 1

if __name__ == "__main__":
    main()
