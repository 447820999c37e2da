"""Import one module of a package without running the package; knows no package's contents."""

import sys
import types
from importlib import import_module, invalidate_caches
from importlib.util import find_spec


def _folders(package: str) -> list[str]:
    spec = find_spec(package)
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"no package named {package!r}", name=package)
    return list(spec.submodule_search_locations)


def import_behind_stub(name: str) -> types.ModuleType:
    """Import the dotted name while every package above it is an empty stand-in.

    The stand-ins are taken out again, so that the package itself can still be imported later.

    Raises:
        ModuleNotFoundError: the package, or the module in it, is not installed.
    """
    parents = name.split(".")[:-1]
    if parents[0] in sys.modules:
        return import_module(name)
    placed: list[str] = []
    try:
        for depth in range(1, len(parents) + 1):
            package = ".".join(parents[:depth])
            stand_in = types.ModuleType(package)
            stand_in.__path__ = _folders(package)
            sys.modules[package] = stand_in
            placed.append(package)
        return import_module(name)
    finally:
        for package in placed:
            del sys.modules[package]


def import_from_folder_in(package: str, folder: str, name: str) -> types.ModuleType:
    """Import name as a top-level module from a folder inside package, running nothing of package.

    neonize's protobuf modules import each other by top-level names, so this is how they load
    without Go.

    Raises:
        ModuleNotFoundError: the package, or the module in it, is not installed.
    """
    paths = [f"{path}/{folder}" for path in _folders(package)]
    sys.path[:0] = paths
    invalidate_caches()
    try:
        return import_module(name)
    finally:
        for path in paths:
            sys.path.remove(path)
