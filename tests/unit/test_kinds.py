"""Each kind of message from its cells: what is made of them, and what is told of bad ones."""

from dataclasses import replace
from pathlib import Path

import pytest

from waheal.campaign.campaign_file import Judged, open_campaign_file
from waheal.campaign.choices import Choices
from waheal.findings import Problem
from waheal.model import Card, Content, Location, MessageKind, Phone, Planned, Poll

CHOICES = Choices(now=1_800_000_000.0, region="US")
PLACE = "phone,kind,latitude,longitude,place,address"
CARD = "phone,kind,card_name,card_phone,card_organisation,card_email"


def judge(folder: Path, header: str, *rows: str, choices: Choices = CHOICES) -> list[Judged]:
    path = folder / "campaign.csv"
    numbered = (f"+1202555{100 + number:04d},{row}" for number, row in enumerate(rows))
    path.write_text("\n".join([header, *numbered]), encoding="utf-8")
    return list(open_campaign_file(path, choices).rows())


def contents(found: list[Judged]) -> list[Content]:
    return [each.content for each in found if isinstance(each, Planned)]


def problems(found: list[Judged]) -> list[tuple[int | None, str | None]]:
    return [(each.row, each.column) for each in found if isinstance(each, Problem)]


def test_a_place_is_read_with_or_without_its_name(tmp_path: Path) -> None:
    found = judge(tmp_path, PLACE, "location,45.5122,-122.6587,Pier 7,1 Way", "Location,-90,180,,")
    assert contents(found) == [
        Content("", Location(45.5122, -122.6587, "Pier 7", "1 Way")),
        Content("", Location(-90.0, 180.0)),
    ]
    assert not problems(found)


def test_a_decimal_comma_is_a_point(tmp_path: Path) -> None:
    (found,) = contents(judge(tmp_path, PLACE, 'location,"52,5200","13,4050",,'))
    assert found.body == Location(52.52, 13.405)


@pytest.mark.parametrize("names", ["Latitude,LONGITUDE", "lat,lng", "lat,lon"])
def test_coordinates_are_found_as_exports_call_them(tmp_path: Path, names: str) -> None:
    (found,) = contents(judge(tmp_path, f"phone,kind,{names}", "location,1.5,2.5"))
    assert found.body == Location(1.5, 2.5)


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ("91,0.5,,", ["latitude"]),
        ("-90.0001,0.5,,", ["latitude"]),
        ("1,180.5,,", ["longitude"]),
        ("north,east,,", ["latitude", "longitude"]),
        ("nan,inf,,", ["latitude", "longitude"]),
        ("1e1,2,,", ["latitude"]),
        ("52°31'N,13,,", ["latitude"]),
        (",,Pier 7,", ["latitude", "longitude"]),
        ("0,0,,", ["latitude"]),
        (f"1,2,{'x' * 257},", ["place"]),
    ],
)
def test_a_bad_place_is_told_by_row_and_column(
    tmp_path: Path, cells: str, columns: list[str]
) -> None:
    assert problems(judge(tmp_path, PLACE, f"location,{cells}")) == [(2, each) for each in columns]


def test_a_place_without_its_columns_says_what_is_missing(tmp_path: Path) -> None:
    found = judge(tmp_path, "phone,kind", "location")
    assert problems(found) == [(2, None), (2, None)]
    assert all("no such column" in each.problem for each in found if isinstance(each, Problem))


def test_a_card_needs_a_name_and_a_way_to_be_reached(tmp_path: Path) -> None:
    found = judge(
        tmp_path, CARD, "card,Ana,(503) 555-0185,Harbor; Tours,ana@example.org", "card,Bo,,,b@c.de"
    )
    assert contents(found) == [
        Content("", Card("Ana", Phone("+15035550185"), "Harbor; Tours", "ana@example.org")),
        Content("", Card("Bo", None, "", "b@c.de")),
    ]


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        (",5035550185,,", ["card_name"]),
        ("Ana,,,", ["card_phone"]),
        ("Ana,12,,", ["card_phone"]),
        ("Ana,5035550185,,ana", ["card_email"]),
        ("Ana,,,ana@b", ["card_email"]),
        ("Ana,,,ana@example.org bo@example.org", ["card_email"]),
        (",,,", ["card_name", "card_phone"]),
    ],
)
def test_a_bad_card_is_told_by_row_and_column(
    tmp_path: Path, cells: str, columns: list[str]
) -> None:
    assert problems(judge(tmp_path, CARD, f"card,{cells}")) == [(2, each) for each in columns]


def test_an_unknown_kind_is_told_with_the_ones_that_there_are(tmp_path: Path) -> None:
    found = judge(tmp_path, "phone,kind,message", "loction,Hi", ",Hi", "text,Hi")
    assert problems(found) == [(2, "kind")]
    assert len(contents(found)) == 2
    (told,) = (each for each in found if isinstance(each, Problem))
    assert told.hint is not None
    assert told.hint.startswith("meant 'location'?")


