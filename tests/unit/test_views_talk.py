"""Lines to a stream whose reader may be slow or gone."""

import os
import select
import threading
from types import SimpleNamespace

import pytest

from tests.kit.streams import SMALL, Reader, small_pipe
from waheal.views import talk as module
from waheal.views.talk import Talk

LINE = "x" * 99 + "\n"


def said(talk: Talk, lines: int) -> int:
    """Say so many numbered lines; gives how many were taken."""
    return sum(talk.say(f"{number:099}\n") for number in range(lines))


def test_lines_are_written_in_order_while_somebody_reads() -> None:
    with small_pipe() as (source, stream):
        reader, talk = Reader(source), Talk(stream)
        assert said(talk, 1000) == 1000
        assert talk.close()
        stream.close()
        assert [int(line) for line in reader.lines()] == list(range(1000))


def test_nobody_who_speaks_waits_for_a_reader_and_none_of_it_is_lost() -> None:
    with small_pipe() as (source, stream):
        talk = Talk(stream)
        assert said(talk, 1000) == 1000  # far more than the pipe holds, and nobody reads
        assert talk.behind
        reader = Reader(source)
        assert talk.close()
        assert not talk.behind
        stream.close()
        assert len(reader.lines()) == 1000


def test_what_waits_is_bounded_and_what_is_left_out_is_one_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ROOM", 20_000)
    with small_pipe() as (source, stream):
        talk = Talk(stream)
        taken = said(talk, 1000)
        assert 200 <= taken <= (20_000 + SMALL) // 100
        assert talk.say("the end\n", always=True)
        reader = Reader(source)
        assert talk.flush()
        assert talk.say("again\n")
        talk.close()
        stream.close()
    *lines, end, again = reader.lines()
    assert [int(line) for line in lines] == list(range(taken))
    assert (end, again) == ("the end", "again")


def test_a_reader_that_takes_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with small_pipe() as (_, stream):
        talk = Talk(stream)
        said(talk, 1000)
        assert not talk.close()


def test_a_reader_that_takes_a_little_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 10)
    with small_pipe() as (source, stream):
        talk, waits = Talk(stream), list[int]()
        said(talk, 600)

        class Reached(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                """Let the patience run out again and again, the reader having taken a little."""
                assert timeout == module.PATIENCE
                waits.append(had := talk._written)
                while talk._written == had and not self.is_set():
                    if select.select([source], [], [], 0.01)[0]:
                        os.read(source.fileno(), 1000)
                return self.is_set()

        here = SimpleNamespace(Event=Reached)
        monkeypatch.setattr(module, "threading", here)
        assert talk.close()
        assert len(waits) > 10


def test_a_stream_that_another_program_made_non_blocking_loses_nothing() -> None:
    with small_pipe() as (source, stream):
        os.set_blocking(stream.fileno(), False)
        talk = Talk(stream)
        assert said(talk, 1000) == 1000
        reader = Reader(source)
        assert talk.close()
        stream.close()
        assert len(reader.lines()) == 1000


def test_a_stream_that_broke_is_left_alone() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        talk = Talk(stream)
        talk.say("one\n")
        assert not talk.close()
        assert isinstance(talk.lost, BrokenPipeError)
        assert not talk.say("two\n")


def test_its_thread_ends_with_it() -> None:
    before = threading.active_count()
    with small_pipe() as (source, stream):
        talk = Talk(stream)
        talk.say(LINE)
        talk.close()
        stream.close()
        assert source.read() == LINE.encode()
    deadline = threading.Event()
    for _ in range(1000):
        if threading.active_count() <= before:
            return
        deadline.wait(0.01)
    assert threading.active_count() <= before


def test_it_speaks_without_a_thread_where_there_can_be_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    reading, writing = os.pipe()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with open(writing, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor's
        talk = Talk(stream)
        assert talk.say("error: something\n")
        assert talk.close()
    with open(reading, encoding="utf-8") as said:  # noqa: PTH123 - likewise
        assert said.read() == "error: something\n"
