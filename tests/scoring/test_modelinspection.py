"""The door for models and programs: right files pass, others are refused with what to do."""

import io
import json
import stat
import zipfile
from contextlib import suppress

import onnx
import pytest
import safetensors.numpy
import skops.io
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import float32, zeros
from onnx import TensorProto, helper
from scoring_files import encrypted, lying, overlapping, zipped
from sklearn.linear_model import LinearRegression

from scoring.contract import Limits, ModelFormat, ModelInterface, TensorSpec
from scoring.errors import InvalidSubmission
from scoring.modelinspection import inspect_model, inspect_program

INTERFACE = ModelInterface(
    formats=tuple(ModelFormat),
    inputs=(TensorSpec(name="x", shape=(3,)),),
    output=TensorSpec(name="y", shape=(2,)),
)
LIMITS = Limits(file_bytes=10 * 1024**2, unpacked_bytes=10 * 1024**2)


def onnx_model():
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 3])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "graph", [x], [y])
    return helper.make_model(graph).SerializeToString()


def saved(save):
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def models():
    module = torch.nn.Linear(3, 2).eval()
    fitted = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    exported = torch.export.export(module, (torch.zeros(2, 3),))
    return {
        "model.onnx": onnx_model(),
        "model.pt": saved(lambda buffer: torch.jit.save(torch.jit.script(module), buffer)),
        "model.pt2": saved(lambda buffer: torch.export.save(exported, buffer)),
        "model.safetensors": safetensors.numpy.save({"w": zeros((2, 3), float32)}),
        "model.skops": skops.io.dumps(fitted),
        "weights.pt": saved(lambda buffer: torch.save(module.state_dict(), buffer)),
    }


def inspected(content, name, interface=INTERFACE, limits=LIMITS):
    return inspect_model(io.BytesIO(content), name=name, interface=interface, limits=limits)


def codes(check, *arguments, **options):
    with pytest.raises(InvalidSubmission) as caught:
        check(*arguments, **options)
    return {problem.code for problem in caught.value.problems}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.onnx", ModelFormat.ONNX),
        ("model.pt", ModelFormat.TORCHSCRIPT),
        ("model.pt2", ModelFormat.TORCH_EXPORT),
        ("model.safetensors", ModelFormat.SAFETENSORS),
        ("model.skops", ModelFormat.SKOPS),
    ],
)
def test_what_the_libraries_write_passes(models, name, expected):
    assert inspected(models[name], name) is expected
    assert inspected(models[name], name.upper()) is expected


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("name", ["model.onnx", "model.pt", "model.pt2", "model.skops"])
def test_a_file_that_was_cut_short_or_is_another_is_refused(models, name):
    format_ = inspected(models[name], name)
    for content in (models[name][:-30], models[name][10:], b"id,label\n1,2\n", zipped(("a", b"b"))):
        assert codes(inspected, content, name) == {f"{format_.value}_damaged"}


def test_a_pickle_of_torch_is_told_how_to_save_instead(models):
    assert codes(inspected, models["weights.pt"], "weights.pt") == {"torch_pickle"}


def test_a_format_that_the_phase_does_not_take_is_refused(models):
    interface = INTERFACE.model_copy(update={"formats": (ModelFormat.ONNX,)})
    assert codes(inspected, models["model.pt"], "model.pt", interface) == {"model_extension"}
    assert codes(inspected, b"x", "model.h5") == {"model_extension"}


def test_an_empty_or_too_large_file_is_refused(models):
    assert codes(inspected, b"", "model.onnx") == {"empty_upload"}
    small = Limits(file_bytes=10)
    assert codes(inspected, models["model.onnx"], "a.onnx", INTERFACE, small) == {
        "upload_too_large"
    }


def test_onnx_of_real_size_is_read_without_its_weights():
    model = onnx.load_from_string(onnx_model())
    weights = helper.make_tensor("w", TensorProto.FLOAT, [1_000_000], bytes(4_000_000), raw=True)
    model.graph.initializer.append(weights)
    assert inspected(model.SerializeToString(), "model.onnx") is ModelFormat.ONNX


def tensors(header, data=b"", length=None):
    text = json.dumps(header).encode() if isinstance(header, dict) else header
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


