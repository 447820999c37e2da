"""Phone numbers: those set aside for fiction, and the LID of each; knows no accounts."""

import re
from collections.abc import Iterator

# A bijection on 15-digit numbers keeps LIDs derivable both ways without a table: the factor is
# coprime to ten, and a leading 1 keeps zeros from being lost.
_SPAN = 10**15
_FACTOR = 736_481_957_203_117
_INVERSE = pow(_FACTOR, -1, _SPAN)

# Area codes in service, so that number parsers take 555-0100 to 555-0199 there as possible.
# Not 313: whatsmeow takes +1 313 555-xxxx for bots (``types/jid.go``).
_AREAS = re.findall(
    r"\d+",
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 "
    "234 239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 "
    "308 309 310 312 314 315 316 317 318 319 320 321 323 325 330 334 336 337 339 347 351 "
    "352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425",
)


def lid_of(number: str) -> str:
    """Tell the LID's user part for a number of up to 15 digits, without `+`."""
    return str(_SPAN + int(number) * _FACTOR % _SPAN)


def number_of(lid: str) -> str:
    """Tell the number that `lid_of` was given.

    Raises:
        ValueError: the LID is not one of the sandbox's.
    """
    value = int(lid)
    if not _SPAN <= value < 2 * _SPAN:
        raise ValueError(f"not one of the sandbox's LIDs: {lid}")
    return str((value - _SPAN) * _INVERSE % _SPAN)


def is_number(text: str) -> bool:
    """Whether text is a number in international format, with or without `+`."""
    return re.fullmatch(r"\+?[1-9][0-9]{6,14}", text) is not None


def number_in(address: str) -> str:
    """Tell the digits of "+E164", of a bare number, or of a phone number JID."""
    return address.partition("@")[0].partition(":")[0].lstrip("+")


def fictional_numbers() -> Iterator[str]:
    """Numbers that reach nobody, digits only, from the end that samples use the least."""
    for line in reversed(range(100)):
        for area in reversed(_AREAS):
            yield f"1{area}55501{line:02d}"
    for line in reversed(range(1000)):
        yield f"447700900{line:03d}"
