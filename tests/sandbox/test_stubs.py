"""Modules come out of their packages without the packages being run."""

import subprocess
import sys

import pytest

from waheal.sandbox.stubs import import_behind_stub, import_from_folder_in


@pytest.mark.parametrize("name", ["pyaileys.wabinary.nothing", "no_such_package.module"])
def test_a_missing_module_is_told_and_leaves_no_stand_in(name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        import_behind_stub(name)
    assert name.partition(".")[0] not in sys.modules


def test_a_missing_module_in_a_folder_is_told_and_leaves_the_path_as_it_was() -> None:
    before = [*sys.path]
    with pytest.raises(ModuleNotFoundError):
        import_from_folder_in("neonize", "proto", "waNothing.Nothing_pb2")
    with pytest.raises(ModuleNotFoundError):
        import_from_folder_in("no_such_package", "proto", "waAdv.WAAdv_pb2")
    assert sys.path == before


def test_the_protobufs_load_without_neonize_and_without_go() -> None:
    program = (
        "import sys; from waheal.sandbox.protobufs import Message; "
        "assert Message(conversation='x').SerializeToString() == b'\\n\\x01x'; "
        "assert 'neonize' not in sys.modules; "
        "assert 'neonize-linux' not in open('/proc/self/maps').read()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
