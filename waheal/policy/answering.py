"""Which message a reply is to; pure.

What a person sends counts as their reply to one delivery:

1. to the message that it quotes or reacts to, if that is one of ours;
2. else to the last one that reached them, or may have, from the account that they wrote to;
3. else to the last one that did so from any other account: who was written to by one number may
   answer to another.

Who was not written to yet has nothing to reply to. Of whom only a LID was known, nobody could tell
whether they were: theirs waits for the number, and counts in any case, for the first message to
them where none of these is older. A message that is under way may turn out not to have left before
the reply came: then this is asked once more when it has landed.
"""

from collections.abc import Sequence

from waheal.correspondents import Written

MOST_TEXT = 4_096
"""Characters that are kept of a reply's text; WhatsApp takes sixteen times as many."""


def answered(
    written: Sequence[Written],
    account: str,
    *,
    quotes: str | None = None,
    last: int | None = None,
    unnamed: bool = False,
) -> Written | None:
    """Pick what a reply to `account` is to, of all that was written to the person.

    `last`: it came after that attempt, and was kept until now; `unnamed`: for want of a number.
    """
    named = [each for each in written if quotes is not None and each.message_id == quotes]
    older = [each for each in written if last is None or each.id <= last]
    own = [each for each in older if each.account == account]
    for some in (named, own, older):
        if some:
            return max(some, key=_in_time)
    return min(written, key=_in_time, default=None) if unnamed else None


def _in_time(each: Written) -> int:
    return each.id
