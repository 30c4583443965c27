"""Croissant and schema.org: what the data page says, for programs."""

from __future__ import annotations

import json
import re

import factories
import pytest
from competition_folders import PREPARE, write_folder
from django.core.files.base import ContentFile
from django.urls import reverse

from agon.competitions.columns import columns_of
from agon.competitions.models import Competition, DataFile
from agon.competitions.preparer import Preparer
from agon.competitions.services import announce_folders
from agon.competitions.services.preparing import claim_preparation

pytestmark = pytest.mark.django_db

HOSTILE = '</script><script>alert("1")</script><!-- & \u2028'


@pytest.fixture
def files(cast):
    for order, (name, columns) in enumerate(
        [
            ("train.csv", [{"name": "id", "type": "Integer"}, {"name": "a b/c", "type": "Text"}]),
            ("test.npz", []),
        ]
    ):
        file = DataFile(
            competition=cast.competition, name=name, sha256=f"{order}" * 64, size=1234,
            description=f"What {name} holds", columns=columns, order=order,
        )  # fmt: skip
        file.file.save(name, ContentFile(b"id\n"))
    return list(cast.competition.data_files.all())


def croissant(client) -> dict:
    response = client.get(reverse("competitions:croissant", args=["digits"]))
    assert response["Content-Type"] == "application/ld+json"
    return response.json()


def linked_data(client) -> dict:
    page = client.get(reverse("competitions:data", args=["digits"])).content.decode()
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(block)


def test_croissant_names_each_file_with_size_hash_and_address(client, files):
    document = croissant(client)
    assert document["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert document["@type"] == "sc:Dataset"
    assert {"name", "description", "url", "creator", "datePublished"} <= set(document)
    train, test = document["distribution"]
    assert train == {
        "@type": "cr:FileObject",
        "@id": "train.csv",
        "name": "train.csv",
        "description": "What train.csv holds",
        "contentUrl": f"http://127.0.0.1:8000/competitions/digits/data/{files[0].pk}/",
        "contentSize": "1234 B",
        "encodingFormat": "text/csv",
        "sha256": "0" * 64,
    }
    assert test["encodingFormat"] == "application/zip"


def test_croissant_names_the_columns_of_tables(client, files):
    (rows,) = croissant(client)["recordSet"]
    assert rows["key"] == {"@id": "train.csv-rows/id"}
    assert [field["dataType"] for field in rows["field"]] == ["sc:Integer", "sc:Text"]
    odd = rows["field"][1]
    assert odd["@id"] == "train.csv-rows/a%20b%2Fc"
    assert odd["source"] == {"fileObject": {"@id": "train.csv"}, "extract": {"column": "a b/c"}}


def test_every_id_is_there_once_and_every_reference_leads_somewhere(client, files):
    document = croissant(client)
    defined, referred = [], []

    def walk(value):
        if isinstance(value, dict):
            (referred if set(value) == {"@id"} else defined).append(value.get("@id"))
            for name, inner in value.items():
                if name != "@context":
                    walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)
    named = [identity for identity in defined if identity]
    assert len(named) == len(set(named)) == 5
    assert set(referred) <= set(named)


def test_every_short_name_is_one_of_the_context_or_of_schema_org(client, files):
    document = croissant(client)
    context = document["@context"]
    assert context["recordSet"] == "cr:recordSet"
    assert context["cr"] == "http://mlcommons.org/croissant/"
    assert context["dataType"] == {"@id": "cr:dataType", "@type": "@vocab"}
    assert {"recordSet", "field", "source", "extract", "fileObject", "column", "key"} <= set(
        context
    )


def test_licence_and_citation_are_in_both_where_the_host_names_them(client, files):
    assert "license" not in croissant(client)
    Competition.objects.filter(slug="digits").update(
        licence_name="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        citation="Somebody (1998)",
        tags=["images"],
    )
    document, block = croissant(client), linked_data(client)
    assert document["license"] == block["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert (document["citeAs"], block["citation"]) == ("Somebody (1998)", "Somebody (1998)")
    assert document["keywords"] == ["images"]


def test_the_data_page_links_to_it_and_carries_schema_org(client, files):
    page = client.get(reverse("competitions:data", args=["digits"])).content.decode()
    assert 'href="/competitions/digits/croissant.json"' in page
    block = linked_data(client)
    assert (block["@context"], block["@type"]) == ("https://schema.org/", "Dataset")
    assert [file["@type"] for file in block["distribution"]] == ["DataDownload"] * 2


def test_no_text_of_a_host_leaves_its_block_and_no_other_script_stands_in_the_page(client, files):
    Competition.objects.filter(slug="digits").update(
        title=HOSTILE, subtitle=HOSTILE, citation=HOSTILE
    )
    assert linked_data(client)["name"] == HOSTILE
    assert croissant(client)["name"] == HOSTILE
    page = client.get(reverse("competitions:data", args=["digits"])).content.decode()
    inline = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page)
    assert inline == ['<script type="application/ld+json">']
    assert "<script>alert" not in page


def test_without_files_there_is_no_metadata(client, cast):
    assert client.get(reverse("competitions:croissant", args=["digits"])).status_code == 404
    page = client.get(reverse("competitions:data", args=["digits"])).content.decode()
    assert "ld+json" not in page


def test_the_metadata_of_a_private_competition_is_for_its_members(client, cast, files):
    Competition.objects.filter(slug="digits").update(visibility="private")
    address = reverse("competitions:croissant", args=["digits"])
    assert client.get(address).status_code == 404
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (
            "id,score,day,name,none\n1,0.5,2026-01-31,x,\n2,1,2026-02-01,,\n",
            "Integer Float Date Text Text",
        ),
        ("\ufeffid\n1\n", "Integer"),
        ("id\n", "Text"),
        ("id,id\n1,2\n", ""),
        ("", ""),
        ("id,\n1,2\n", ""),
        ('id,"text, with comma"\n1,"a\nb"\n2\n', "Integer Text"),
    ],
)
def test_columns_of_a_table(tmp_path, text, types):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    assert " ".join(column["type"] for column in columns_of(path)) == types


def test_what_is_no_table_has_no_columns(tmp_path):
    for name, content in (
        ("a.npz", b"PK"),
        ("broken.csv", b"\xff\xfe\x00"),
        ("long.csv", b"a" * 200_000),
    ):
        (tmp_path / name).write_bytes(content)
        assert columns_of(tmp_path / name) == []


def test_a_folder_brings_its_columns_along(shelf):
    factories.make_user("stan", is_staff=True)
    write_folder(shelf / "tiny", prepare=PREPARE)
    announce_folders(retry_failed=False)
    Preparer().run(claim_preparation())
    assert DataFile.objects.get(competition__slug="tiny").columns == [
        {"name": "id", "type": "Integer"},
        {"name": "label", "type": "Integer"},
    ]
