"""Loading a competition from its folder, and accepting its rules."""

from __future__ import annotations

import factories
import pytest
import yaml
from django.core.management import CommandError, call_command

from agon.competitions import rules, services
from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import Competition
from scoring.definition import load_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    """A small, whole competition."""
    home = tmp_path / "tiny"
    home.mkdir()
    for page in ("overview", "data", "evaluation", "rules"):
        (home / f"{page}.md").write_text(f"# {page}\n", encoding="utf-8")
    (home / "train.csv").write_text("id,label\n100,1\n", encoding="utf-8")
    (home / "sample.csv").write_text("id,label\n1,0\n2,0\n", encoding="utf-8")
    (home / "solution.csv").write_text(
        "id,label,Usage\n1,0,Public\n2,1,Private\n", encoding="utf-8"
    )
    write(home)
    return home


def write(home, **changes):
    definition = {
        "version": 1,
        "slug": "tiny",
        "title": "Tiny",
        "visibility": "public",
        "pages": {page: f"{page}.md" for page in ("overview", "data", "evaluation", "rules")},
        "data": [{"file": "train.csv", "description": "Rows to learn from"}],
        "phases": [
            {
                "submission": {"sample": "sample.csv", "columns": {"label": "integer"}},
                "solution": {"file": "solution.csv"},
                "metrics": [{"name": "accuracy"}],
            }
        ],
        **changes,
    }
    (home / "competition.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")


def load(home, host=None):
    return services.load_competition(definition=load_definition(home), host=host)


def test_a_folder_becomes_a_competition(folder):
    host = factories.make_user()
    competition = load(folder, host)
    phase = competition.phases.get()
    assert competition.title == "Tiny"
    assert competition.host == host
    assert phase.layout_spec.id_column == "id"
    assert phase.solutions.get().version == 1
    assert [file.name for file in competition.data_files.all()] == ["train.csv"]
    assert competition.pages.count() == 4


def test_what_a_folder_says_of_the_close_holds_and_the_rest_is_the_hosts(folder):
    competition = load(folder, factories.make_user())
    phase = competition.phases.get()
    competition.team_size, competition.gives_medals = 9, True
    competition.save()
    phase.final_count, phase.takes_late = 7, True
    phase.save()
    ends = "2036-01-01T00:00:00Z"
    write(folder, ends=ends, entry_until=ends, teams={"size": 3, "merge_until": ends})
    loaded = load(folder)
    assert (loaded.team_size, loaded.gives_medals, loaded.gives_certificates) == (3, True, True)
    assert loaded.entry_deadline == loaded.merge_deadline == loaded.ends_at
    phase.refresh_from_db()
    assert (phase.final_count, phase.takes_late, phase.results_at_once) == (7, True, True)
    closing = {"final_submissions": 1, "late": False, "results": "published"}
    declared = yaml.safe_load((folder / "competition.yaml").read_text())["phases"][0]
    write(folder, results={"certificates": False}, phases=[{**declared, **closing}])
    loaded = load(folder)
    assert (loaded.gives_certificates, loaded.team_size) == (False, 3)
    phase.refresh_from_db()
    assert (phase.final_count, phase.takes_late, phase.results_at_once) == (1, False, False)


def test_loading_it_twice_changes_nothing(folder):
    first = load(folder, factories.make_user())
    files = [file.file.name for file in first.data_files.all()]
    sample = first.phases.get().sample.name
    second = load(folder)
    assert second.pk == first.pk
    assert [file.file.name for file in second.data_files.all()] == files
    assert second.phases.get().sample.name == sample
    assert second.phases.get().solutions.count() == 1
    assert second.rules_version == 1


def test_another_solution_becomes_the_next_version(folder):
    load(folder, factories.make_user())
    (folder / "solution.csv").write_text(
        "id,label,Usage\n1,1,Public\n2,1,Private\n", encoding="utf-8"
    )
    phase = load(folder).phases.get()
    assert [solution.version for solution in phase.solutions.all()] == [2, 1]


