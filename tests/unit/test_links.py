"""Link previews: the operator's file, and which texts have it."""

from dataclasses import replace
from pathlib import Path

import pytest

from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.campaign.links import PREVIEWS, first_link, is_address, read_link
from waheal.campaign.media import Unusable
from waheal.findings import Problem
from waheal.model import Content, LinkPreview, Planned

TICKET = Path(__file__).parents[2] / "campaigns" / "media" / "ticket.png"
OFFER = 'title = "Spring sale"\ntext = "Until Friday"\n'


@pytest.fixture
def offer(tmp_path: Path) -> Path:
    (tmp_path / "sale.png").write_bytes(TICKET.read_bytes())
    path = tmp_path / "offer.toml"
    path.write_text(OFFER + 'picture = "sale.png"\n')
    return path


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://example.org/a?b=c#d.", "https://example.org/a?b=c#d"),
        ("(HTTP://example.org) and https://other.example", "HTTP://example.org"),
        ("„https://example.org“!", "https://example.org"),
        ("example.org, mail a@example.org", None),
        ("https:// nothing", None),
    ],
)
def test_the_first_link_is_found_without_what_ends_its_sentence(
    text: str, link: str | None
) -> None:
    assert first_link(text) == link


def test_an_address_is_told_from_a_path() -> None:
    assert is_address("https://example.org/a")
    assert not any(map(is_address, ("offer.toml", "/a/offer.toml", "see https://example.org")))


def test_a_preview_is_what_its_file_says(offer: Path) -> None:
    link = read_link(offer, None)
    assert isinstance(link, LinkPreview)
    assert (link.url, link.title, link.text) == ("", "Spring sale", "Until Friday")
    assert link.picture is not None
    assert link.picture.path == str(offer.parent / "sale.png")


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("", "is no preview"),
        ("title = 'x'\ntitel = 'y'", "says 'titel'"),
        ("title = 7", "title in"),
        ("title = 'a\\u0000b'", "is no text"),
        (f"title = '{'x' * 257}'", "is no preview"),
        ("title = 'x'\nurl = 'example.org'", "is no link"),
        ("title = 'x'\npicture = 'gone.png'", "there is no file"),
        ("title = 'x'\npicture = 'offer.toml'", "the picture 'offer.toml' is"),
        ("title", "is no TOML"),
    ],
)
def test_a_bad_file_of_a_preview_is_told(offer: Path, told: str, problem: str) -> None:
    offer.write_text(told.replace("'a\\u0000b'", '"a\\u0000b"'))
    found = read_link(offer, None)
    assert isinstance(found, Unusable)
    assert problem in found.problem


def test_nothing_of_the_home_is_a_picture_but_what_was_fetched(offer: Path) -> None:
    home = offer.parent
    assert isinstance(read_link(offer, home), Unusable)
    kept = home / PREVIEWS
    kept.mkdir()
    (kept / "a.toml").write_text(offer.read_text())
    (kept / "sale.png").write_bytes(TICKET.read_bytes())
    assert isinstance(read_link(kept / "a.toml", home), LinkPreview)


def contents(offer: Path, *texts: str) -> list[Content]:
    path = offer.parent / "c.csv"
    rows = (f'+1202555{100 + number:04d},"{text}"' for number, text in enumerate(texts))
    path.write_text("\n".join(["phone,message", *rows]))
    found = list(open_campaign_file(path, Choices(now=0.0, preview=offer)).rows())
    assert not [each for each in found if isinstance(each, Problem)]
    return [each.content for each in found if isinstance(each, Planned)]


def test_a_text_with_a_link_has_the_preview_and_one_without_has_none(offer: Path) -> None:
    with_link, without = contents(offer, "see https://a.example, and https://b.example", "hello")
    assert isinstance(with_link.body, LinkPreview)
    assert with_link.body.url == "https://a.example"
    assert without == Content("hello")


def test_a_preview_of_one_link_is_no_other_ones(offer: Path) -> None:
    offer.write_text(OFFER + 'url = "https://a.example"')
    own, other = contents(offer, "https://a.example", "https://b.example https://a.example")
    assert (own.body is None, other.body is None) == (False, True)


def test_a_bad_preview_stops_the_campaign_and_another_is_another_reading(offer: Path) -> None:
    path = offer.parent / "c.csv"
    path.write_text("phone,message\n+12025550100,https://a.example\n")
    choices = Choices(now=0.0, preview=offer)
    digest = open_campaign_file(path, choices).digest
    offer.write_text(OFFER)
    assert open_campaign_file(path, choices).digest != digest
    gone = replace(choices, preview=offer.parent / "gone.toml")
    (problem, *_) = open_campaign_file(path, gone).findings
    assert problem.problem.startswith("--preview: ")
