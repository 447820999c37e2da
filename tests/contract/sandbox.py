"""A sandbox server in a process of its own, for tests that drive the real library."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from waheal.model import Trust
from waheal.sandbox.control import Control


@dataclass(frozen=True, slots=True)
class Sandbox:
    trust: Trust
    control: Control


@contextmanager
def sandbox(state: Path) -> Iterator[Sandbox]:
    process = subprocess.Popen(
        [sys.executable, "-m", "waheal.sandbox", "--state", str(state)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        try:
            ready = json.loads(process.stdout.readline())
            told = json.loads(Path(ready["trust_file"]).read_text())
            trust = Trust(told["proxy"], told["ca"], told["noise_root"], told["token"])
            yield Sandbox(trust, Control(trust.proxy, trust.token))
        finally:
            process.terminate()
            process.wait()
