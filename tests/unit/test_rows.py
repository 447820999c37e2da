from dataclasses import replace
from pathlib import Path

import pytest

from waheal.campaign.campaign_file import Judged, open_campaign_file
from waheal.campaign.choices import Choices
from waheal.findings import Caution, Problem
from waheal.model import Content, DeviceId, MediaKind, MessageKind, Planned

NOW = 1_800_000_000.0  # 2027-01-15
CHOICES = Choices(now=NOW, message="Hi", region="US")
TICKET = Path(__file__).parents[2] / "campaigns" / "media" / "ticket.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ticket.png").write_bytes(TICKET.read_bytes())
    (tmp_path / "voice.ogg").write_bytes((TICKET.parent / "hello.ogg").read_bytes())
    return tmp_path


def judge(folder: Path, text: str, choices: Choices = CHOICES) -> list[Judged]:
    path = folder / "campaign.csv"
    path.write_bytes(text.encode())
    if "message" in text.partition("\n")[0]:
        choices = replace(choices, message=None)
    return list(open_campaign_file(path, choices).rows())


def planned(found: list[Judged]) -> list[Planned]:
    return [finding for finding in found if isinstance(finding, Planned)]


def problems(found: list[Judged]) -> list[tuple[int | None, str | None]]:
    return [(f.row, f.column) for f in found if isinstance(f, Problem)]


def warnings(found: list[Judged]) -> list[tuple[int | None, str | None]]:
    return [(f.row, f.column) for f in found if isinstance(f, Caution)]


def test_a_good_row_is_planned_and_nothing_else(folder: Path) -> None:
    assert judge(folder, "phone\n+12025550100\n") == [Planned(2, "+12025550100", Content("Hi"))]  # type: ignore[arg-type] # a literal number


def test_every_problem_of_a_row_is_told_at_once(folder: Path) -> None:
    found = judge(
        folder,
        "Phone,name,city,device,send_after,Expires\nx,,,gone,never,soon\n",
        replace(CHOICES, message="{{ name }} {{ city }}", known_devices=frozenset()),
    )
    columns = {column for _, column in problems(found)}
    assert columns == {"Phone", "name", "city", "device", "send_after", "Expires"}
    assert not planned(found)


def test_a_second_row_of_one_number_names_the_first(folder: Path) -> None:
    found = judge(folder, "phone\n+12025550100\n(202) 555-0100\n2025550100\n")
    assert problems(found) == [(3, "phone"), (4, "phone")]
    assert all("row 2" in f.problem for f in found if isinstance(f, Problem))


def test_another_spelling_of_one_number_is_its_second_row(folder: Path) -> None:
    assert problems(judge(folder, "phone\n+5215512345678\n+525512345678\n")) == [(3, "phone")]


def test_a_row_with_more_cells_than_the_header_is_a_problem(folder: Path) -> None:
    assert problems(judge(folder, "phone,name\n+12025550100,a,b\n")) == [(2, None)]


def test_surplus_cells_that_are_empty_hold_nothing(folder: Path) -> None:
    found = judge(folder, "phone,name\n+12025550100,a,\n+12025550101,b,, ,\n")
    assert [row.phone for row in planned(found)] == ["+12025550100", "+12025550101"]
    assert len(found) == 2


def test_what_such_cells_hold_is_not_told_one_by_one(folder: Path) -> None:
    assert problems(judge(folder, "phone,a\n+12025550100,b,\x01,\x01\n")) == [(2, None)]


def test_a_row_with_fewer_cells_has_empty_ones(folder: Path) -> None:
    choices = replace(CHOICES, message="Hi {{ name|default('you') }}")
    (row,) = planned(judge(folder, "phone,name\n+12025550100\n", choices))
    assert row.content.text == "Hi you"


def test_blank_rows_do_not_count_but_take_their_number(folder: Path) -> None:
    found = judge(folder, "phone,name\n\n,\n  ,\n+12025550100,a\n")
    assert [row.row for row in planned(found)] == [5]
    assert not problems(found)


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x85"])
def test_a_control_character_is_told_with_its_column(folder: Path, character: str) -> None:
    found = judge(folder, f"phone,name\n+12025550100,a{character}b\n+12025550101,a\tb\n")
    assert problems(found) == [(2, "name")]


