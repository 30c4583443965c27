"""Other platforms' bundles become folders that score what came with them as it was scored there."""

import zipfile
from datetime import UTC, datetime

import foreign_bundles
import pytest
import yaml
from sklearn.metrics import f1_score

from scoring.__main__ import main
from scoring.contract import Split, SubmissionKind
from scoring.errors import BrokenCompetition
from scoring.examples import prepare, score_upload
from scoring.foreign.conversion import Format, convert, recognise
from scoring.foreign.notes import NOTES, Weight


def codes(conversion, weight):
    return {note.code for note in conversion.notes if note.weight is weight}


def settings(conversion):
    return {note.params["name"] for note in conversion.notes if note.code == "setting"}


def score(path, phase):
    scores = score_upload(path, phase, prepare(phase))
    return {(one.metric, one.split): one.value for one in scores}


@pytest.fixture
def codabench(tmp_path):
    return convert(foreign_bundles.codabench(tmp_path / "bundle"), tmp_path / "made")


def test_each_format_is_recognised_by_its_files(tmp_path):
    made = {
        Format.CODABENCH: foreign_bundles.codabench(tmp_path / "a"),
        Format.CODALAB: foreign_bundles.codalab(tmp_path / "b"),
        Format.HUGGING_FACE: foreign_bundles.hugging_face(tmp_path / "c"),
        Format.KAGGLE: foreign_bundles.kaggle(tmp_path / "d"),
    }
    assert {format_: recognise(folder) for format_, folder in made.items()} == {
        format_: format_ for format_ in made
    }
    (tmp_path / "e").mkdir()
    assert recognise(tmp_path / "e") is None


def test_a_codabench_bundle_keeps_its_phases_in_order_with_limits_and_dates(codabench):
    definition = codabench.definition
    assert (definition.title, definition.slug) == ("Name the Animal", "name-the-animal")
    assert definition.visibility == "private"
    development, final = definition.phases
    assert [development.name, final.name] == ["Development", "Final"]
    assert development.opens == datetime(2026, 1, 31, tzinfo=UTC)
    assert development.closes == final.opens == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (definition.starts, definition.ends) == (development.opens, None)
    assert (development.limits.per_day, development.limits.total) == (5, None)
    assert (final.limits.per_day, final.limits.total, final.limits.seconds) == (None, 3, 3600)
    assert [development.carries_best, final.carries_best] == [False, True]
    assert development.submission.kinds == (SubmissionKind.FILES,)
    assert [data.file.name for data in definition.data] == ["starting_kit.zip", "public_data.zip"]


def test_a_codabench_bundle_keeps_its_pages(codabench):
    pages = codabench.definition.pages
    assert "Name them." in pages.overview.read_text()
    assert "## Timeline" in pages.overview.read_text()
    assert pages.rules.read_text() == "Be fair.\n"
    evaluation = pages.evaluation.read_text()
    assert "# Accuracy" in evaluation
    assert "**share**" in evaluation
    assert "script" not in evaluation


def test_codabench_columns_become_metrics_the_first_that_is_written_ranks(codabench):
    metrics = codabench.definition.phases[0].metrics
    assert [one.key for one in metrics] == ["accuracy", "macro-F1", "errors"]
    assert [one.higher_is_better for one in metrics] == [True, True, False]
    assert codabench.definition.decimals == 4


def test_the_submission_that_came_with_a_codabench_bundle_scores_as_at_home(codabench, tmp_path):
    phase = codabench.definition.phases[0]
    truth, given = foreign_bundles.TRUTH.split(), foreign_bundles.ANSWERS.split()
    values = score(phase.submission.sample, phase)
    names = {metric.key: metric.name for metric in phase.metrics}
    for split in Split:
        assert values[names["accuracy"], split] == 0.75
        assert values[names["macro-F1"], split] == pytest.approx(
            f1_score(truth, given, average="macro"), abs=1e-12
        )
        assert values[names["errors"], split] == 1


