"""A child process: a bare loop over neonize, as somebody without waheal would write it.

It reads its work as JSON on stdin, and prints what that took. A thread a device, one message after
the other, the library's own client; the session database is opened as a host of waheal's opens it,
since in the library's default journal some of these sends fail. One that `keeps` sends a secret
with each message and hears receipts. Run it with GOMAXPROCS=1 (with more the library aborts) and
SSL_CERT_FILE set.
"""

import json
import os
import resource
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from waheal.host import trust_patch
from waheal.model import Trust

if TYPE_CHECKING:
    from neonize.client import NewClient

_PATIENCE = 60.0  # seconds for a device to connect


@dataclass(frozen=True, slots=True)
class Device:
    """A session, and what is to be sent through it: (number, text)."""

    jid: str
    messages: list[tuple[str, str]]


def main() -> None:
    work = json.loads(sys.stdin.read())
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the library prints to it
    trusted = trust_patch.check(Trust(**work["trust"]))
    devices = [Device(jid, messages) for jid, messages in work["devices"].items()]
    told = _loop(trusted, work["database"], devices, keeps=work["keeps"])
    os.write(out, json.dumps(told).encode())
    os._exit(0)  # the library's threads would keep the process


def _loop(
    trusted: trust_patch.CheckedTrust, database: str, devices: list[Device], *, keeps: bool
) -> dict[str, float]:
    from waheal.host import whatsapp  # noqa: PLC0415, I001 - first: it sees that the library is known
    from neonize import client, events  # noqa: PLC0415
    from neonize.utils import log  # noqa: PLC0415
    from neonize._binder import ProxySettings, gocode  # noqa: PLC0415

    log.setLevel("WARNING")  # as a host of waheal's has it
    trust_patch.apply(trusted, Path(gocode._name))
    name = database + whatsapp.DATABASE_OPTIONS
    proxy = ProxySettings(proxy_address=trusted.proxy)
    failures: list[str] = []

    def run(device: Device) -> None:
        one = client.NewClient(name, jid=whatsapp.jid_of(device.jid))
        one.uuid = uuid.uuid4().hex.encode()  # the default is the number, shared by its devices
        up = threading.Event()
        one.event(events.ConnectedEv)(lambda _client, _event: up.set())
        if keeps:
            one.event(events.ReceiptEv)(lambda _client, _event: None)
        threading.Thread(target=one.connect, args=(proxy,), daemon=True).start()
        if not up.wait(_PATIENCE):
            failures.extend("it does not connect" for _ in device.messages)
            return
        _send_all(one, device, failures, keeps=keeps)

    threads = [threading.Thread(target=run, args=(device,)) for device in devices]
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "sent": sum(len(each.messages) for each in devices) - len(failures),
        "seconds": seconds,
        "processor": processor,
        "kernel": after.ru_stime - before.ru_stime,
        "peak": after.ru_maxrss / 1024,
    }


def _send_all(one: "NewClient", device: Device, failures: list[str], *, keeps: bool) -> None:
    from waheal.host import whatsapp  # noqa: PLC0415 - loads Go

    for phone, text in device.messages:
        try:
            to = whatsapp.jid_of(f"{phone[1:]}@s.whatsapp.net")
            one.send_message(to, text, add_msg_secret=keeps)
        except Exception as error:  # noqa: BLE001 - whatever it is, the loop has failed
            failures.append(str(error))


if __name__ == "__main__":
    main()
