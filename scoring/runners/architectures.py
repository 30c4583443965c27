"""The networks that the platform owns: submissions for them are weights alone (safetensors).

A phase names one and its configuration in ``competition.yaml``; participants train the very same
class, `build("cnn", {"classes": 10})`, and send `safetensors.torch.save_file(model.state_dict(),
path)`. Plain PyTorch and nothing else, to be read and copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

PADDING = 0
"""The token that stands for no token."""


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions and a way around them (He et al., 2015, “Deep residual learning”)."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.around: nn.Module = nn.Identity()
        if stride != 1 or before != after:
            self.around = nn.Sequential(
                nn.Conv2d(before, after, 1, stride=stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, images: Tensor) -> Tensor:
        hidden = torch.relu(self.norm1(self.conv1(images)))
        return torch.relu(self.norm2(self.conv2(hidden)) + self.around(images))


class CNN(nn.Module):
    """A small residual network for images: (n, channels, height, width) → (n, classes) logits.

    With its defaults it is the ResNet-20 of the CIFAR experiments, with 0.27 million weights.

    Args:
        classes: How many numbers come out.
        channels: How many colours go in.
        widths: The filters of each stage; every stage but the first halves the image.
        blocks: Residual blocks in each stage.
    """

    def __init__(
        self,
        classes: int = 10,
        channels: int = 3,
        widths: Sequence[int] = (16, 32, 64),
        blocks: int = 3,
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(channels, widths[0], 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(widths[0])
        stages: list[nn.Module] = []
        before = widths[0]
        for stage, width in enumerate(widths):
            for block in range(blocks):
                stages.append(ResidualBlock(before, width, 2 if stage and not block else 1))
                before = width
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(before, classes)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.stages(torch.relu(self.norm(self.stem(images))))
        logits: Tensor = self.head(hidden.mean(dim=(2, 3)))
        return logits


class LSTM(nn.Module):
    """A recurrent network for sequences: (n, length) tokens or (n, length, features) → (n, classes).

    Its outputs at all places that are not padding are averaged before the last layer.

    Args:
        classes: How many numbers come out.
        vocabulary: How many tokens there are, 0 being padding; 0 for sequences of numbers.
        features: How many numbers each place of a sequence of numbers has.
        width: The size of the embedding and of the hidden state.
        layers: How many recurrent layers lie above each other.
        bidirectional: Whether it reads from both ends.
    """

    def __init__(
        self,
        classes: int = 2,
        vocabulary: int = 0,
        features: int = 1,
        width: int = 128,
        layers: int = 1,
        *,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        self.entry = _entry(vocabulary, features, width)
        self.lstm = nn.LSTM(width, width, layers, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(2 * width if bidirectional else width, classes)

    def forward(self, sequences: Tensor) -> Tensor:
        hidden, _ = self.lstm(self.entry(sequences))
        logits: Tensor = self.head(_mean(hidden, _present(sequences)))
        return logits


class Transformer(nn.Module):
    """An encoder for sequences: (n, length) tokens or (n, length, features) → (n, classes) logits.

    Args:
        classes: How many numbers come out.
        vocabulary: How many tokens there are, 0 being padding; 0 for sequences of numbers.
        features: How many numbers each place of a sequence of numbers has.
        length: The longest sequence.
        width: The size of the embedding; a multiple of `heads`.
        heads: Attention heads in each layer.
        layers: How many layers lie above each other.
    """

    def __init__(
        self,
        classes: int = 2,
        vocabulary: int = 0,
        features: int = 1,
        length: int = 256,
        width: int = 128,
        heads: int = 4,
        layers: int = 2,
    ) -> None:
        super().__init__()
        self.entry = _entry(vocabulary, features, width)
        self.places = nn.Parameter(torch.zeros(length, width))
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, dropout=0.1, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, sequences: Tensor) -> Tensor:
        present = _present(sequences)
        hidden = self.entry(sequences) + self.places[: sequences.shape[1]]
        hidden = self.norm(self.encoder(hidden, src_key_padding_mask=~present))
        logits: Tensor = self.head(_mean(hidden, present))
        return logits


ARCHITECTURES: dict[str, Callable[..., nn.Module]] = {
    "cnn": CNN,
    "lstm": LSTM,
    "transformer": Transformer,
}


def build(name: str, config: Mapping[str, Any]) -> nn.Module:
    """A network with fresh weights.

    Raises:
        KeyError: Where there is none of that name.
        TypeError, ValueError, RuntimeError, AssertionError: Where the configuration makes none.
    """
    return ARCHITECTURES[name](**config)


def _entry(vocabulary: int, features: int, width: int) -> nn.Module:
    if vocabulary:
        return nn.Embedding(vocabulary, width, padding_idx=PADDING)
    return nn.Linear(features, width)


def _present(sequences: Tensor) -> Tensor:
    """Which places hold something, (n, length); a sequence of padding alone counts as one token."""
    if sequences.is_floating_point():
        return torch.ones(sequences.shape[:2], dtype=torch.bool, device=sequences.device)
    present = sequences != PADDING
    first = torch.arange(sequences.shape[1], device=sequences.device) == 0
    return present | (first & ~present.any(dim=1, keepdim=True))


def _mean(hidden: Tensor, present: Tensor) -> Tensor:
    """The average over the places that hold something."""
    weights = present.unsqueeze(2).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1)
