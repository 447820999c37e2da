"""How much work the text of one row may take; it does not know what is worked on."""

from jinja2.exceptions import SecurityError

CHARACTERS = 1 << 22
"""What a row's text may take, in characters; none takes longer than 0.1 µs."""


class Budget:
    """What is left of a row's work.

    A template has no loops, and each value in it is made once and used once. So the characters
    of the values that are made bound the time of all that is done with them.
    """

    def __init__(self) -> None:
        self._left = CHARACTERS

    def refill(self) -> None:
        """Begin with another row."""
        self._left = CHARACTERS

    def spend(self, value: object) -> object:
        """Charge a value that was made, and give it back.

        Raises: SecurityError.
        """
        self._left -= 1 + (len(value) if isinstance(value, str) else 0)
        if self._left < 0:
            raise SecurityError("it takes too much work")
        return value
