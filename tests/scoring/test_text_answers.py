"""Texts on their way through the whole pipeline: several references, masks, tags and boxes."""

import pytest

from scoring.contract import Layout, Limits, MetricSpec, Split
from scoring.errors import BrokenCompetition, InvalidSubmission
from scoring.pipeline import score_files
from scoring.solutions import load_solution, prepare_solution, store_solution

LIMITS = Limits(file_bytes=2**20, unpacked_bytes=2**20)


@pytest.fixture
def score(tmp_path):
    """Scores a submission's text against a solution's, through the cache."""

    def scored(solution, submission, spec, kind):
        (tmp_path / "solution.csv").write_text(solution)
        (tmp_path / "submission.csv").write_text(submission)
        layout = Layout(id_column="id", columns={"answer": kind})
        prepared = prepare_solution(
            tmp_path / "solution.csv",
            name="solution.csv",
            sha256="0" * 64,
            layout=layout,
            metrics=(spec,),
        )
        store_solution(prepared, tmp_path / "cache.npz")
        cached = load_solution(tmp_path / "cache.npz", sha256="0" * 64, metrics=1)
        return {
            score.split: score
            for score in score_files(
                tmp_path / "submission.csv",
                "submission.csv",
                cached,
                layout=layout,
                metrics=(spec,),
                limits=LIMITS,
                submission_sha256="1" * 64,
            )
        }

    return scored


def spec_of(name, *target, **parameters):
    return MetricSpec(name=name, target=target, prediction=("answer",), parameters=parameters)


TRANSLATIONS = (
    "id,one,two,Usage\n"
    "1,the cat sat on the mat,a cat was on the mat,Public\n"
    "2,it is warm today,today it is warm,Private\n"
    "3,we go home now,we are going home now,Public\n"
)
ANSWERS = "id,answer\n3,we go home\n1,the cat was on the mat\n2,today it is warm\n"


def test_bleu_of_two_references_carries_sacrebleus_signature(score):
    scores = score(TRANSLATIONS, ANSWERS, spec_of("bleu", "one", "two"), "text")
    assert scores[Split.PRIVATE].value == pytest.approx(100.0)
    assert 0.0 < scores[Split.PUBLIC].value < 100.0
    assert "nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp" in scores[Split.PUBLIC].signature


@pytest.mark.parametrize("name", ["bleu", "chrf", "ter", "word_error_rate"])
def test_corpus_scores_have_an_interval(score, name):
    rows = [f"{row},the cat sat on mat number {row}" for row in range(30)]
    scores = score(
        "id,text,Usage\n" + "".join(f"{row},Public\n" for row in rows),
        "id,answer\n"
        + "".join(f"{row.replace('cat', 'dog') if 'r 1' in row else row}\n" for row in rows),
        spec_of(name, "text"),
        "text",
    )
    public = scores[Split.PUBLIC]
    assert public.low < public.value < public.high


@pytest.mark.parametrize("name", ["chrf", "ter", "rouge_l", "exact_match", "token_f1"])
def test_other_metrics_take_two_references_too(score, name):
    scores = score(TRANSLATIONS, ANSWERS, spec_of(name, "one", "two"), "text")
    best = 0.0 if name == "ter" else 100.0 if name == "chrf" else 1.0
    assert scores[Split.PRIVATE].value == pytest.approx(best)
    assert scores[Split.PUBLIC].value != pytest.approx(best)


def test_a_silent_transcript_may_be_empty_where_the_column_is_a_sequence(score):
    scores = score(
        "id,text,Usage\n1,one two,Public\n2,three,Public\n",
        "id,answer\n1,\n2,three\n",
        spec_of("word_error_rate", "text"),
        "sequence",
    )
    assert scores[Split.PUBLIC].value == pytest.approx(2 / 3)


def test_masks_of_named_classes(score):
    scores = score(
        "id,mask,kind,Usage\n1,1 4,cat,Public\n2,9 2,dog,Public\n3,,dog,Private\n4,1 1,dog,Private\n",
        "id,answer\n4,1 2\n3,\n2,9 2\n1,3 4\n",
        spec_of("mean_iou", "mask", "kind", height=4, width=4),
        "sequence",
    )
    assert scores[Split.PUBLIC].value == pytest.approx((1 / 3 + 1) / 2)
    assert scores[Split.PRIVATE].value == 0.5


def test_a_mask_that_can_not_be_is_told_with_its_line(score):
    with pytest.raises(InvalidSubmission) as refused:
        score(
            "id,mask,Usage\n1,1 4,Public\n2,,Public\n",
            "id,answer\n1,1 4\n2,16 2\n",
            spec_of("dice", "mask", height=4, width=4),
            "sequence",
        )
    (problem,) = refused.value.problems
    assert problem.code == "unreadable_answer"
    assert "beyond the last pixel" in problem.sentence()
    assert problem.examples[0].startswith("line 3: id 2")


@pytest.mark.parametrize(
    ("solution", "spec", "column"),
    [
        ("1,1 4 2,cat", spec_of("mean_iou", "mask", "kind", height=4, width=4), "mask"),
        ("1,x,cat", spec_of("dice", "mask", height=4, width=4), "mask"),
        ("1,B-PER x,cat", spec_of("entity_f1", "mask"), "mask"),
        ("1,cat 0.9 1 1 1 1,cat", spec_of("coco_map", "mask"), "mask"),
    ],
)
def test_a_solution_that_can_not_be_read_is_told_to_the_host(score, solution, spec, column):
    with pytest.raises(BrokenCompetition) as refused:
        score(f"id,mask,kind,Usage\n{solution},Public\n", "id,answer\n1,\n", spec, "sequence")
    (problem,) = refused.value.problems
    assert problem.code == "solution_texts"
    assert problem.params["column"] == column


def test_other_numbers_of_tags_are_told_with_their_lines(score):
    with pytest.raises(InvalidSubmission) as refused:
        score(
            "id,tags,Usage\n1,B-PER O,Public\n2,O,Private\n3,O O O,Public\n",
            "id,answer\n3,O O\n2,O\n1,B-PER O\n",
            spec_of("entity_f1", "tags"),
            "sequence",
        )
    (problem,) = refused.value.problems
    assert "not as many tags" in problem.sentence()
    assert problem.examples == ("line 2: id 3 → “O O”",)


def test_boxes_have_a_score_with_an_interval_on_each_split(score):
    usages = ["Public", "Private"]
    rows = [(row, f"cat {row} 0 10 10 dog 50 50 9 9", usages[row % 2]) for row in range(40)]
    solution = "id,boxes,Usage\n" + "".join(f"{row},{text},{usage}\n" for row, text, usage in rows)
    answers = "id,answer\n" + "".join(
        f"{row},cat 0.{50 + row} {row + row % 5} 0 10 10\n" for row, _, _ in reversed(rows)
    )
    scores = score(solution, answers, spec_of("coco_map", "boxes"), "sequence")
    for split in (Split.PUBLIC, Split.PRIVATE):
        assert scores[split].low < scores[split].value < scores[split].high
        assert scores[split].value < 0.5
