"""Arrays of an .npz file, mapped where they can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scoring.runners.npz import ArrayFile

ARRAYS = arrays.arrays(
    st.sampled_from([np.float32, np.int64, np.uint8, np.bool_, "U3", ">f8"]),
    arrays.array_shapes(min_dims=0, min_side=0, max_side=4),
)


@given(ARRAYS, st.booleans(), st.booleans())
def test_what_was_saved_comes_back(tmp_path_factory, values, compressed, fortran):
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    save = np.savez_compressed if compressed else np.savez
    values = np.asfortranarray(values) if fortran else values
    save(path, first=np.arange(3), values=values)
    file = ArrayFile(path)
    assert list(file) == ["first", "values"]
    assert file.header("values").shape == values.shape
    np.testing.assert_array_equal(file["values"], values)
    assert file["values"].dtype == values.dtype


def test_a_stored_array_is_mapped_and_its_file_stays_as_it_is(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, values=np.zeros(5))
    before = path.read_bytes()
    mapped = ArrayFile(path)["values"]
    assert isinstance(mapped, np.memmap)
    mapped += 1
    assert mapped.sum() == 5 and path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(10)])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"no \.npz file"):
        ArrayFile(path)


def test_objects_are_never_loaded(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, values=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="Python objects"):
        ArrayFile(path)["values"]
