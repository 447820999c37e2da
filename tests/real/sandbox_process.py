"""A sandbox in a process of its own, for tests: starts, kills and starts it again."""

import json
import subprocess
import sys
from pathlib import Path

from waheal.sandbox.control import Control


class SandboxProcess:
    """One state folder and, while it runs, its server."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None
        self.trust: dict[str, str] = {}
        self.port = 0
        self.start()

    @property
    def control(self) -> Control:
        return Control(self.trust["proxy"], self.trust["token"])

    def start(self) -> None:
        """Start it, on the same port as before if there was one."""
        command = [sys.executable, "-m", "waheal.sandbox"]
        command += ["--state", str(self._state), "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.port = ready["port"]
        self.trust = json.loads(Path(ready["trust_file"]).read_text())

    def kill(self) -> None:
        """End it without a chance to save anything."""
        assert self._process is not None
        self._process.kill()
        self._gone()

    def stop(self) -> int:
        """End it as Ctrl-C would; its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._gone()

    def _gone(self) -> int:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self._process.wait(60)