@pytest.mark.parametrize(
    "escape", ["\\x00", "\\x1b[2J", "\\x9b", "\\ud83d", "\\u202e", "\\u202d", "\\N{ESCAPE}"]
)
def test_a_templates_own_text_is_judged_as_a_cell_is(folder: Path, escape: str) -> None:
    template = f'{{{{ "a{escape}"|trim }}}} {{{{ name }}}}'
    found = judge(folder, "phone,name\n+12025550100,Ann\n", replace(CHOICES, message=template))
    assert (problems(found), planned(found)) == ([(2, None)], [])
    cell = template.replace('"', '""')
    found = judge(folder, f'phone,name,message\n+12025550100,Ann,"{cell}"\n')
    assert (problems(found), planned(found)) == ([(2, "message")], [])
    found = judge(folder, f'phone,name,media,message\n+12025550100,Ann,ticket.png,"{cell}"\n')
    assert (problems(found), planned(found)) == ([(2, "message")], [])


@pytest.mark.parametrize("odd", ["\0", "\x1b[2J", "\udcff", "\u202e"])
def test_the_footer_and_the_text_for_all_are_judged_as_a_cell_is(folder: Path, odd: str) -> None:
    for more in (replace(CHOICES, opt_out_footer=f"STOP{odd}"), replace(CHOICES, message=odd)):
        found = judge(folder, "phone\n+12025550100\n", more)
        assert [(f.row, f.skippable) for f in found if isinstance(f, Problem)] == [(None, False)]


def test_a_number_may_be_pasted_with_the_marks_that_contacts_put_round_it(folder: Path) -> None:
    text = "phone,name\n\u202d+1 (202) 555-0100\u202c,Ann\n+12025550101,\u202eAnn\n"
    found = judge(folder, text)
    assert [each.phone for each in planned(found)] == ["+12025550100"]
    assert problems(found) == [(3, "name")]


def test_what_a_cell_holds_is_not_told_at_length(folder: Path) -> None:
    known = replace(CHOICES, known_devices=frozenset())
    long = "x" * 100_000
    found = judge(folder, f"phone,device,media\n+12025550100,{long},{long}\n", known)
    found += judge(folder, f"phone,message\n+12025550100,{{{{ {long} }}}}\n", known)
    told = [f"{f.column} {f.problem} {f.hint}" for f in found if isinstance(f, Problem)]
    assert len(told) == 3
    assert max(map(len, told)) < 1500


def test_stray_bytes_in_utf_8_are_told_with_their_column(folder: Path) -> None:
    path = folder / "campaign.csv"
    path.write_bytes("phone,name\n+12025550100,Zoë é\n+12025550101,".encode() + b"\xff\n")
    assert problems(list(open_campaign_file(path, CHOICES).rows())) == [(3, "name")]


def test_a_message_cell_is_its_rows_template_and_no_other_cell_is(folder: Path) -> None:
    text = 'phone,name,message\n+12025550100,{{ 7*7 }},"{{ name }} {{ 7*7 }}"\n'
    (row,) = planned(judge(folder, text, replace(CHOICES, message=None)))
    assert row.content.text == "{{ 7*7 }} 49"


def test_a_message_cell_that_is_empty_or_no_template_is_a_problem(folder: Path) -> None:
    text = "phone,message\n+12025550100,\n+12025550101,{{ \n+12025550102, \n"
    found = judge(folder, text, replace(CHOICES, message=None))
    assert problems(found) == [(2, "message"), (3, "message"), (4, "message")]


def test_a_text_that_is_too_long_names_the_cell_to_blame(folder: Path) -> None:
    long = "x" * 65_537
    found = judge(folder, f"phone,message\n+12025550100,{long}\n", replace(CHOICES, message=None))
    assert problems(found) == [(2, "message")]
    choices = replace(CHOICES, message="{{ a }}{{ b }}")
    assert problems(judge(folder, f"phone,a,b\n+12025550100,x,{long}\n", choices)) == [(2, "b")]


def test_an_expiry_gone_by_is_a_warning_and_a_bad_date_a_problem(folder: Path) -> None:
    found = judge(folder, "phone,expires\n+12025550100,2020-01-01\n+12025550101,soon\n")
    assert warnings(found) == [(2, "expires")]
    assert problems(found) == [(3, "expires")]
    assert [row.row for row in planned(found)] == [2]


def test_an_expiry_before_the_earliest_moment_is_a_warning(folder: Path) -> None:
    text = "phone,send_after,expires\n+12025550100,2030-01-02,2030-01-01\n"
    found = judge(folder, text)
    assert warnings(found) == [] or warnings(found) == [(2, "expires")]
    text = "phone,send_after,expires\n+12025550100,2030-01-03,2030-01-01\n"
    assert warnings(judge(folder, text)) == [(2, "expires")]


