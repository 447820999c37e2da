"""One sandbox and one process with the real library for each module of tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the two modules beside this one

from client import Neonize
from sandbox_process import SandboxProcess

from waheal.sandbox.control import Control


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox"))
    yield process
    process.stop()


@pytest.fixture
def control(sandbox: SandboxProcess) -> Iterator[Control]:
    control = sandbox.control
    yield control
    control.clear_faults()


@pytest.fixture(scope="module")
def library(
    tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess
) -> Iterator[Neonize]:
    library = Neonize(tmp_path_factory.mktemp("library"), sandbox.trust)
    yield library
    library.close()


class Paired:
    """A client of the library and the device that it was paired as."""

    def __init__(self, library: Neonize, control: Control, name: str) -> None:
        self.library, self.control, self.name = library, control, name
        self.jid = self.pair()

    def pair(self) -> str:
        self.do("pair")
        jid = self.control.scan(str(self.wait("QR")["code"]))
        self.wait("Connected")
        return jid

    def do(self, op: str, **fields: object) -> object:
        return self.library.do(op, {"client": self.name, **fields})

    def ask(self, op: str, **fields: object) -> int:
        return self.library.ask(op, {"client": self.name, **fields})

    def send(self, to: str, text: str) -> str:
        return str(self.do("send", to=to, text=text))

    def wait(self, event: str, **wanted: object) -> dict[str, object]:
        return self.library.wait(event, client=self.name, **wanted)


@pytest.fixture(scope="module")
def device(library: Neonize, sandbox: SandboxProcess) -> Paired:
    return Paired(library, sandbox.control, "one")
