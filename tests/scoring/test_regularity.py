"""Which texts polars is believed about; of the others nothing is said but that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.regularity import is_regular_csv, is_regular_json

REGULAR = [
    b"1,2\n3,4\n",
    b"1,2\n3,4",
    b"1,2\r\n3,4\r\n",
    b'1,"2"\n"3",4\n',
    b'"a""b",""\n"""",","\n',
    b'1,"a\nb"\n2,"c\r\nd"',
]
IRREGULAR = [
    b"1,2\n3\n",
    b"1\n2,3,4\n",
    b"1,2\n\n3,4\n",
    b"1,2\r3,4\n",
    b"1,\0\n",
    b"\xef\xbb\xbf1,2\n",
    b'1,a"b\n',
    b'1,"a"b\n',
    b'1,"a" \n',
    b'1,"a\n',
    b'1,""a""\n',
    b'1,"' + b"x" * 300_000 + b'"\n',
    b"1," + b"x" * 600_000 + b"\n",
]


@pytest.mark.parametrize("block", REGULAR)
def test_regular(block):
    assert is_regular_csv(block, delimiter=",", width=2)


@pytest.mark.parametrize("block", IRREGULAR)
def test_irregular(block):
    assert not is_regular_csv(block, delimiter=",", width=2)


cells = st.text('ab,;"\n ', max_size=4).map(lambda text: '"' + text.replace('"', '""') + '"')
tables = st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5)


@given(tables)
def test_whatever_is_quoted_as_it_should_be_is_regular(rows):
    text = "".join(",".join(row) + "\n" for row in rows)
    assert is_regular_csv(text.encode(), delimiter=",", width=2)


@pytest.mark.parametrize(
    ("line", "is_regular"),
    [
        (b'{"id":1,"t":"a"}', True),
        (b'{"t": "\\"\\n\\u00e9", "id": 1}', True),
        (b'{"id":1,"t":"a","id":2}', False),
        (b'{"id":1,"t":"a","\\u0069d":2}', False),
        (b'{"id":1,"t":7}', False),
        (b'{"id":1,"t":"\\ud800"}', False),
        (b'{"id":1,"t":"\\u0000"}', False),
        (b'{"id":1,"t":"a","x":[]}', False),
        (b'{"id":1,"t":"a","x":{}}', False),
    ],
)
def test_an_object_is_regular_where_nothing_can_hide(line, is_regular):
    found = is_regular_json(line, names=["id", "t"], needed=["id", "t"], texts=["t"], rows=1)
    assert found is is_regular


def test_a_key_too_many_is_no_harm_but_a_needed_one_twice_is():
    names, needed = ["id", "x", "y"], ["id", "x"]
    for line, expected in ((b'{"id":1,"x":2,"y":3}', True), (b'{"id":1,"x":2,"x":3}', False)):
        found = is_regular_json(line, names=names, needed=needed, texts=[], rows=1)
        assert found is expected
