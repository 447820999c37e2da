"""A client's life: its states, and who waits for them."""

from threading import Thread

from waheal.host.life import Death, Down, Life, LifeState, Up


def test_waiting_ends_when_it_is_up() -> None:
    life = Life()
    found: list[bool] = []
    waiting = Thread(target=lambda: found.append(life.wait_up(60)))
    waiting.start()
    life.apply(Up())
    waiting.join()
    assert found == [True]


def test_waiting_ends_when_it_is_dead() -> None:
    life = Life()
    assert life.apply(Death("gone"))
    assert not life.wait_up(60)


def test_it_dies_once() -> None:
    life = Life()
    assert life.apply(Death("first"))
    assert not life.apply(Death("second"))
    life.apply(Up())
    life.apply(Down("x"))
    life.doubt("x")
    assert (life.state, life.cause, life.death) == (LifeState.DEAD, "first", Death("first"))


def test_a_doubt_yields_to_what_an_event_said() -> None:
    life = Life()
    life.apply(Up())
    life.apply(Down("connection lost"))
    life.doubt("a send failed")
    assert (life.state, life.cause) == (LifeState.DOWN, "connection lost")
    life.apply(Up())
    life.doubt("a send failed")
    assert life.state is LifeState.DOUBTED
    assert not life.wait_up(0)
    life.apply(Up())
    assert (life.state, life.cause) == (LifeState.UP, "")


def test_what_changes_nothing_is_no_loss() -> None:
    life = Life()
    life.apply(Up())
    assert not life.apply(None)
    assert (life.state, life.losses) == (LifeState.UP, 0)


def test_a_late_event_is_waited_for() -> None:
    life = Life()
    life.apply(Up())
    before = life.losses
    assert not life.wait_lost(before, 0)
    late = Thread(target=life.apply, args=(Down("connection lost"),))
    late.start()
    assert life.wait_lost(before, 60)
    late.join()