def test_whatever_a_codabench_bundle_loses_is_named(codabench):
    assert codes(codabench, Weight.BLOCKING) == {"ingestion"}
    assert codes(codabench, Weight.LEFT) == {
        "image", "setting", "computed_column", "other_leaderboard",
    }  # fmt: skip
    assert settings(codabench) == {
        "enable_detailed_results",
        "fact_sheet",
        "leaderboards.submission_rule",
    }
    assert codes(codabench, Weight.CARRIED) == {
        "html_page", "extra_page", "missing_page", "no_splits", "hidden_column", "seconds", "no_sample",
    }  # fmt: skip
    for note in codabench.notes:
        assert "{" not in note.sentence()


def test_conversion_gives_the_same_bytes_twice(tmp_path):
    bundle = foreign_bundles.codabench(tmp_path / "bundle")
    for name in ("one", "two"):
        convert(bundle, tmp_path / name)
    for path in sorted((tmp_path / "one").rglob("*")):
        if path.is_file():
            other = tmp_path / "two" / path.relative_to(tmp_path / "one")
            assert path.read_bytes() == other.read_bytes(), path


def test_a_codalab_bundle_scores_a_submission_as_at_home(tmp_path):
    made = convert(foreign_bundles.codalab(tmp_path / "bundle"), tmp_path / "made")
    first, second = made.definition.phases
    assert made.format is Format.CODALAB
    assert first.closes == second.opens == datetime(2026, 6, 1, tzinfo=UTC)
    assert second.closes == made.definition.ends == datetime(2026, 12, 31, tzinfo=UTC)
    assert [(one.key, one.higher_is_better) for one in first.metrics] == [
        ("Score", True),
        ("Missed", False),
    ]
    assert first.scoring_program.command == "python3 $program/score.py $input $output"
    sent = tmp_path / "mine.zip"
    sent.write_bytes(foreign_bundles.zipped({"answer.txt": foreign_bundles.ANSWERS}))
    values = score(sent, first)
    assert (values["Score", Split.PUBLIC], values["Missed", Split.PUBLIC]) == (0.75, 1.0)
    assert "computed_column" in codes(made, Weight.LEFT)
    assert settings(made) == {"admin_names"}
    assert [phase.carries_best for phase in made.definition.phases] == [False, True]
    assert "Text." in made.definition.pages.rules.read_text()


def test_a_hugging_face_repository_scores_the_submission_in_it_as_at_home(tmp_path):
    bundle = foreign_bundles.hugging_face(tmp_path / "ones-and-zeros")
    made = convert(bundle, tmp_path / "made")
    (phase,) = made.definition.phases
    assert (made.definition.title, phase.limits.per_day) == ("Ones And Zeros", 5)
    values = score(bundle / "submissions" / "team-1.csv", phase)
    assert values["f_beta", Split.PUBLIC] == pytest.approx(f1_score([1, 0, 1], [1, 1, 1]))
    assert values["f_beta", Split.PRIVATE] == pytest.approx(f1_score([0, 1, 0], [0, 1, 1]))
    assert "people" in codes(made, Weight.LEFT)
    assert {"metric_renamed", "private_usage", "sample_made"} <= codes(made, Weight.CARRIED)
    assert made.definition.ends == datetime(2026, 5, 25, tzinfo=UTC)


def test_a_metric_that_is_not_known_is_named_and_another_can_be_chosen(tmp_path):
    bundle = foreign_bundles.hugging_face(tmp_path / "bundle", EVAL_METRIC="custom")
    made = convert(bundle, tmp_path / "made")
    assert codes(made, Weight.BLOCKING) == {"metric_unknown"}
    chosen = convert(bundle, tmp_path / "chosen", metric="accuracy")
    assert not codes(chosen, Weight.BLOCKING)


def test_a_direction_that_contradicts_the_metric_is_named(tmp_path):
    bundle = foreign_bundles.hugging_face(
        tmp_path / "bundle", EVAL_METRIC="mean_squared_error", EVAL_HIGHER_IS_BETTER=True
    )
    assert "direction" in codes(convert(bundle, tmp_path / "made"), Weight.CARRIED)


