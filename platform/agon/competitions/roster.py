"""Reading a class or a team from a table, with a sentence for each row that cannot be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

MOST_PEOPLE = 2_000
LARGEST_BYTES = 1024 * 1024
LONGEST = 80

# How the columns are called by the systems that such tables come from.
HEADINGS = {
    "email": {"email", "e-mail", "mail", "email address", "e-mail address", "邮箱", "电子邮件", "电子邮箱"},
    "name": {"name", "full name", "student", "student name", "姓名", "名字"},
    "first": {"first name", "firstname", "given name", "名"},
    "last": {"last name", "lastname", "surname", "family name", "姓"},
    "reference": {
        "reference", "id", "student id", "student number", "id number", "sis user id", "matriculation number", "学号", "编号",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be invited."""

    email: str
    name: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """What was read: people, and what is wrong, by row."""

    people: list[Person]
    problems: list[str]


def decode(content: bytes) -> str:
    """As spreadsheets save it: UTF-8 with or without a mark, UTF-16, or GB 18030."""
    encodings = ["utf-8-sig", "gb18030"]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings.insert(0, "utf-16")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace")


def read(text: str) -> Roster:
    """People from lines of addresses, or from a table with a heading and any usual delimiter."""
    rows = [
        (number, [cell.strip() for cell in row])
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=_delimiter(text)), 1)
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        return Roster([], [_("There is nobody in it. Write one e-mail address in each row.")])
    columns = _columns(rows[0][1])
    if columns:
        rows = rows[1:]
        if "email" not in columns:
            return Roster([], [_("No column holds e-mail addresses: call one of them “email”.")])
    people: dict[str, Person] = {}
    problems = []
    for number, cells in rows[: MOST_PEOPLE + 1]:
        person = _person(cells, columns)
        problem = _problem(person, people)
        if problem:
            problems.append(_("Row %(row)d: %(problem)s") % {"row": number, "problem": problem})
        elif person is not None:
            people[person.email] = person
    if len(rows) > MOST_PEOPLE:
        problems.append(
            _("A roster holds at most %(count)d people; divide it.") % {"count": MOST_PEOPLE}
        )
    return Roster(list(people.values()), problems)


def write(people: Sequence[Person]) -> str:
    """The same people as a table that `read` reads."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["email", "name", "reference"])
    writer.writerows([person.email, person.name, person.reference] for person in people)
    return stream.getvalue()


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """Which column holds what; empty where the first row is no heading."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        known = cell.casefold().replace("_", " ")
        for name, headings in HEADINGS.items():
            if known in headings:
                found.setdefault(name, place)
    return found


def _person(cells: Sequence[str], columns: dict[str, int]) -> Person | None:
    if columns:
        given = {
            name: cells[place] if place < len(cells) else "" for name, place in columns.items()
        }
        both = f"{given.get('first', '')} {given.get('last', '')}".strip()
        return Person(given["email"].lower(), given.get("name") or both, given.get("reference", ""))
    email = next((cell for cell in cells if "@" in cell), "")
    rest = [cell for cell in cells if cell and cell != email]
    return Person(email.lower(), *rest[:2]) if email else None


def _problem(person: Person | None, known: dict[str, Person]) -> str:
    return next(_problems(person, known), "")


def _problems(person: Person | None, known: dict[str, Person]) -> Iterator[str]:
    if person is None or not person.email:
        yield _("there is no e-mail address.")
        return
    try:
        validate_email(person.email)
    except ValidationError:
        yield _("“%(text)s” is not an e-mail address.") % {"text": person.email[:100]}
    if person.email in known:
        yield _("%(email)s is there twice.") % {"email": person.email}
    if len(person.name) > LONGEST or len(person.reference) > LONGEST:
        yield _("names and references have at most %(count)d characters.") % {"count": LONGEST}
