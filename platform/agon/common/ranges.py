"""Answers with a part of a file, for downloads that go on where they were cut (RFC 9110, §14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, quote_etag

BLOCK = 256 * 1024
_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def ranged(
    request: HttpRequest, stream: IO[bytes], *, name: str, size: int, sha256: str
) -> HttpResponseBase:
    """A file to keep, whole or the one range that was asked for.

    The hash is the entity tag, so a part never goes on a file that has changed (`If-Range`).
    """
    etag = quote_etag(sha256)
    asked = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        asked = ""
    span = _span(asked, size)
    if span is None:
        stream.close()
        response: HttpResponseBase = HttpResponse(status=416, content_type="text/plain")
        response["Content-Range"] = f"bytes */{size}"
        return response
    first, last = span
    part = _Part(stream, first, last - first + 1)
    if request.method == "HEAD":
        part.close()
        response = HttpResponse(content_type="application/octet-stream")
    else:
        response = StreamingHttpResponse(part, content_type="application/octet-stream")
    if last - first + 1 < size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte to send; None where there are none in the range.

    What is no single range of bytes is answered with the whole file, as the standard allows.
    """
    found = _ONE_RANGE.fullmatch(asked)
    if found is None or not any(found.groups()):
        return 0, size - 1
    start, end = found.groups()
    if not start:  # the last so many bytes
        length = min(int(end), size)
        return (size - length, size - 1) if length else None
    first = int(start)
    last = min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return 0, size - 1
    return (first, last) if first < size else None


class _Part:
    """Some bytes of a file in blocks; closed by the response, even where nobody read them."""

    def __init__(self, stream: IO[bytes], first: int, length: int) -> None:
        self._stream, self._first, self._length = stream, first, length

    def __iter__(self) -> Iterator[bytes]:
        left = self._length
        self._stream.seek(self._first)
        while left > 0 and (block := self._stream.read(min(BLOCK, left))):
            left -= len(block)
            yield block

    def close(self) -> None:
        self._stream.close()
