"""Draws curves as SVG for a page: its colours are the page's, and it loads nothing; knows no HTML.

leather draws on our side, and from it come lines, axes and labels. What it says of colours and
fonts the page's style sheet overrides, which has others in the dark; the page has a key of its own.
"""

from datetime import tzinfo
from decimal import Decimal
from itertools import count
from xml.etree import ElementTree as ET

from leather import Chart

from waheal.reckoning.curves import Curves, ticks
from waheal.views import words

_WIDTH, _HEIGHT = 720, 320
_SHOWN = "-20 42 760 262"  # without what leather leaves for a title and a key; a last label ends it
_TICKS = 5  # that a telephone has room for


def drawn(curves: Curves, label: str, zone: tzinfo | None) -> str:
    """Draw a line for each of the curves, in their order; `label` says in words what is seen.

    Each line is a `g` of the class `series`, and of the curve's name.
    """
    edges, heights = curves.edges, scale(max(counts[-1] for counts in curves.lines.values()))
    span = edges[-1] - edges[0]
    named = ticks(curves, _TICKS, zone)
    across = [_percent(edge - edges[0], span) for edge in edges]
    # In per cent: leather would round other bounds outward, and leave a part of the chart empty.
    chart = Chart()
    chart.add_x_scale(0, 100)
    chart.add_x_axis(
        [across[place] for place in named],
        lambda _across, at, _ticks: words.tick(edges[named[at]], span, zone),
    )
    chart.add_y_scale(0, 100)
    chart.add_y_axis(
        [_percent(height, heights[-1]) for height in heights],
        lambda _up, at, _ticks: words.count(heights[at]),
    )
    for name, counts in curves.lines.items():
        up = (_percent(number, heights[-1]) for number in (0, *counts))
        chart.add_line(list(zip(across, up, strict=True)), name=name)
    picture = ET.Element("svg", viewBox=_SHOWN, role="img")
    picture.set("aria-label", label)
    picture.append(_plain(chart.to_svg_group(_WIDTH, _HEIGHT), list(curves.lines)))
    return ET.tostring(picture, encoding="unicode")


def _percent(part: float, whole: float) -> Decimal:
    return round(100 * Decimal(part) / Decimal(whole), 2)


def scale(top: int) -> list[int]:
    """Give whole, round numbers from 0 to what is not below `top`, six at most."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(each for each in steps if each * 5 >= top)
    return [step * place for place in range(-(-top // step) + 1)]


def _plain(group: ET.Element, names: list[str]) -> ET.Element:
    """Take background and key out, which the page has, and give each line its name."""
    background, body = group
    group.remove(background)
    body.remove(body[0])
    lines = group.iterfind(".//g[@class='series lines']")
    for name, line in zip(names, lines, strict=True):
        line.set("class", f"series {name}")
    return group
