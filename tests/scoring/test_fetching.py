"""Files from a real HTTP server: whole, or not at all."""

import os
import time

import pytest
from scoring_files import sha256_of

from scoring.contract import FileReference
from scoring.faults import PlatformFault
from scoring.fetching import Fetcher

CONTENT = b"id,label\n" * 100


@pytest.fixture
def fetcher(tmp_path):
    return Fetcher(tmp_path / "cache")


def soon(seconds=10.0):
    return time.time() + seconds


def code_of(error):
    return error.value.problem.code


def test_a_file_is_fetched_once_and_kept(fetcher, storage):
    reference = storage.put(CONTENT)
    for _ in range(2):
        assert fetcher.cached(reference, expires_at=soon()).read_bytes() == CONTENT
    assert storage.requests == 1


def test_a_submission_is_gone_afterwards(fetcher, storage):
    with fetcher.temporary(storage.put(CONTENT), expires_at=soon()) as path:
        assert path.read_bytes() == CONTENT
    assert list(fetcher.folder.iterdir()) == []


@pytest.mark.parametrize("poison", [b"", CONTENT[:-1], CONTENT[:-1] + b"x"])
def test_a_poisoned_cache_is_fetched_again(fetcher, storage, poison):
    reference = storage.put(CONTENT)
    (fetcher.folder / reference.sha256).write_bytes(poison)
    assert fetcher.cached(reference, expires_at=soon()).read_bytes() == CONTENT


def test_a_server_that_stumbles_is_asked_again(fetcher, storage):
    reference = storage.put(CONTENT)
    storage.answers = [500, 503]
    assert fetcher.cached(reference, expires_at=soon()).read_bytes() == CONTENT
    assert storage.requests == 3


@pytest.mark.parametrize("status", [403, 404])
def test_a_file_that_is_gone_is_not_asked_for_again(fetcher, storage, status):
    reference = storage.put(CONTENT)
    storage.answers = [status]
    with pytest.raises(PlatformFault) as error:
        fetcher.cached(reference, expires_at=soon())
    assert code_of(error) == "file_gone"
    assert storage.requests == 1


@pytest.mark.parametrize("other", [CONTENT[:-1] + b"x", CONTENT + b"x", CONTENT[:-1]])
def test_another_file_than_was_stored_is_refused_and_leaves_nothing(fetcher, storage, other):
    reference = storage.put(CONTENT)
    storage.files[reference.sha256] = other
    with pytest.raises(PlatformFault) as error:
        fetcher.cached(reference, expires_at=soon())
    assert code_of(error) == "file_changed"
    assert list(fetcher.folder.iterdir()) == []


def test_no_server_until_the_job_expires(fetcher):
    reference = FileReference(
        url="http://127.0.0.1:9/x", name="x.csv", sha256=sha256_of(CONTENT), size=len(CONTENT)
    )
    with pytest.raises(PlatformFault) as error:
        fetcher.cached(reference, expires_at=soon(0.3))
    assert code_of(error) == "file_unfetched"


def test_the_oldest_go_when_the_cache_is_full(tmp_path, storage):
    fetcher = Fetcher(tmp_path / "cache", max_bytes=250)
    references = [storage.put(bytes([number]) * 100) for number in range(4)]
    paths = []
    for age, reference in enumerate(references):
        paths.append(fetcher.cached(reference, expires_at=soon()))
        os.utime(paths[-1], (1000 + age, 1000 + age))
    assert [path.exists() for path in paths] == [False, False, True, True]
