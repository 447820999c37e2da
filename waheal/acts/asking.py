"""Reads the whole of what a `send` is asked for, so that a check refuses what that would."""

from pathlib import Path

from waheal.acts import parsing
from waheal.acts.numbers import read_phone
from waheal.acts.on_end import words_of_command
from waheal.acts.orders import SendOrder
from waheal.engine.settings import RunSettings
from waheal.model import Phone
from waheal.policy.optout import Words


def read(order: SendOrder) -> tuple[RunSettings, Words, Phone | None, Path | None]:
    """Give the settings of a run, the words of replies, a number to test with, a file for metrics.

    Raises:
        UsageError: one can't be read, or used.
    """
    test_to = None if order.test_to is None else read_phone(order.test_to, order.reading.region)
    metrics = order.metrics and parsing.output(order.metrics, "--metrics")
    words = order.replies.words()
    if order.on_end is not None:
        words_of_command(order.on_end)
    return order.settings(), words, test_to, metrics
