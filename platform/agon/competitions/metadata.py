"""What a competition's data is, for machines: Croissant 1.0 of MLCommons, and schema.org's Dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse

from agon.competitions.models import Competition, DataFile

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject",
            "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField",
            "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator", "source",
            "subField", "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}  # fmt: skip
"""The context that the specification recommends."""

FORMATS = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".npz": "application/zip",
    ".parquet": "application/vnd.apache.parquet",
    ".txt": "text/plain",
    ".zip": "application/zip",
}
ANY_FORMAT = "application/octet-stream"


def croissant(
    competition: Competition, files: Sequence[DataFile], *, id_column: str
) -> dict[str, Any]:
    """The Croissant document; only CSV files say which records they hold."""
    about = _about(competition)
    if competition.citation:
        about["citeAs"] = competition.citation
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        **about,
        "distribution": [_file_object(competition, file) for file in files],
        "recordSet": [_record_set(file, id_column=id_column) for file in files if file.columns],
    }


def dataset(competition: Competition, files: Sequence[DataFile]) -> dict[str, Any]:
    """The same for search engines, which read schema.org's own terms."""
    about = _about(competition)
    if competition.citation:
        about["citation"] = competition.citation
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **about,
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", **_download(competition, file)} for file in files
        ],
    }


def address_of(view: str, *arguments: object) -> str:
    """Absolute, for what is read away from the site."""
    return settings.SITE_URL + reverse(view, args=arguments)


def _about(competition: Competition) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": competition.title,
        "description": competition.subtitle or competition.title,
        "url": address_of("competitions:data", competition.slug),
        "creator": {"@type": "Person", "name": str(competition.host)},
        "datePublished": competition.created_at.date().isoformat(),
        "dateModified": competition.updated_at.date().isoformat(),
        "version": f"{competition.updated_at:%Y}.{competition.updated_at.month}.{competition.updated_at.day}",
    }
    if competition.tags:
        about["keywords"] = competition.tags
    if competition.licence_name:
        about["license"] = competition.licence_url or competition.licence_name
    return about


def _download(competition: Competition, file: DataFile) -> dict[str, Any]:
    about = {
        "name": file.name,
        "contentUrl": address_of("competitions:download", competition.slug, file.pk),
        "contentSize": f"{file.size} B",
        "encodingFormat": FORMATS.get(PurePosixPath(file.name).suffix.lower(), ANY_FORMAT),
        "sha256": file.sha256,
    }
    return about | ({"description": file.description} if file.description else {})


def _file_object(competition: Competition, file: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": quote(file.name, safe=""),
        **_download(competition, file),
    }


def _record_set(file: DataFile, *, id_column: str) -> dict[str, Any]:
    """One record a row. Its id is the file's name and an ending, so that no other file has it."""
    identity = f"{quote(file.name, safe='')}-rows"
    fields = {
        column["name"]: f"{identity}/{quote(column['name'], safe='')}" for column in file.columns
    }
    key = {"key": {"@id": fields[id_column]}} if id_column in fields else {}
    return {
        "@type": "cr:RecordSet",
        "@id": identity,
        "name": identity,
        "description": file.description or f"The rows of {file.name}.",
        **key,
        "field": [
            {
                "@type": "cr:Field",
                "@id": fields[column["name"]],
                "name": fields[column["name"]],
                "description": f"The column {column['name']} of {file.name}.",
                "dataType": f"sc:{column['type']}",
                "source": {
                    "fileObject": {"@id": quote(file.name, safe="")},
                    "extract": {"column": column["name"]},
                },
            }
            for column in file.columns
        ],
    }