def test_other_rules_must_be_accepted_anew_and_other_pages_need_not(folder):
    load(folder, factories.make_user())
    (folder / "overview.md").write_text("# New\n", encoding="utf-8")
    assert load(folder).rules_version == 1
    (folder / "rules.md").write_text("# Stricter\n", encoding="utf-8")
    assert load(folder).rules_version == 2


def test_columns_and_metrics_stay_once_there_are_submissions(folder):
    competition = load(folder, factories.make_user())
    phase = competition.phases.get()
    team = factories.make_team(competition, factories.make_user())
    factories.make_submission(team, phase)
    load(folder)
    other = yaml.safe_load((folder / "competition.yaml").read_text(encoding="utf-8"))["phases"]
    other[0]["metrics"] = [{"name": "macro_f1"}]
    write(folder, phases=other)
    with pytest.raises(CompetitionRefused, match="cannot change"):
        load(folder)
    phase.refresh_from_db()
    assert phase.primary_metric.title == "Accuracy"


def test_a_data_file_that_the_folder_no_longer_names_is_gone(folder):
    load(folder, factories.make_user())
    write(folder, data=[])
    assert load(folder).data_files.count() == 0


def test_pictures_prizes_and_questions_come_and_go_with_the_folder(folder):
    for name in ("prizes.md", "faq.md", "samples.png"):
        (folder / name).write_text("## Text\n", encoding="utf-8")
    pages = {page: f"{page}.md" for page in ("overview", "data", "evaluation", "rules")}
    write(
        folder,
        pages={**pages, "prizes": "prizes.md", "faq": "faq.md"},
        pictures=[{"file": "samples.png", "alt": "Ten digits", "caption": "Samples"}],
        licence={"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        citation="Somebody (1998)",
    )
    competition = load(folder, factories.make_user())
    assert competition.pages.count() == 6
    assert (competition.licence_name, competition.citation) == ("CC BY 4.0", "Somebody (1998)")
    picture = competition.pictures.get()
    stored = picture.file.name
    assert (picture.alt, picture.caption, picture.page) == ("Ten digits", "Samples", "data")
    load(folder)
    picture.refresh_from_db()
    assert picture.file.name == stored
    (folder / "samples.png").write_text("other", encoding="utf-8")
    load(folder)
    address = picture.url
    picture = competition.pictures.get()
    with picture.file.open() as stored_file:
        assert stored_file.read() == b"other"
    assert picture.url != address
    write(folder)
    competition = load(folder)
    assert (competition.pages.count(), competition.pictures.count()) == (4, 0)
    assert (competition.licence_name, competition.licence_url, competition.citation) == ("", "", "")


def test_a_new_competition_needs_a_host(folder):
    with pytest.raises(CompetitionRefused, match="--host"):
        load(folder)
    assert Competition.objects.count() == 0


def test_the_command_says_file_line_and_fix_of_a_bad_folder(folder):
    write(folder, titel="Tiny")
    with pytest.raises(CommandError, match=r"competition.yaml.*line \d+.*titel"):
        call_command("load_competition", str(folder))


def test_accepting_the_rules_is_joining_and_is_recorded_with_its_version():
    competition = factories.make_competition()
    user = factories.make_user()
    acceptance = services.accept_rules(user=user, competition=competition, version=1)
    assert (acceptance.user, acceptance.version) == (user, 1)
    assert services.accept_rules(user=user, competition=competition, version=1) == acceptance
    assert rules.is_participant(user, competition)


def test_rules_that_changed_meanwhile_are_not_accepted_unseen():
    competition = factories.make_competition(rules_version=2)
    with pytest.raises(CompetitionRefused, match="changed"):
        services.accept_rules(user=factories.make_user(), competition=competition, version=1)


def test_nobody_joins_a_private_competition_by_asking():
    competition = factories.make_competition(visibility="private")
    with pytest.raises(CompetitionRefused):
        services.accept_rules(user=factories.make_user(), competition=competition, version=1)
