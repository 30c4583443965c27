"""Nothing of a competition is forgotten: each model goes along, or stays behind for a reason."""

from __future__ import annotations

from django.apps import apps
from django.db.models import DateTimeField

from agon.accounts.models import User
from agon.bundles.models import Transfer
from agon.bundles.tables import LEFT_OUT, TABLES
from agon.competitions.models import Competition, Phase

APPS = (
    "competitions",
    "teams",
    "leaderboards",
    "submissions",
    "notebooks",
    "integrity",
    "notifications",
)
HISTORY = {"created_at", "updated_at", "carried_at", "results_published_at"}


def test_every_model_goes_along_or_is_left_out_on_purpose():
    known = {table.model for table in TABLES} | set(LEFT_OUT)
    models = {model for name in APPS for model in apps.get_app_config(name).get_models()}
    forgotten = sorted(model._meta.label for model in models - known)
    assert forgotten == [], "describe them in agon/bundles/tables.py: in TABLES, or in LEFT_OUT"
    assert models >= known


def test_no_model_is_both_taken_along_and_left_out():
    assert not {table.model for table in TABLES} & set(LEFT_OUT)
    assert len({table.model for table in TABLES}) == len(TABLES)


def test_every_key_leads_to_a_table_before_it_or_to_a_person():
    seen = set()
    for table in TABLES:
        seen.add(table.model)
        for key in table.references():
            leads = key.related_model in seen or key.null
            assert leads, f"{table.name}.{key.name} leads to a table that comes later, or to none"


def test_every_relation_to_many_people_goes_along():
    for table in TABLES:
        many = {one.name for one in table.model._meta.many_to_many}
        assert many == set(table.people), table.name
        assert all(one.related_model is User for one in table.model._meta.many_to_many)


def test_every_moment_of_a_competition_is_ahead_or_history():
    for table in TABLES:
        if table.model in {Competition, Phase}:
            moments = {f.name for f in table.model._meta.fields if isinstance(f, DateTimeField)}
            assert moments <= set(table.dates) | HISTORY, "name it in `dates`, or in HISTORY here"


def test_transfers_are_no_part_of_a_competition():
    assert Transfer not in {table.model for table in TABLES}
