"""A real client that is slow to hear what its library tells; what it hears goes to a test."""

import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from waheal.host import translation, trust_patch
from waheal.host.client import TextCame
from waheal.host.whatsapp import Library, LibraryClient


def main(channel: Connection) -> None:
    database, trust, jid = channel.recv()
    library = Library(Path(database), trust_patch.check(trust))
    library.bring_database_up_to_date()
    go_on = Flag()

    def handle(code: int, data: bytes) -> None:
        if isinstance(text := translation.news(code, data), TextCame):
            channel.send(text.text)
            go_on.wait()

    client = LibraryClient(library, handle, lambda _error: None)
    client.start(jid)
    while True:
        match channel.recv():
            case "stop":
                Thread(target=client.stop, args=(0.0,)).start()
            case "hang up":
                client.hang_up(30.0)
                channel.send("hung up")
            case "go on":
                go_on.set()
                client.gone.wait()
                channel.send("gone")
            case "again":
                client = LibraryClient(library, handle, lambda _error: None)
                client.start(jid)
            case _:
                os._exit(0)


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])))