def test_possible_numbers_are_a_warning(folder: Path) -> None:
    assert warnings(judge(folder, "phone\n+447700900123\n")) == [(2, "phone")]


@pytest.mark.parametrize("word", ["no", "No", "N", "false", "FALSE", "0", " no "])
def test_a_consent_cell_that_says_no_suppresses_its_row(folder: Path, word: str) -> None:
    text = f"phone,consent\n+12025550100,{word}\n+12025550101,yes\n+12025550102,\n"
    found = judge(folder, text)
    assert not problems(found)
    assert [row.consent for row in planned(found)] == [False, True, True]
    strict = judge(folder, text, replace(CHOICES, require_consent=True))
    assert [row.consent for row in planned(strict)] == [False, True, False]


def test_a_consent_cell_that_says_neither_is_the_rows_problem(folder: Path) -> None:
    text = "phone,consent\n+12025550100,maybe\n+12025550101,2025-03-01\n+12025550102,nein\n"
    found = judge(folder, text)
    assert problems(found) == [(2, "consent")]
    assert [(row.row, row.consent) for row in planned(found)] == [(3, True), (4, False)]


def test_consent_can_not_be_required_without_its_column(folder: Path) -> None:
    found = judge(folder, "phone\n+12025550100\n", replace(CHOICES, require_consent=True))
    assert problems(found) == [(1, None)]


def test_a_device_is_pinned_if_it_is_known(folder: Path) -> None:
    choices = replace(CHOICES, known_devices=frozenset({DeviceId("a")}))
    text = "phone,device\n+12025550100,a\n+12025550101,\n+12025550102,b\n"
    found = judge(folder, text, choices)
    assert [row.pinned for row in planned(found)] == ["a", None]
    assert problems(found) == [(4, "device")]
    assert not problems(judge(folder, text))


def test_media_comes_with_its_caption_or_with_the_text(folder: Path) -> None:
    text = (
        "phone,media,caption\n+12025550100,ticket.png,{{ as written }}\n"
        "+12025550101,ticket.png,\n+12025550102,,\n"
    )
    found = planned(judge(folder, text))
    assert [row.content.text for row in found] == ["{{ as written }}", "Hi", "Hi"]
    assert [row.content.media and row.content.media.kind for row in found] == [
        MediaKind.IMAGE
    ] * 2 + [None]


def test_media_needs_no_text_but_a_row_without_either_is_empty(folder: Path) -> None:
    text = "phone,media\n+12025550100,ticket.png\n+12025550101,\n"
    found = judge(folder, text, replace(CHOICES, message=None))
    assert [row.content.text for row in planned(found)] == [""]
    assert problems(found) == [(3, None)]


def test_bad_media_is_one_problem_of_its_column(folder: Path) -> None:
    text = "phone,media\n+12025550100,gone.png\n"
    assert problems(judge(folder, text, replace(CHOICES, message=None))) == [(2, "media")]


def test_a_caption_has_its_own_limit(folder: Path) -> None:
    long = "x" * 1025
    text = f"phone,media,caption\n+12025550100,ticket.png,{long}\n"
    assert problems(judge(folder, text)) == [(2, "caption")]


def test_a_caption_without_media_is_a_warning(folder: Path) -> None:
    found = judge(folder, "phone,caption\n+12025550100,hello\n")
    assert warnings(found) == [(2, "caption")]
    assert [row.content.text for row in planned(found)] == ["Hi"]


def test_audio_carries_no_text(folder: Path) -> None:
    text = "phone,media\n+12025550100,voice.ogg\n"
    assert problems(judge(folder, text)) == [(2, None)]
    (row,) = planned(judge(folder, text, replace(CHOICES, message=None, opt_out_footer="STOP")))
    assert row.content.text == ""


def test_the_footer_follows_every_text(folder: Path) -> None:
    choices = replace(CHOICES, opt_out_footer="Reply STOP to opt out.")
    text = "phone,media,caption\n+12025550100,ticket.png,A\n+12025550101,,\n"
    assert [row.content.text for row in planned(judge(folder, text, choices))] == [
        "A\n\nReply STOP to opt out.",
        "Hi\n\nReply STOP to opt out.",
    ]