def test_a_folder_in_kaggles_form_keeps_usage_columns_and_data(tmp_path):
    bundle = foreign_bundles.kaggle(tmp_path / "sizes")
    made = convert(bundle, tmp_path / "made", metric="rmse")
    (phase,) = made.definition.phases
    assert (phase.submission.id_column, phase.submission.id_type) == ("image", "text")
    assert dict(phase.submission.columns) == {"label": "number"}
    assert [data.file.name for data in made.definition.data] == ["train.csv"]
    values = score(bundle / "sample_submission.csv", phase)
    assert values["rmse", Split.PUBLIC] == pytest.approx(((1.5**2 + 4**2) / 2) ** 0.5)
    assert values["rmse", Split.PRIVATE] == 2.5
    assert codes(convert(bundle, tmp_path / "none"), Weight.BLOCKING) == {"metric_needed"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"scoring_program/run.py": "print 'old'\n"}, "old_python"),
        ({"scoring_program/run.py": "import tensorflow_of_old\n"}, "missing_package"),
        ({"scoring_program/metadata.yaml": "command: Rscript score.R\n"}, "not_python"),
        ({"scoring_program/metadata.yaml": "description: nothing\n"}, "command_missing"),
    ],
)
def test_a_program_that_cannot_run_here_is_named_before_anybody_submits(tmp_path, files, code):
    bundle = foreign_bundles.codabench(tmp_path / "bundle", **files)
    assert code in codes(convert(bundle, tmp_path / "made"), Weight.BLOCKING)


@pytest.mark.parametrize("name", ["/etc", "../outside", "reference/absent"])
def test_paths_that_lead_out_of_the_bundle_or_nowhere_are_refused(tmp_path, name):
    foreign_bundles.written(tmp_path, {"outside/truth.txt": "secret"})
    text = foreign_bundles.CODABENCH_YAML.replace("reference/dev/", name)
    bundle = foreign_bundles.codabench(tmp_path / "bundle", yaml=text)
    made = convert(bundle, tmp_path / "made")
    assert [phase.name for phase in made.definition.phases] == ["Final"]
    assert "missing_file" in codes(made, Weight.BLOCKING)


@pytest.mark.parametrize(
    "text",
    ["version: 2\ntitle: Empty\n", "title: x\nhtml: {}\n", "version: 2\nphases: 7\ntasks: 1\n"],
)
def test_a_bundle_without_a_phase_that_can_be_scored_is_refused(tmp_path, text):
    foreign_bundles.written(tmp_path / "bundle", {"competition.yaml": text})
    with pytest.raises(BrokenCompetition, match="no phase"):
        convert(tmp_path / "bundle", tmp_path / "made")


def test_endless_aliases_end(tmp_path):
    layers = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    text = "\n".join([*layers, "version: 2", "title: *a59", "docker_image: *a59", "tasks: *a59"])
    foreign_bundles.written(tmp_path / "bundle", {"competition.yaml": text})
    with pytest.raises(BrokenCompetition, match="no phase"):
        convert(tmp_path / "bundle", tmp_path / "made")


def test_the_command_line_converts_and_tells_what_changed(tmp_path, capsys):
    bundle = foreign_bundles.codabench(tmp_path / "bundle")
    made = tmp_path / "made"
    assert main(["convert", str(bundle), str(made)]) == 0
    told = capsys.readouterr().out
    assert "from codabench" in told
    assert "! “Final” had an ingestion program" in told
    assert main(["check", str(made)]) == 0
    sample = made / "phases" / "1" / "sample.zip"
    assert zipfile.is_zipfile(sample)
    reference = made / "phases" / "1" / "reference.zip"
    assert main(["score", str(made), str(sample), "--solution", str(reference)]) == 0
    assert "0.750000" in capsys.readouterr().out
    assert main(["convert", str(bundle), str(made)]) == 1
    assert yaml.safe_load((made / "competition.yaml").read_text())["title"] == "Name the Animal"


def test_every_note_has_a_sentence_that_says_enough():
    for code, sentence in NOTES.items():
        assert sentence.endswith((".", ")")), code
