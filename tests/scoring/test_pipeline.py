"""From file to score: right scores, and every refusal with its lines."""

import time

import pytest
from scoring_files import (
    NUMBER_SOLUTION,
    NUMBERS,
    PERFECT,
    RMSE,
    SOLUTION,
    TEXT_SOLUTION,
    TEXTS,
    gzipped,
    lying,
    parquet,
    scored,
    zipped,
)

from scoring.contract import Layout, Limits, MetricSpec
from scoring.errors import MAX_EXAMPLES, InvalidSubmission

BOTH = {("accuracy", "public"): 1.0, ("accuracy", "private"): 1.0}


def refused(folder, content, **kwargs):
    with pytest.raises(InvalidSubmission) as caught:
        scored(folder, content, **kwargs)
    assert str(caught.value)
    return {problem.code: problem for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", PERFECT),
        ("a.csv", PERFECT[:-1]),
        ("a.csv", b"\xef\xbb\xbf" + PERFECT.replace(b"\n", b"\r\n")),
        ("a.csv", PERFECT.replace(b"\n", b"\r")),
        ("a.csv", PERFECT.replace(b"1,7", b" 1 , 7 ")),
        ("a.csv", PERFECT.replace(b"1,7", b"1.0,7.0")),
        ("a.csv", PERFECT.replace(b"1,7", b'"1","7"')),
        ("a.csv", PERFECT.replace(b"3,9\n", b"\n3,9\n\n")),
        ("a.csv", b'note,label,note,id\n"x\ny",7,,1\n,8,,2\n,9,,3\n,7,,4\n,0,,5\n'),
        ("a.csv", b"id,label\n5,0\n4,7\n3,9\n2,8\n1,7\n"),
        ("a.csv.gz", gzipped(PERFECT)),
        ("a.csv.gz", gzipped(PERFECT[:20]) + gzipped(PERFECT[20:])),
        ("a.zip", zipped(("x/a.csv", PERFECT))),
        ("a.parquet", parquet(id=[1, 2, 3, 4, 5], label=[7, 8, 9, 7, 0])),
        ("a.parquet", parquet(id=[5, 4, 3, 2, 1], label=[0.0, 7.0, 9.0, 8.0, 7.0])),
        ("a.zip", zipped(("a.parquet", parquet(id=[1, 2, 3, 4, 5], label=[7, 8, 9, 7, 0])))),
    ],
)
def test_a_right_file_is_scored_however_it_is_written(tmp_path, name, content):
    assert scored(tmp_path, content, name=name) == BOTH


