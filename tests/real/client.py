"""The test's end of `driver.py`: starts it, sends commands, keeps its events."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from waheal.sandbox.control import Control

_DRIVER = Path(__file__).with_name("driver.py")
_PATIENCE = 60.0  # seconds: the machine may be busy


class DriverError(Exception):
    """The library raised; the message is its own."""


class Neonize:
    """One process with the library in it."""

    def __init__(self, folder: Path, trust: Mapping[str, str]) -> None:
        environment = os.environ | {
            "GOMAXPROCS": "1",
            "NEONIZE_BOT_TAG": "off",
            "SSL_CERT_FILE": trust["ca"],
        }
        command = [sys.executable, str(_DRIVER), "--db", str(folder / "sessions.db")]
        command += ["--proxy", trust["proxy"], "--root", trust["noise_root"]]
        self._log = folder / "neonize.log"
        command += ["--log", str(self._log)]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._changed = threading.Condition()  # guards the two below; no I/O under it
        self._answers: dict[int, dict[str, object]] = {}
        self._events: list[dict[str, object]] = []
        self._asked = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait("Ready")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def abort(self) -> int:
        """Wait until the library has aborted its process; the process's exit code."""
        return self._process.wait(_PATIENCE)

    def log(self) -> str:
        """What the library printed so far."""
        return self._log.read_text(errors="replace")

    def ask(self, op: str, fields: Mapping[str, object]) -> int:
        """Send a command without waiting; its number."""
        with self._changed:
            self._asked += 1
            number = self._asked
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "op": op, **fields}).encode() + b"\n")
        self._process.stdin.flush()
        return number

    def answer(self, number: int, timeout: float = _PATIENCE) -> object:
        """A command's result, once it is there."""
        with self._changed:
            there = self._changed.wait_for(lambda: number in self._answers, timeout)
            assert there, f"no answer in {timeout} s; events: {self._events}"
            answer = self._answers.pop(number)
        if "error" in answer:
            raise DriverError(answer["error"])
        return answer["result"]

    def do(self, op: str, fields: Mapping[str, object], timeout: float = _PATIENCE) -> object:
        """Send a command and wait for its result."""
        return self.answer(self.ask(op, fields), timeout)

    def wait(self, event: str, wanted: Mapping[str, object] | None = None) -> dict[str, object]:
        """Take the first event of this kind out, once it is there."""

        fields = wanted or {}

        def find() -> dict[str, object] | None:
            return next(
                (
                    one
                    for one in self._events
                    if one["event"] == event and fields.items() <= one.items()
                ),
                None,
            )

        with self._changed:
            there = self._changed.wait_for(lambda: find() is not None, _PATIENCE)
            assert there, f"no {event} {wanted} in {_PATIENCE} s; events: {self._events}"
            found = find()
            assert found is not None
            self._events.remove(found)
            return found

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            row = json.loads(line)
            with self._changed:
                if "id" in row:
                    self._answers[row["id"]] = row
                else:
                    self._events.append(row)
                self._changed.notify_all()


class Paired:
    """A client of the library and the device that it was paired as."""

    def __init__(self, library: Neonize, control: Control, name: str) -> None:
        self.library, self.control, self.name = library, control, name
        self.jid = self.pair()

    def pair(self) -> str:
        self.do("pair")
        jid = self.control.phones.scan(str(self.wait("QR")["code"]))
        self.wait("Connected")
        return jid

    def do(self, op: str, fields: Mapping[str, object] | None = None) -> object:
        return self.library.do(op, {"client": self.name, **(fields or {})})

    def ask(self, op: str, fields: Mapping[str, object] | None = None) -> int:
        return self.library.ask(op, {"client": self.name, **(fields or {})})

    def send(self, to: str, text: str) -> str:
        return str(self.do("send", {"to": to, "text": text}))

    def wait(self, event: str, wanted: Mapping[str, object] | None = None) -> dict[str, object]:
        return self.library.wait(event, {"client": self.name, **(wanted or {})})
