"""Send WhatsApp campaigns; each message heals its device on the way.

A library as well as a command: each verb of the command line is a function here. Nothing prints,
prompts or exits; what happens is told as plain values, and what goes wrong is a `WahealError`, in
the operator's words and with a hint.

>>> import waheal
>>> home = waheal.open_home("rehearsal", sandbox=True)
>>> waheal.check(home, "campaigns/demo.csv").ok
True
>>> for event in waheal.send(home, "campaigns/demo.csv"):
...     if isinstance(event, waheal.RunFinished):
...         print(event.tally.total, event.exit_code.name)
120 OK
>>> waheal.status(home, "demo").tally[waheal.State.FAILED]
0
>>> {recipient.attempt for recipient in waheal.export(home, "demo")}
{1}

Without `sandbox` it is the real WhatsApp, through devices that `waheal devices pair` has paired.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from waheal.library import *  # noqa: F403 - the names are said there, once
else:

    def __getattr__(name: str) -> object:
        """Load the library when it is asked for: hosts and `waheal --help` need none of it."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(import_module("waheal.library"), name)

    def __dir__() -> list[str]:
        """List what there is to be used."""
        return sorted(vars(import_module("waheal.library")))
