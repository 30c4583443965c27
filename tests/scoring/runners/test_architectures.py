"""The platform's own networks: what goes in, what comes out, and that padding is not seen."""

from __future__ import annotations

import pytest
import torch

from scoring.contract import Architecture
from scoring.runners.architectures import ARCHITECTURES, build


@pytest.mark.parametrize(
    ("name", "config", "given", "classes"),
    [
        ("cnn", {"classes": 10}, torch.randn(2, 3, 32, 32), 10),
        ("cnn", {"classes": 3, "channels": 1, "widths": [4], "blocks": 2}, torch.randn(2, 1, 28, 28), 3),
        ("lstm", {"vocabulary": 50, "width": 8}, torch.randint(0, 50, (2, 7)), 2),
        ("lstm", {"features": 3, "width": 8, "layers": 2, "bidirectional": True}, torch.randn(2, 7, 3), 2),
        ("transformer", {"vocabulary": 50, "width": 8, "heads": 2}, torch.randint(0, 50, (2, 7)), 2),
        ("transformer", {"features": 3, "width": 8, "heads": 2, "classes": 1}, torch.randn(2, 7, 3), 1),
    ],
)  # fmt: skip
def test_a_network_gives_one_row_of_numbers_for_each(name, config, given, classes):
    network = build(name, config).eval()
    with torch.inference_mode():
        output = network(given)
        assert output.shape == (2, classes)
        torch.testing.assert_close(network(given[1:]), output[1:], atol=1e-5, rtol=0)


def test_the_default_network_for_images_is_resnet_20():
    assert sum(weights.numel() for weights in build("cnn", {}).parameters()) == 272_474


@pytest.mark.parametrize("name", ["lstm", "transformer"])
def test_how_much_padding_follows_makes_no_difference(name):
    network = build(name, {"vocabulary": 20, "width": 8}).eval()
    tokens = torch.tensor([[5, 6, 7, 0, 0, 0], [5, 6, 7, 8, 9, 10]])
    with torch.inference_mode():
        torch.testing.assert_close(network(tokens[:1]), network(tokens[:1, :4]))
        torch.testing.assert_close(network(tokens)[0], network(tokens[:1])[0])


@pytest.mark.parametrize("name", ["lstm", "transformer"])
def test_padding_alone_still_gives_numbers(name):
    network = build(name, {"vocabulary": 20, "width": 8}).eval()
    with torch.inference_mode():
        assert torch.isfinite(network(torch.zeros(1, 4, dtype=torch.int64))).all()


def test_the_contract_names_the_same_networks():
    schema = Architecture.model_json_schema()
    assert set(schema["properties"]["name"]["enum"]) == set(ARCHITECTURES)