REFUSED = [
    ("empty", "a.csv", b"", "empty_file"),
    ("no rows", "a.csv", b"id,label\n", "no_rows"),
    ("binary", "a.csv", bytes(range(256)), "binary_file"),
    ("UTF-16", "a.csv", PERFECT.decode().encode("utf-16"), "utf16"),
    ("spaces", "a.csv", PERFECT.replace(b",", b" "), "wrong_delimiter"),
    ("5 million columns", "a.csv", b"id,label" + b",c" * 5_000_000, "too_many_columns"),
    ("5 million values", "a.csv", PERFECT + b"6" + b",7" * 5_000_000, "row_too_long"),
    ("wide rows", "a.csv", PERFECT.replace(b"2,8", b"2,8,8"), "ragged_rows"),
    ("short rows", "a.csv", PERFECT.replace(b"2,8", b"2"), "ragged_rows"),
    ("unclosed quote", "a.csv", PERFECT.replace(b"2,8", b'2,"8'), "unclosed_quote"),
    ("misplaced quote", "a.csv", PERFECT.replace(b"2,8", b'2,"8"8'), "misplaced_quote"),
    ("word", "a.csv", PERFECT.replace(b"2,8", b"2,cat"), "wrong_type"),
    ("hexadecimal", "a.csv", PERFECT.replace(b"2,8", b"2,0x8"), "wrong_type"),
    ("fraction", "a.csv", PERFECT.replace(b"2,8", b"2,8.5"), "wrong_type"),
    ("underscore", "a.csv", PERFECT.replace(b"2,8", b"2,1_000"), "wrong_type"),
    ("empty value", "a.csv", PERFECT.replace(b"2,8", b"2,"), "empty_values"),
    ("NaN", "a.csv", PERFECT.replace(b"2,8", b"2,NaN"), "not_finite"),
    ("large integer", "a.csv", PERFECT.replace(b"2,8", b"2," + b"9" * 20), "out_of_range"),
    ("endless integer", "a.csv", PERFECT.replace(b"2,8", b"2," + b"9" * 99_999), "out_of_range"),
    ("late NUL", "a.csv", PERFECT + b"6,\0\n", "binary_file"),
    ("late Latin-1", "a.csv", b"id,label,note\n1,7," + b"x" * 300_000 + b"\xe9\n", "not_utf8"),
    ("missing", "a.csv", PERFECT.replace(b"2,8\n", b""), "missing_ids"),
    ("unknown", "a.csv", PERFECT + b"6,1\n", "unknown_ids"),
    ("duplicate", "a.csv", PERFECT + b"2,8\n", "duplicate_ids"),
    ("too many rows", "a.csv", b"id,label\n" + b"1,1\n" * 5000, "too_many_rows"),
    (
        "lying gzip bomb",
        "a.csv.gz",
        gzipped(b"id,label\n" + b"1" * 9_000_000)[:-4] + b"\0\0\0\0",
        "unpacked_too_large",
    ),
    ("lying zip", "a.zip", lying(zipped(("a.csv", PERFECT)), size=20), "damaged_archive"),
    ("cut gzip", "a.csv.gz", gzipped(PERFECT)[:-9], "damaged_archive"),
    ("Parquet rubbish", "a.parquet", b"PAR1" + b"\0" * 50 + b"PAR1", "damaged_parquet"),
    ("Parquet texts", "a.parquet", parquet(id=[1], label=["x"]), "wrong_column_type"),
    ("Parquet nulls", "a.parquet", parquet(id=[1, 2], label=[7, None]), "empty_values"),
    ("Parquet rows", "a.parquet", parquet(id=[1] * 9000, label=[1] * 9000), "too_many_rows"),
    ("Parquet columns", "a.parquet", parquet(id=[1], other=[1]), "missing_column"),
    ("Parquet empty", "a.parquet", parquet(id=[], label=[]), "no_rows"),
]


