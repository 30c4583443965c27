"""Rosters as spreadsheets and course systems write them."""

import pytest

from agon.competitions import roster
from agon.competitions.roster import Person

LI = Person("li.lei@example.edu", "李雷", "2026-002")


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("a@example.org\nB@Example.org", [Person("a@example.org"), Person("b@example.org")]),
        ("Ann,a@example.org,7", [Person("a@example.org", "Ann", "7")]),
        ("name;e-mail;id\nAnn;a@example.org;7", [Person("a@example.org", "Ann", "7")]),
        (
            "Last name\tFirst name\tEmail address\nLovelace\tAda\ta@example.org",
            [Person("a@example.org", "Ada Lovelace")],
        ),
        ("姓名,学号,邮箱\n李雷,2026-002,li.lei@example.edu", [LI]),
        ("email,name\r\n\r\na@example.org,Ann\r\n", [Person("a@example.org", "Ann")]),
        ('email,name\na@example.org,"Lovelace, Ada"', [Person("a@example.org", "Lovelace, Ada")]),
    ],
)
def test_people_are_read_from_what_hosts_have(text, people):
    assert roster.read(text) == roster.Roster(people, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_spreadsheets_of_any_usual_encoding_are_read(encoding):
    text = roster.write([LI])
    assert roster.read(roster.decode(text.encode(encoding))).people == [LI]


def test_what_is_written_is_read_again():
    people = [LI, Person("a@example.org", 'A "quoted", name', "7")]
    assert roster.read(roster.write(people)).people == people


def test_a_roster_that_is_too_long_is_to_be_divided():
    lines = "\n".join(f"p{number}@example.org" for number in range(roster.MOST_PEOPLE + 1))
    assert roster.read(lines).problems == ["A roster holds at most 2000 people; divide it."]


def test_a_row_that_is_too_short_lacks_its_address():
    assert roster.read("name,email\nAnn").problems == ["Row 2: there is no e-mail address."]
