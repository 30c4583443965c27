"""What a program prints is kept in part."""

from __future__ import annotations

from scoring.isolation.excerpts import GAP, HALF, Excerpt


def printed(*pieces):
    excerpt = Excerpt()
    for piece in pieces:
        excerpt.add(piece)
    return excerpt


def test_a_little_is_kept_whole():
    assert printed(b"one\n", b"two\n").text() == "one\ntwo\n"


def test_the_beginning_and_the_end_of_much_are_kept():
    text = printed(b"first\n", b"x" * (10 * HALF), b"\nlast").text()
    assert text.startswith("first\n")
    assert text.endswith("\nlast")
    assert GAP in text
    assert len(text) == 2 * HALF + len(GAP)


def test_between_the_two_nothing_is_lost_before_there_is_too_much():
    whole = bytes(range(97, 123)) * (2 * HALF // 26)
    assert printed(*[whole[start : start + 100] for start in range(0, len(whole), 100)]).text() == (
        whole.decode()
    )


def test_bytes_that_are_no_text_are_shown_as_such_and_controls_not_at_all():
    assert printed(b"a\xff\x1b[31m\0b\r\nc\rd").text() == "a�[31mb\nc\nd"


def test_it_can_be_cleared():
    excerpt = printed(b"x" * (3 * HALF))
    excerpt.clear()
    excerpt.add(b"new")
    assert excerpt.text() == "new"