def test_words_that_a_kind_can_not_carry_are_told_where_they_stand(tmp_path: Path) -> None:
    header = "phone,kind,latitude,longitude,message,caption,media"
    found = judge(tmp_path, header, "location,1,2,Hi,,", "location,1,2,,Look,", "location,1,2,,,a")
    assert problems(found) == [(2, "message"), (3, "caption"), (4, "media")]


def test_one_kind_for_all_is_said_once_and_a_cell_wins(tmp_path: Path) -> None:
    every = replace(CHOICES, kind=MessageKind.LOCATION)
    found = judge(tmp_path, "phone,kind,latitude,longitude,message", ",1,2,", "text,,,Hi",
                  choices=every)  # fmt: skip
    assert contents(found) == [Content("", Location(1.0, 2.0)), Content("Hi")]


def test_a_text_for_all_is_no_text_of_places(tmp_path: Path) -> None:
    both = replace(CHOICES, kind=MessageKind.LOCATION, message="We are here")
    assert problems(judge(tmp_path, "phone,latitude,longitude", "1,2", choices=both)) == [(2, None)]
    mixed = replace(CHOICES, message="Hi")
    found = judge(tmp_path, "phone,kind,latitude,longitude", "location,1,2", ",,", choices=mixed)
    assert contents(found) == [Content("", Location(1.0, 2.0)), Content("Hi")]


def test_a_text_names_no_file_and_media_needs_one(tmp_path: Path) -> None:
    found = judge(tmp_path, "phone,kind,media,message", "text,a.png,Hi", "media,,Hi", "text,,Hi")
    assert problems(found) == [(2, "media"), (3, "media")]


def test_the_columns_of_a_kind_stay_variables(tmp_path: Path) -> None:
    chosen = replace(CHOICES, message="{{ place }}: {{ latitude }}")
    found = judge(tmp_path, "phone,latitude,longitude,place", "1.5,2,Pier", choices=chosen)
    assert contents(found) == [Content("Pier: 1.5")]


def test_another_kind_for_all_is_another_reading_of_the_file() -> None:
    assert CHOICES.fingerprint() != replace(CHOICES, kind=MessageKind.CARD).fingerprint()


POLL = "phone,kind,message,option_1,option_2,Option 3,answers"


def test_a_poll_is_its_question_and_its_options(tmp_path: Path) -> None:
    found = judge(
        tmp_path, POLL, "poll,When?,Today, Tomorrow ,,", "poll,Why?,a,,b,any", "poll,Who?,a,b,c,2"
    )
    assert contents(found) == [
        Content("When?", Poll(("Today", "Tomorrow"), 1)),
        Content("Why?", Poll(("a", "b"), 0)),
        Content("Who?", Poll(("a", "b", "c"), 2)),
    ]


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        (",a,b,,", ["message"]),
        (f"{'x' * 256},a,b,,", ["message"]),
        ("When?,a,,,", ["option_2"]),
        ("When?,,,,", ["option_1"]),
        ("When?,a,a,b,", ["option_2"]),
        (f"When?,a,{'x' * 101},,", ["option_2"]),
        ('When?,a,"b\nc",,', ["option_2"]),
        ("When?,a,b,,3", ["answers"]),
        ("When?,a,b,,0", ["answers"]),
        ("When?,a,b,,many", ["answers"]),
        (",a,,,", ["message", "option_2"]),
    ],
)
def test_a_bad_poll_is_told_by_row_and_column(
    tmp_path: Path, cells: str, columns: list[str]
) -> None:
    assert problems(judge(tmp_path, POLL, f"poll,{cells}")) == [(2, each) for each in columns]


def test_a_thirteenth_option_is_told_and_a_file_has_no_place(tmp_path: Path) -> None:
    names = ",".join(f"option_{number}" for number in range(1, 14))
    header = f"phone,kind,message,media,{names}"
    letters = ",".join("abcdefghijklm")
    found = judge(tmp_path, header, f"poll,Q,,{letters}", f"poll,Q,x.png,{letters[:-2]},")
    assert problems(found) == [(2, "option_13"), (3, "media")]


@pytest.mark.parametrize("kind", [MessageKind.TEXT, MessageKind.POLL, MessageKind.LOCATION])
def test_a_file_for_all_is_no_file_of_what_carries_none(tmp_path: Path, kind: MessageKind) -> None:
    ticket = Path(__file__).parents[2] / "campaigns" / "media" / "ticket.png"
    both = replace(CHOICES, kind=kind, media=ticket)
    header = "phone,message,option_1,option_2,latitude,longitude"
    words = "" if kind is MessageKind.LOCATION else "Hi"
    found = judge(tmp_path, header, f"{words},a,b,1,2", choices=both)
    assert problems(found) == [(2, None)]
