"""One sandbox and one process with the real library for each module of tests."""

from collections.abc import Iterator

import pytest

from tests.real.client import Neonize, Paired
from tests.real.sandbox_process import SandboxProcess
from waheal.sandbox.control import Control


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox"))
    yield process
    process.stop()


@pytest.fixture
def control(sandbox: SandboxProcess) -> Iterator[Control]:
    yield sandbox.control
    sandbox.control.faults.clear()  # of the server that runs now: each has a token of its own


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxProcess) -> Iterator[Neonize]:
    library = Neonize(tmp_path_factory.mktemp("library"), sandbox.trust)
    yield library
    library.close()


@pytest.fixture(scope="module")
def device(library: Neonize, sandbox: SandboxProcess) -> Paired:
    return Paired(library, sandbox.control, "one")
