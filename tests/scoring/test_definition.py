"""competition.yaml: a good folder loads, a bad one is refused with file, line and fix."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scoring.contract import Layout, Limits, MetricSpec
from scoring.definition import competition_schema, load_definition
from scoring.errors import BrokenCompetition

YAML = """\
version: 1
slug: digits
title: Digits
tags: [images]
pages: {overview: overview.md, data: data.md, evaluation: evaluation.md, rules: rules.md}
prepare: prepare.py
starts: 2026-01-01T00:00:00Z
phases:
  - name: main
    submission: {sample: prepared/sample.csv, columns: {label: integer}}
    solution: {file: prepared/solution.csv}
    metrics:
      - {name: accuracy}
    limits: {file_size: 20MB}
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("overview", "data", "evaluation", "rules"):
        (tmp_path / f"{name}.md").write_text(f"# {name}")
    (tmp_path / "prepare.py").touch()
    (tmp_path / "prepared").mkdir()
    (tmp_path / "prepared/sample.csv").write_text("id,label\n1,0\n")
    (tmp_path / "prepared/solution.csv").write_text("id,label,Usage\n1,7,Public\n")
    (tmp_path / "competition.yaml").write_text(YAML)
    return tmp_path


def refusal(folder, old="", new=""):
    text = (folder / "competition.yaml").read_text()
    assert old in text
    (folder / "competition.yaml").write_text(text.replace(old, new, 1) if old else text)
    with pytest.raises(BrokenCompetition) as caught:
        load_definition(folder)
    return [problem.sentence() for problem in caught.value.problems]


def test_a_good_folder_loads(folder):
    definition = load_definition(folder)
    phase = definition.phases[0]
    assert definition.pages.overview == folder / "overview.md"
    assert phase.layout() == Layout(id_column="id", columns={"label": "integer"})
    assert phase.metric_specs() == (
        MetricSpec(name="accuracy", target="label", prediction=("label",)),
    )
    assert phase.scoring_limits() == Limits(file_bytes=20 * 1024**2)


def test_it_is_frozen(folder):
    with pytest.raises(ValueError):
        load_definition(folder).title = "other"


BAD = [
    ("slug: digits", "slug: Two Words", "line 2: slug: must be small letters"),
    ("title: Digits\n", "", "line 1: title: is missing"),
    ("title: Digits", "titel: Digits", "line 3: titel: is not known here. Did you mean `title`?"),
    ("overview.md", "../secret.md", "line 5: pages.overview: must be a path inside"),
    ("overview.md", "/etc/passwd", "line 5: pages.overview: must be a path inside"),
    ("overview.md", "link.md", "line 5: pages.overview: must be a path inside"),
    ("data.md", "absent.md", "line 5: pages.data: absent.md does not exist"),
    ("sample.csv", "absent.csv", "line 10: phases.0.submission.sample: prepared/absent.csv"),
    ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "line 7: starts: has no time zone"),
    ("starts:", "ends: 2025-01-01T00:00:00Z\nstarts:", "line 7: ends: is not after starts"),
    ("name: accuracy", "name: acuracy", "line 13: phases.0.metrics.0.name: there is no metric"),
    ("name: accuracy", "name: accuracy, prediction: x", "“x” is not a submission column"),
    ("name: accuracy", "name: accuracy, target: x", "solution.csv has no column “x”"),
    ("name: accuracy", "name: accuracy, parameters: {k: 1}", "parameters.k: is not known"),
    ("{name: accuracy}", "{name: accuracy}\n      - {name: accuracy}", "is there twice"),
    ("label: integer", "label: text}, id_type: {", "id_type"),
    ("20MB", "20 apples", "line 14: phases.0.limits.file_size: `20 apples` is not a size"),
    ("title: Digits", "title: Digits\ntitle: Twice", "line 4: `title` is given twice"),
    ("title: Digits", "title: [", "competition.yaml, line 5"),
    ("tags: [images]", "tags: &a [images]\ncover_alt: *a", "aliases"),
    ("version: 1", "version: 2", "line 1: version: "),
    ("version: 1", "folder: /\nversion: 1", "line 1: folder: is not known here"),
    ("name: main", "name: main\n    metrics: 3", "given twice"),
]


@pytest.mark.parametrize(("old", "new", "expected"), BAD)
def test_a_bad_folder_is_refused_with_file_line_and_fix(folder, old, new, expected):
    (folder / "link.md").symlink_to("/etc/passwd")
    sentences = refusal(folder, old, new)
    assert any(expected in sentence for sentence in sentences), sentences
    assert all("competition.yaml, line " in sentence for sentence in sentences)


def test_all_faults_are_told_together(folder):
    (folder / "data.md").unlink()
    (folder / "prepared/sample.csv").unlink()
    assert len(refusal(folder)) == 2


def test_a_file_that_prepare_makes_is_made_by_running_it(folder):
    (folder / "prepared/sample.csv").unlink()
    assert f"Make it: python {folder / 'prepare.py'}" in refusal(folder)[0]
    definition = load_definition(folder, files_must_exist=False)
    assert definition.missing_files() == (folder / "prepared/sample.csv",)


