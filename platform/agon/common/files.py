"""Short-lived addresses of stored files, for scoring workers that hold no keys of their own.

With object storage the storage signs its own address. With files on disk the site signs one that
its view `worker_file` honours: the file's name and the time until which it is good.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.signing import BadSignature, Signer
from django.urls import reverse

CHUNK = 1024 * 1024
_signer = Signer(salt="agon.common.files")


class ExpiredAddress(Exception):
    """The signed address is forged, damaged or too old."""


@dataclass(frozen=True, slots=True)
class Digest:
    sha256: str
    size: int


def digest(stream: IO[bytes]) -> Digest:
    """Hash and size of a stream, read once in pieces; the stream is at its start again after."""
    stream.seek(0)
    sha256 = hashlib.sha256()
    size = 0
    while block := stream.read(CHUNK):
        sha256.update(block)
        size += len(block)
    stream.seek(0)
    return Digest(sha256=sha256.hexdigest(), size=size)


def worker_url(name: str, *, seconds: int) -> str:
    """An address from which the named file can be fetched for a while, without logging in."""
    storage = storages["default"]
    if not isinstance(storage, FileSystemStorage) and hasattr(storage, "querystring_expire"):
        return str(storage.url(name, expire=seconds))  # type: ignore[call-arg]
    signed = _signer.sign_object({"name": name, "until": int(time.time()) + seconds}, compress=True)
    return settings.INTERNAL_URL + reverse("worker-file", args=[signed])


def name_from(signed: str) -> str:
    """The file's name in a signed address that is still good."""
    try:
        content = _signer.unsign_object(signed)
    except BadSignature as error:
        raise ExpiredAddress from error
    if content["until"] < time.time():
        raise ExpiredAddress
    return str(content["name"])
