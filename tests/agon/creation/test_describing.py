"""What a look at a host's table finds."""

import io

import pytest

from agon.creation.describing import describe, guessed_metric


def look(text):
    return describe(io.BytesIO(text.encode() if isinstance(text, str) else text))


def codes(about):
    return [code for code, _examples in about.problems]


def test_columns_ids_classes_and_splits_are_found():
    about = look("id,label,Usage\n1,cat,Public\n2,dog,Private\n3,cat,private\n")
    assert (about.id_column, about.id_type, about.target) == ("id", "integer", "label")
    assert about.usage_column == "Usage" and about.usage == {"public": 1, "private": 2}
    assert about.columns[1]["classes"] == {"cat": 2, "dog": 1}
    assert about.rows == 3 and about.problems == []


def test_ids_are_known_by_being_unique_where_their_name_says_nothing():
    about = look("answer,who\nyes,ann\nno,bob\nyes,cid\n")
    assert (about.id_column, about.target) == ("who", "answer")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\xff\xfe\x00binary", "not_a_table"),
        ("", "no_header"),
        ("id,id\n1,2\n", "bad_header"),
        ("id,label\n", "no_rows"),
        ("id,label\n1\n", "ragged"),
        ("id,label\n1,a\n1,b\n", "ids_twice"),
        ("id,label\n,a\n", "ids_empty"),
        ("id\n1\n", "no_target"),
        ("id,label\n1,\n", "target_empty"),
        ("id,label,Usage\n1,a,Test\n", "usage_unknown"),
    ],
)
def test_what_is_wrong_has_a_name(text, code):
    assert code in codes(look(text))


@pytest.mark.parametrize(
    ("rows", "metric"),
    [
        (["1,cat", "2,dog", "3,cat"], "accuracy"),
        (["1,0", "2,1", "3,0"], "accuracy"),
        (["1,0.5", "2,1.25", "3,7.0"], "rmse"),
        ([f"{n},{n * 37}" for n in range(200)], "rmse"),
        ([f"{n},this is sentence number {n}" for n in range(200)], "bleu"),
        ([f"{n},name{n}" for n in range(200)], "exact_match"),
    ],
)
def test_a_metric_is_guessed_from_the_values(rows, metric):
    about = look("id,label\n" + "\n".join(rows) + "\n")
    assert guessed_metric(about.to_json(), "label") == metric