TENSOR = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x01", "safetensors_damaged"),
        (tensors({"w": TENSOR}, b"x" * 7), "safetensors_damaged"),
        (tensors({"w": TENSOR}, b"x" * 9), "safetensors_damaged"),
        (tensors({"w": TENSOR}, b"x" * 8, length=2**63), "safetensors_damaged"),
        (tensors({}), "safetensors_damaged"),
        (tensors(b"[1, 2]"), "safetensors_damaged"),
        (tensors(b"[" * 100_000), "safetensors_damaged"),
        (tensors(b'{"w": {}, "w": {}}'), "safetensors_damaged"),
        (tensors({"w": TENSOR, "v": TENSOR}, b"x" * 8), "safetensors_damaged"),
        (tensors({"w": {**TENSOR, "shape": [3]}}, b"x" * 8), "safetensors_tensor"),
        (tensors({"w": {**TENSOR, "shape": [-2]}}, b"x" * 8), "safetensors_tensor"),
        (tensors({"w": {**TENSOR, "shape": [True]}}, b"x" * 8), "safetensors_tensor"),
        (tensors({"w": {**TENSOR, "dtype": "F31"}}, b"x" * 8), "safetensors_tensor"),
        (tensors({"w": {**TENSOR, "dtype": []}}, b"x" * 8), "safetensors_tensor"),
        (tensors({"w": 3}, b"x" * 8), "safetensors_tensor"),
    ],
)
def test_weights_with_a_header_that_is_not_sane_are_refused(content, expected):
    assert codes(inspected, content, "w.safetensors") == {expected}


PROGRAM = ("predict.py", b"def predict(inputs_dir, output_path):\n    ...\n")


def program(content, name="program.zip", limits=LIMITS):
    inspect_program(io.BytesIO(content), name=name, limits=limits)


def with_mode(name, mode):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(*PROGRAM)
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        archive.writestr(member, b"/etc/passwd")
    return buffer.getvalue()


def test_a_program_with_its_files_passes():
    program(zipped(PROGRAM, ("weights/model.npz", b"x"), ("helper.py", b"")))
    program(with_mode("data.txt", stat.S_IFREG | 0o644))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"print(1)", "not_a_zip"),
        (zipped(PROGRAM)[:-5], "not_a_zip"),
        (zipped(("main.py", b"")), "program_missing_predict"),
        (zipped(("mine/predict.py", b"")), "program_misplaced_predict"),
        (zipped(PROGRAM, ("../x", b"")), "archive_entry"),
        (zipped(PROGRAM, ("/etc/x", b"")), "archive_entry"),
        (zipped(PROGRAM, ("a\nb", b"")), "archive_entry"),
        (with_mode("link", stat.S_IFLNK | 0o777), "archive_entry"),
        (with_mode("pipe", stat.S_IFIFO | 0o777), "archive_entry"),
        (encrypted(zipped(PROGRAM)), "encrypted_archive"),
        (zipped(PROGRAM, compression=zipfile.ZIP_LZMA), "unsupported_compression"),
        (overlapping(zipped(PROGRAM, ("a", b"x" * 100))), "not_a_zip"),
        (lying(zipped(PROGRAM), size=2**31), "archive_too_large"),
        (zipped(PROGRAM, *((f"{i}", b"") for i in range(1001))), "archive_entries"),
    ],
)
def test_a_program_that_is_no_plain_zip_file_is_refused(content, expected):
    assert codes(program, content) == {expected}


def test_the_same_name_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        content = zipped(PROGRAM, PROGRAM)
    assert codes(program, content) == {"not_a_zip"}


def test_a_program_must_be_named_as_what_it_is():
    assert codes(program, zipped(PROGRAM), "program.tar") == {"not_a_zip"}


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["a.onnx", "a.pt", "a.pt2", "a.safetensors", "a.skops", "a.zip"]),
)
def test_rubbish_is_refused_and_never_breaks_the_door(content, name):
    with suppress(InvalidSubmission):
        if name == "a.zip":
            program(content)
        else:
            inspected(content, name)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_scrambled_archive_never_breaks_the_door(data):
    content = bytearray(zipped(PROGRAM, ("a/b", b"x" * 50)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InvalidSubmission):
        program(bytes(content))
