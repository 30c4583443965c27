"""Short-lived addresses of stored files."""

import io

import pytest

from agon.common.files import ExpiredAddress, digest, name_from, worker_url


def signed(url):
    return url.rsplit("/", 1)[-1]


def test_an_address_names_its_file_until_it_expires(settings):
    settings.INTERNAL_URL = "http://site"
    url = worker_url("solutions/a.csv", seconds=30)
    assert url.startswith("http://site/files/")
    assert name_from(signed(url)) == "solutions/a.csv"
    with pytest.raises(ExpiredAddress):
        name_from(signed(worker_url("solutions/a.csv", seconds=-1)))


@pytest.mark.parametrize("address", ["", "nonsense", "a:b", "a:b:c"])
def test_an_address_that_we_did_not_sign_names_nothing(address):
    with pytest.raises(ExpiredAddress):
        name_from(address)


def test_an_address_that_was_changed_names_nothing():
    address = signed(worker_url("a.csv", seconds=30))
    with pytest.raises(ExpiredAddress):
        name_from("x" + address)


def test_object_storage_signs_its_own_addresses(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "agon",
                "endpoint_url": "http://127.0.0.1:9",
                "access_key": "key",
                "secret_key": "secret",
                "querystring_auth": True,
            },
        },
    }
    url = worker_url("solutions/a.csv", seconds=77)
    assert "solutions/a.csv" in url
    assert "127.0.0.1:9" in url
    assert "Expires" in url
    assert "secret" not in url


def test_a_digest_reads_the_whole_stream_and_rewinds_it():
    stream = io.BytesIO(b"abc" * 1_000_000)
    found = digest(stream)
    assert found.size == 3_000_000
    assert stream.tell() == 0
    assert len(found.sha256) == 64
