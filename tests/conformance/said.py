"""What the real server is known to say, and what waheal must make of it."""

from dataclasses import dataclass

WHATSMEOW = (
    "https://github.com/tulir/whatsmeow/blob/33cfac5116293e4cb86f8e4099e8eaf6de7ebc08/{}".format
)
BAILEYS = (
    "https://github.com/WhiskeySockets/Baileys/blob/0043f8be214d92b937ae215c0f4c47953516870f/src/{}"
).format
ZAPO = "https://github.com/vinikjkkj/zapo/blob/9a49e1fffdec8bbfae14cd64c98ffa88c36ef13e/{}".format


@dataclass(frozen=True, slots=True)
class Said:
    """One stanza of the server's, in the notation of `notation.py`, and where it is known from.

    `text` is what a contact's phone seals into its `<enc>`. `makes` is what the host tells its
    coordinator of it, in the words of `player.py`: mostly nothing.
    """

    name: str
    source: str
    stanza: str
    makes: tuple[str, ...] = ()
    text: str | None = None