@pytest.mark.parametrize("cell", ["nan", "NaN", "NULL", "#N/A", "undefined", "None", "#NV"])
def test_a_cell_that_means_nothing_is_told_where_the_text_prints_it(
    folder: Path, cell: str
) -> None:
    data = f"phone,name,other\n+12025550100,{cell},a\n+12025550101,Nadia,{cell}\n"
    for message in ("Hi {{ name }}", "Hi {{ name|upper }}"):
        found = judge(folder, data, replace(CHOICES, message=message))
        assert len(planned(found)) == 2
        assert warnings(found) == [(2, "name")]


def test_a_message_cell_that_means_nothing_is_told(folder: Path) -> None:
    found = judge(folder, "phone,message\n+12025550100,nan\n+12025550101,Hi\n")
    assert warnings(found) == [(2, "message")]


def test_what_a_message_cell_does_not_fill_in_is_told_once(folder: Path) -> None:
    rows = "".join(f'+120255501{i:02},Hi {{name}},"see {{{{ x }}}}"\n' for i in range(3))
    found = judge(folder, f"phone,message,caption\n{rows}")
    assert [w for w in warnings(found) if w[1] == "message"] == [(2, "message")]
    with_media = judge(folder, "phone,media,caption,message\n+12025550100,ticket.png,{{ a }},Hi\n")
    assert warnings(with_media) == [(2, "caption")]


def test_a_zone_cell_wins_over_the_zone_for_all(folder: Path) -> None:
    data = "phone,zone\n+12025550100,asia/omsk\n+12025550101,\n+12025550102,America/New York\n"
    found = judge(folder, data, replace(CHOICES, recipient_zone="Europe/Moscow"))
    zones = [row.zone for row in planned(found)]
    assert zones == ["Asia/Omsk", "Europe/Moscow", "America/New_York"]


def test_a_zone_that_is_none_is_a_problem_of_its_row(folder: Path) -> None:
    assert problems(judge(folder, "phone,zone\n+12025550100,North\n")) == [(2, "zone")]


def test_an_old_number_is_read_as_what_it_is_now_with_a_warning(folder: Path) -> None:
    found = judge(folder, "phone\n+229 97 12 34 56\n")
    assert [row.phone for row in planned(found)] == ["+2290197123456"]
    assert warnings(found) == [(2, "phone")]


def test_bare_international_digits_are_read_where_they_are_said_to_be(folder: Path) -> None:
    data = "phone\n12025550100\n442079460123\n0171 3920005\n"
    found = judge(folder, data, replace(CHOICES, region=None, international=True))
    assert [row.phone for row in planned(found)] == ["+12025550100", "+442079460123"]
    assert problems(found) == [(4, "phone")]


@pytest.mark.parametrize(
    "word", ["n.a.", "k.A.", "{null}", "(leer)", "(vacío)", "null null", "(空白)"]
)
def test_a_word_for_nothing_that_is_printed_is_told(folder: Path, word: str) -> None:
    found = judge(
        folder, f"phone,name\n+12025550100,{word}\n", replace(CHOICES, message="{{ name }}")
    )
    assert warnings(found) == [(2, "name")]


def test_a_date_that_rows_share_is_the_same_for_each_of_them(folder: Path) -> None:
    text = "phone,send_after,expires\n" + "".join(
        f"+1202555010{n},2030-01-02,2030-01-02\n" for n in range(3)
    )
    rows = planned(judge(folder, text))
    assert len({(row.not_before, row.expires) for row in rows}) == 1
    assert all(row.expires == (row.not_before or 0) + 86_400 for row in rows)


def test_a_voice_note_is_opus_and_says_once_what_iphones_refuse(folder: Path) -> None:
    text = (
        "phone,kind,media\n+12025550100,voice,voice.ogg\n+12025550101,voice,ticket.png\n"
        "+12025550102,voice,\n+12025550103,media,voice.ogg\n+12025550104,voice,voice.ogg\n"
    )
    found = judge(folder, text, replace(CHOICES, message=None))
    assert problems(found) == [(3, "media"), (4, "media")]
    assert warnings(found) == [(2, "media")]
    assert [row.content.media and row.content.media.kind for row in planned(found)] == [
        MediaKind.VOICE,
        MediaKind.AUDIO,
        MediaKind.VOICE,
    ]


def test_a_voice_note_for_all_carries_no_text(folder: Path) -> None:
    every = replace(CHOICES, kind=MessageKind.VOICE, media=folder / "voice.ogg")
    assert problems(judge(folder, "phone\n+12025550100\n", every)) == [(2, None)]
    quiet = replace(every, message=None)
    (row,) = planned(judge(folder, "phone\n+12025550100\n", quiet))
    assert row.content.kind is MessageKind.VOICE
