"""A copy of the installed neonize in which the library's file can be another, or missing."""

from importlib.util import find_spec
from pathlib import Path


def copy_neonize(folder: Path, library: str) -> Path:
    """Link the installed package into `folder`, all but its library; where that is to stand."""
    spec = find_spec("neonize")
    assert spec is not None
    assert spec.origin is not None
    package = folder / "neonize"
    package.mkdir()
    for each in Path(spec.origin).parent.iterdir():
        if each.suffix != ".so" and each.name != "__pycache__":
            (package / each.name).symlink_to(each)
    return package / library
