"""A fault from inside a sandbox gets an owner, and can't choose one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import SENTENCES, BrokenCompetition, InvalidSubmission
from scoring.verdicts import no_answer, verdict

RUNTIMES = ["onnxmodels", "torchmodels", "sklearnmodels", "program"]


def test_a_models_fault_is_the_participants_with_its_values():
    error = verdict("onnxmodels", "model_output_shape", {"expected": "(n, 2)", "found": "(1, 3)"})
    assert isinstance(error, InvalidSubmission)
    assert "(1, 3); (n, 2) is expected" in str(error)


def test_what_a_program_printed_last_is_shown_in_short_lines():
    printed = b"\n".join(b"line %d \x1b[31m\xff" % n for n in range(30)) + b"\n" + b"x" * 1000
    error = verdict("program", "program_failed", {"reason": "KeyError: 1"}, printed=printed)
    (problem,) = error.problems
    assert len(problem.examples) == 10
    assert problem.examples[0].startswith("line 21 ") and "\x1b" not in problem.examples[0]
    assert len(problem.examples[-1]) == 200


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("code", ["metric_failed", "inputs_missing", "platform_error", "nonsense"])
def test_a_participants_code_cannot_blame_anybody_else(runtime, code):
    error = verdict(runtime, code, {"reason": "not me"})
    assert isinstance(error, InvalidSubmission)
    assert error.problems[0].params["reason"] == "it ended without an answer"


def test_an_architecture_is_the_hosts_only_where_no_code_was_sent():
    params = {"reason": "TypeError"}
    weights = verdict("torchmodels", "architecture_config", params, only_weights=True)
    assert isinstance(weights, BrokenCompetition)
    assert isinstance(verdict("torchmodels", "architecture_config", params), InvalidSubmission)


def test_a_metric_blames_the_participant_only_when_it_means_to():
    assert isinstance(verdict("metric", "metric_refused", {"reason": "no"}), InvalidSubmission)
    assert isinstance(verdict("metric", "metric_failed", {"reason": "no"}), BrokenCompetition)
    assert isinstance(verdict("metric", "model_failed", {}), BrokenCompetition)
    assert isinstance(no_answer("metric"), BrokenCompetition)


@given(
    st.sampled_from([*RUNTIMES, "metric"]),
    st.sampled_from(sorted(SENTENCES)) | st.text(),
    st.dictionaries(
        st.sampled_from(["reason", "expected", "found", "names", "count", "x"]),
        st.text() | st.integers() | st.floats() | st.none() | st.lists(st.integers()),
    ),
    st.binary(),
)
def test_whatever_is_said_inside_becomes_a_short_printable_sentence(runtime, code, params, printed):
    error = verdict(runtime, code, params, printed=printed)
    text = str(error)
    assert text.isprintable() and len(text) < 3000
