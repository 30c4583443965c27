"""Faster forms of a torch model that give the same numbers.

Nothing is taken on trust: a form is used only where its output on a few rows agrees with the
model's own to 1e-6, and each is tried in a fixed order, so the same file runs the same way on
every worker of a kind.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import fx, nn

SAME = 1e-6

Model = Callable[..., Any]
Formed = tuple[Model, bool]
"""A model, and whether it wants its images with their channels last."""


def fastest_equal(model: nn.Module, inputs: Sequence[torch.Tensor]) -> Formed:
    """The first form that agrees with the model on some rows; the model itself where none does.

    To be called within `torch.inference_mode()`, with a few rows of the real inputs.
    """
    if not _has_convolution(model):
        return model, False
    expected = model(*inputs)
    for form in _forms(model):
        try:
            candidate, channels_last = form()
            found = candidate(*(arranged(tensor, channels_last) for tensor in inputs))
        except Exception:  # noqa: BLE001, S112 - what can't be made faster is run as it is
            continue
        if _agree(expected, found):
            return candidate, channels_last
    return model, False


def arranged(tensor: torch.Tensor, channels_last: bool) -> torch.Tensor:
    """The tensor with its channels last in memory, if it is a batch of images."""
    if channels_last and tensor.dim() == 4:
        return tensor.contiguous(memory_format=torch.channels_last)
    return tensor


def _forms(model: nn.Module) -> Iterator[Callable[[], Formed]]:
    """Ways to make the model faster, the fastest first."""
    if isinstance(model, fx.GraphModule):
        yield lambda: (_channels_last(_folded(model)), True)
    else:
        yield lambda: (_frozen(model), True)
    yield lambda: (_channels_last(copy.deepcopy(model)), True)


def _channels_last(model: nn.Module) -> nn.Module:
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _frozen(model: nn.Module) -> Model:
    """Weights made constants, batch norms folded into convolutions."""
    script: Any = copy.deepcopy(model) if _is_script(model) else torch.jit.script(model)
    frozen: Model = (
        torch.jit.freeze(_channels_last(script))
        if next(script.parameters()).is_cuda
        else torch.jit.optimize_for_inference(script)
    )
    return frozen


def _is_script(model: nn.Module) -> bool:
    return isinstance(model, torch.jit.ScriptModule)


def _has_convolution(model: nn.Module) -> bool:
    if isinstance(model, fx.GraphModule):
        return any("conv" in str(node.target) for node in model.graph.nodes)
    if _is_script(model):
        return "conv" in str(model.inlined_graph)
    return any(isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d) for layer in model.modules())


def _folded(model: fx.GraphModule) -> fx.GraphModule:
    """A copy of an exported graph with each batch norm folded into the convolution before it.

    torch's own `torch.fx.experimental.optimization.fuse` knows layers only, and an exported graph
    has none left.
    """
    model = copy.deepcopy(model)
    for node in list(model.graph.nodes):
        if node.target != torch.ops.aten.batch_norm.default or node.args[5]:
            continue
        conv = node.args[0]
        if conv.target != torch.ops.aten.conv2d.default or len(conv.users) > 1:
            continue
        weight, bias = (_constant(model, argument) for argument in [*conv.args[1:], None][:2])
        scale, shift, mean, variance = (_constant(model, argument) for argument in node.args[1:5])
        if weight is None or mean is None or variance is None:
            continue
        fused = nn.utils.fusion.fuse_conv_bn_weights(
            weight, bias, mean, variance, node.args[7], scale, shift
        )
        names: list[str] = []
        for value in fused:
            names.append(f"folded_{node.name}_{len(names)}")
            setattr(model, names[-1], value)
        with model.graph.inserting_before(conv):
            constants = [model.graph.get_attr(name) for name in names]
        conv.args = (conv.args[0], *constants, *conv.args[3:])
        node.replace_all_uses_with(conv)
        model.graph.erase_node(node)
    model.recompile()
    return model


def _constant(model: nn.Module, argument: Any) -> nn.Parameter | None:
    """The weights that a graph's node stands for."""
    if not isinstance(argument, fx.Node) or argument.op != "get_attr":
        return None
    value = operator.attrgetter(str(argument.target))(model)
    return value if isinstance(value, nn.Parameter) else nn.Parameter(value, requires_grad=False)


def _agree(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name in found and _agree(value, found[name]) for name, value in expected.items()
        )
    if isinstance(expected, tuple | list):
        return len(expected) == len(found) and all(map(_agree, expected, found))
    if not isinstance(expected, torch.Tensor) or expected.shape != found.shape:
        return False
    if not expected.is_floating_point():
        return torch.equal(expected, found)
    largest = float(expected.abs().max()) if expected.numel() else 0.0
    return float((expected - found).abs().max()) <= SAME * max(1.0, largest)
