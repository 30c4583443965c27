"""A faster form is used where it gives the same numbers, and only there."""

from __future__ import annotations

import io

import pytest
import torch
from models import as_torch_export, as_torchscript, cnn, images

from scoring.runners.architectures import CNN
from scoring.runners.optimized import arranged, fastest_equal

# Torch warns of itself; as in the runner, nobody reads it.
pytestmark = pytest.mark.filterwarnings("ignore")
BATCH = torch.from_numpy(images(16))


def exported():
    stream = io.BytesIO(as_torch_export(cnn(), images(4)))
    return torch.export.load(stream).module()


def scripted():
    return torch.jit.load(io.BytesIO(as_torchscript(cnn()))).eval()


@pytest.mark.parametrize("load", [cnn, scripted, exported])
def test_a_faster_form_gives_the_same_numbers(load):
    model = load()
    with torch.inference_mode():
        faster, channels_last = fastest_equal(model, [BATCH])
        assert faster is not model and channels_last
        found = faster(arranged(BATCH, channels_last))
        torch.testing.assert_close(found, cnn()(BATCH), atol=1e-5, rtol=0)
        # and for another number of rows than it was tried with
        torch.testing.assert_close(faster(BATCH[:3]), found[:3], atol=1e-5, rtol=0)


def test_batch_norms_of_an_exported_graph_are_folded_away():
    with torch.inference_mode():
        faster, _ = fastest_equal(exported(), [BATCH])
    targets = [str(node.target) for node in faster.graph.nodes]
    assert not any("aten.batch_norm" in target for target in targets)
    assert sum("aten.conv2d" in target for target in targets) == 6


class Flattens(torch.nn.Module):
    """Depends on how its images lie in memory, so channels last would change its answer."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        hidden = self.conv(values)
        return torch.as_strided(hidden, [values.shape[0], 8], [hidden.stride(0), 1])


class Unscriptable(CNN):
    """Can't be compiled by TorchScript."""

    def forward(self, values):
        return super().forward(*[values])


def test_a_model_that_would_answer_differently_is_left_as_it_is():
    model = Flattens().eval()
    with torch.inference_mode():
        expected = model(BATCH)
        faster, channels_last = fastest_equal(model, [BATCH])
        torch.testing.assert_close(faster(arranged(BATCH, channels_last)), expected)


def test_what_cannot_be_frozen_still_gets_its_channels_last():
    model = Unscriptable(widths=[4], blocks=1).eval()
    with torch.inference_mode():
        faster, channels_last = fastest_equal(model, [BATCH])
        assert faster is not model and channels_last
        torch.testing.assert_close(faster(arranged(BATCH, True)), model(BATCH))


def test_a_model_without_convolutions_is_left_alone():
    model = torch.nn.Sequential(torch.nn.Linear(4, 2))
    with torch.inference_mode():
        assert fastest_equal(model, [torch.randn(5, 4)]) == (model, False)