@pytest.mark.parametrize(
    ("name", "content", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_bad_file_is_refused_with_a_sentence(tmp_path, name, content, code):
    limits = Limits(unpacked_bytes=8_000_000)
    assert code in refused(tmp_path, content, name=name, limits=limits)


@pytest.mark.parametrize("value", [b"inf", b"-inf", b"1e999", b"nan"])
def test_a_number_must_be_finite(tmp_path, value):
    content = b"id,value\n1,0.5\n2," + value + b"\n"
    problems = refused(tmp_path, content, solution=NUMBER_SOLUTION, layout=NUMBERS, metrics=RMSE)
    assert problems["not_finite"].examples == (f"line 3: id 2 → “{value.decode()}”",)


def test_an_infinite_score_is_no_score(tmp_path):
    problems = refused(
        tmp_path,
        b"id,value\n1,1e300\n2,1\n",
        solution=NUMBER_SOLUTION,
        layout=NUMBERS,
        metrics=RMSE,
    )
    assert set(problems) == {"score_not_finite"}


def test_all_problems_are_told_together_with_their_lines(tmp_path):
    content = b"id,label\n1,7\n2,cat\n3,\n3,9\n9,nan\n"
    problems = refused(tmp_path, content)
    assert {code: (problem.count, problem.examples) for code, problem in problems.items()} == {
        "wrong_type": (1, ("line 3: id 2 → “cat”",)),
        "empty_values": (1, ("line 4: id 3",)),
        "not_finite": (1, ("line 6: id 9 → “nan”",)),
        "missing_ids": (2, ("id 4", "id 5")),
        "unknown_ids": (1, ("line 6: id 9",)),
        "duplicate_ids": (1, ("line 5: id 3, first on line 4",)),
    }


def test_line_numbers_count_lines_inside_quotes_and_blank_ones(tmp_path):
    content = b'note,id,label\n"a\nb",1,7\n\n,2,x\n,3,9\n,4,7\n,5,0\n'
    assert refused(tmp_path, content)["wrong_type"].examples == ("line 5: id 2 → “x”",)


def test_ten_examples_and_the_full_count(tmp_path):
    rows = b"".join(b"%d,1\n" % number for number in range(100, 150))
    problem = refused(tmp_path, PERFECT + rows)["unknown_ids"]
    assert (problem.count, len(problem.examples)) == (50, MAX_EXAMPLES)


def test_a_message_never_shows_the_truth(tmp_path):
    solution = SOLUTION.replace(b"7", b"7654321")
    problems = refused(tmp_path, b"id,label\n1,x\n2,\n9,nan\n", solution=solution)
    assert "7654321" not in str(problems)


def test_a_million_rows_with_one_bad_id(tmp_path):
    numbers = range(1_000_000)
    solution = "id,label,Usage\n" + "".join(f"{number},1,Public\n" for number in numbers)
    content = "id,label\n" + "".join(f"{number},1\n" for number in numbers)
    content = content.replace("\n500000,1\n", "\n-5,1\n")
    started = time.perf_counter()
    problems = refused(tmp_path, content.encode(), solution=solution.encode())
    assert time.perf_counter() - started < 20
    assert problems["missing_ids"].examples == ("id 500000",)
    assert problems["unknown_ids"].examples == ("line 500002: id -5",)


def test_text_ids_and_labels_with_slashes(tmp_path):
    metrics = tuple(
        MetricSpec(name=name, target="label", prediction=("label",))
        for name in ("accuracy", "macro_f1")
    )
    content = b"id,label\nc/3,cat\nb/2,bird\na/1,cat\n"
    scores = scored(tmp_path, content, solution=TEXT_SOLUTION, layout=TEXTS, metrics=metrics)
    # Among the public rows the classes are cat, dog and the unknown bird.
    assert scores == {
        ("accuracy", "public"): 0.5,
        ("accuracy", "private"): 1.0,
        ("macro_f1", "public"): pytest.approx(1 / 3),
        ("macro_f1", "private"): 1.0,
    }


def test_probabilities_are_checked_row_by_row_and_divided_by_their_sum(tmp_path):
    layout = Layout(id_column="id", columns={"p0": "number", "p1": "number"})
    metrics = (MetricSpec(name="log_loss", target="label", prediction=("p0", "p1")),)
    solution = b"id,label,Usage\n1,0,Public\n2,1,Public\n"
    kwargs = {"solution": solution, "layout": layout, "metrics": metrics}
    halves = scored(tmp_path, b"id,p0,p1\n1,0.2,0.2\n2,1,1\n", **kwargs)
    assert halves == {("log_loss", "public"): pytest.approx(0.6931471805599453)}
    problems = refused(tmp_path, b"id,p0,p1\n1,1.5,0.2\n2,1,-1\n", **kwargs)
    assert problems["probability_range"].count == 1
    problems = refused(tmp_path, b"id,p0,p1\n1,0,0\n2,1,0\n", **kwargs)
    assert problems["probability_sum"].examples == ("line 2: id 1",)


def test_a_split_without_rows_has_no_score(tmp_path):
    solution = SOLUTION.replace(b"private", b"ignored").replace(b"Private", b"ignored")
    assert set(scored(tmp_path, PERFECT, solution=solution)) == {("accuracy", "public")}


def test_a_label_may_be_a_number(tmp_path):
    layout = Layout(id_column="id", columns={"label": "number"})
    assert scored(tmp_path, PERFECT, layout=layout) == BOTH