def test_a_folder_without_definition(tmp_path):
    with pytest.raises(BrokenCompetition, match=r"competition\.yaml can't be read"):
        load_definition(tmp_path)


def test_labels_of_log_loss_must_fit_its_columns(folder):
    new = "name: log_loss, parameters: {labels: [0, 1, 2]}"
    assert "has 3 classes" in refusal(folder, "name: accuracy", new)[0]


@pytest.mark.parametrize(("text", "size"), [("20MB", 20 * 1024**2), ("1.5 kB", 1536), (7, 7)])
def test_sizes(folder, text, size):
    path = folder / "competition.yaml"
    path.write_text(path.read_text().replace("20MB", str(text)))
    assert load_definition(folder).phases[0].limits.file_size == size


def test_a_relative_folder_gives_absolute_paths(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    definition = load_definition(Path(folder.name))
    assert definition.pages.rules.is_absolute()


EXTRAS = """\
pictures:
  - {file: prepared/samples.png, alt: Ten digits, caption: Samples, page: overview}
  - {file: prepared/classes.svg, alt: A bar for each digit}
licence: {name: CC BY 4.0, url: "https://creativecommons.org/licenses/by/4.0/"}
citation: Somebody (1998)
"""


def with_extras(folder, text=EXTRAS):
    for name in ("prizes.md", "faq.md", "prepared/samples.png", "prepared/classes.svg"):
        (folder / name).write_text("## Text")
    path = folder / "competition.yaml"
    pages = "rules: rules.md, prizes: prizes.md, faq: faq.md}"
    path.write_text(path.read_text().replace("rules: rules.md}", pages) + text)
    return folder


def test_prizes_questions_pictures_and_the_licence_may_be_there_or_not(folder):
    plain = load_definition(folder)
    assert (plain.pages.prizes, plain.pages.faq, plain.pictures) == (None, None, ())
    definition = load_definition(with_extras(folder))
    assert definition.pages.faq == folder / "faq.md"
    assert [picture.page for picture in definition.pictures] == ["overview", "data"]
    assert definition.licence.name == "CC BY 4.0"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (", alt: Ten digits", "", "line 16: pictures.0.alt: is missing"),
        ("samples.png", "samples.exe", "pictures.0.file: must be a picture that ends in .png"),
        ("samples.png", "absent.png", "pictures.0.file: prepared/absent.png does not exist"),
        ("page: overview", "page: rules", "pictures.0.page: "),
        ("https://creative", "javascript://creative", "licence.url: "),
        ("name: CC BY 4.0", "title: CC BY 4.0", "licence.name: is missing"),
        ("faq: faq.md", "faq: no.md", "pages.faq: no.md does not exist"),
        ("faq: faq.md", "fax: faq.md", "pages.fax: is not known here. Did you mean `faq`?"),
    ],
)
def test_a_fault_in_them_is_refused_like_any_other(folder, old, new, expected):
    sentences = refusal(with_extras(folder), old, new)
    assert any(expected in sentence for sentence in sentences), sentences


CLOSING = """\
ends: 2026-06-01T00:00:00Z
entry_until: 2026-05-01T00:00:00Z
teams: {size: 3, merge_until: 2026-05-15T00:00:00Z}
results: {medals: true}
phases:
  - final_submissions: 3
    late: true
    results: published
"""


def with_closing(folder):
    text = (folder / "competition.yaml").read_text().replace("phases:\n  - ", CLOSING + "    ")
    (folder / "competition.yaml").write_text(text)
    return folder


def test_a_definition_says_how_its_competition_closes(folder):
    definition = load_definition(with_closing(folder))
    phase = definition.phases[0]
    assert (definition.teams.size, definition.results.medals) == (3, True)
    assert definition.results.certificates
    assert definition.entry_until < definition.teams.merge_until < definition.ends
    assert (phase.final_submissions, phase.late, phase.results) == (3, True, "published")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("entry_until: 2026-05", "entry_until: 2025-12", "entry_until: is not after starts"),
        ("entry_until: 2026-05", "entry_until: 2026-07", "entry_until: is after ends"),
        ("merge_until: 2026-05", "merge_until: 2026-07", "teams.merge_until: is after ends"),
        ("size: 3", "size: 0", "teams.size: "),
        ("final_submissions: 3", "final_submissions: 0", "phases.0.final_submissions: "),
        ("results: published", "results: later", "phases.0.results: "),
        ("late: true", "lates: true", "Did you mean `late`?"),
    ],
)
def test_a_close_that_cannot_be_is_refused(folder, old, new, expected):
    sentences = refusal(with_closing(folder), old, new)
    assert any(expected in sentence for sentence in sentences), sentences


def test_the_schema_is_json_schema():
    Draft202012Validator.check_schema(competition_schema())
    assert "folder" not in competition_schema()["properties"]
