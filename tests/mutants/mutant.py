"""A mutant: one small wrong in one file, and the tests that must find it; runs nothing."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mutant:
    """`old`, which stands in `file` once, becomes `new`: then `promise` is broken.

    At least one of `tests` (files or single tests) must fail. `equivalent`: why none can.
    """

    id: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    promise: str
    equivalent: str | None = None

    @property
    def module(self) -> str:
        """The first part of its id: the file's name."""
        return Path(self.file).stem


@dataclass(frozen=True, slots=True)
class Ground:
    """A file that is changed, and the tests that hold it unless a mutant names its own."""

    file: str
    tests: tuple[str, ...]

    def mutant(
        self,
        name: str,
        promise: str,
        old: str,
        new: str,
        *,
        tests: tuple[str, ...] = (),
        equivalent: str | None = None,
    ) -> Mutant:
        """Make a mutant of this file; `name` tells what it does."""
        return Mutant(
            f"{Path(self.file).stem}.{name}",
            self.file,
            old,
            new,
            tests or self.tests,
            promise,
            equivalent,
        )
