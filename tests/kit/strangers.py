"""Somebody else's server: it says the same to whoever comes, whatever was asked."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PATIENCE = 5.0  # seconds for one who asks to say all, and to have read all


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Give the port of one who answers each connection's first words with `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer_all, args=(listener, answer))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _answer_all(listener: socket.socket, answer: bytes) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:  # shut down: nobody comes any more
            return
        with peer, suppress(OSError):  # whoever asked may have had enough
            peer.settimeout(_PATIENCE)
            peer.recv(1 << 16)
            peer.sendall(answer)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(1 << 16):  # words left unread at a close would take the answer back
                pass
