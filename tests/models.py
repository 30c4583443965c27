"""Models as participants send them: one same network in every format."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import safetensors.torch
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from scoring.contract import Architecture, ModelFormat, ModelInterface, OutputMeaning, TensorSpec
from scoring.runners.architectures import CNN, ResidualBlock

SMALL: dict[str, Any] = {"classes": 10, "channels": 3, "widths": [4, 8], "blocks": 1}
OPSET = 17
ONNX_VERSION = 8
"""The format's version, older than the library's own so that any ONNX Runtime reads it."""

INTERFACE = ModelInterface(
    formats=tuple(ModelFormat),
    inputs=(TensorSpec(name="images", shape=(3, 16, 16)),),
    output=TensorSpec(name="logits", shape=(10,)),
    meaning=OutputMeaning.LOGITS,
    batch_size=8,
    architecture=Architecture(name="cnn", config=SMALL),
)
RUNTIMES = {
    ModelFormat.ONNX: "onnxmodels",
    ModelFormat.TORCHSCRIPT: "torchmodels",
    ModelFormat.TORCH_EXPORT: "torchmodels",
    ModelFormat.SAFETENSORS: "torchmodels",
}


def packed(**arrays: Any) -> bytes:
    """Arrays as the file of test inputs."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def request(
    kind: ModelFormat, interface: ModelInterface = INTERFACE, rows: int | None = None
) -> dict[str, Any]:
    """What the worker asks a model's runner for."""
    return {
        "format": kind.value,
        "interface": interface.to_json(),
        "rows": rows,
        "threads": 1,
        "device": "cpu",
    }


def cnn(config: Mapping[str, Any] = SMALL, seed: int = 0) -> CNN:
    """A network as after training: weights and batch statistics that differ from the defaults."""
    generator = torch.Generator().manual_seed(seed)
    network = CNN(**config)
    with torch.no_grad():
        for name, values in network.state_dict().items():
            if name.endswith("running_var"):
                values.uniform_(0.5, 1.5, generator=generator)
            elif name.endswith(("running_mean", "bias")):
                values.normal_(0.0, 0.1, generator=generator)
            elif values.dim() > 1:
                values.normal_(0.0, (2 / values[0].numel()) ** 0.5, generator=generator)
    return network.eval()


def images(rows: int, *, channels: int = 3, size: int = 16, seed: int = 0) -> NDArray[np.float32]:
    """Noise that looks like normalised images."""
    generator = np.random.default_rng(seed)
    return generator.standard_normal((rows, channels, size, size), dtype=np.float32)


def as_torchscript(network: nn.Module) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # participants send it all the same
        torch.jit.save(torch.jit.script(network), stream)
    return stream.getvalue()


def as_torch_export(network: nn.Module, example: NDArray[Any], *, fixed: bool = False) -> bytes:
    """With any number of rows, or with the example's alone."""
    dynamic = None if fixed else ({0: torch.export.Dim.DYNAMIC},)
    program = torch.export.export(network, (torch.from_numpy(example),), dynamic_shapes=dynamic)
    stream = io.BytesIO()
    torch.export.save(program, stream)
    return stream.getvalue()


def as_safetensors(network: nn.Module) -> bytes:
    return safetensors.torch.save(network.state_dict())


def as_onnx(network: CNN, *, size: int = 16, rows: int | str = "n") -> bytes:
    """The same graph written by hand, without torch's exporter and what that needs."""
    graph = _Graph()
    hidden = graph.norm(network.norm, graph.conv(network.stem, "images"))
    hidden = graph.add("Relu", [hidden])
    for block in network.stages:
        hidden = graph.block(block, hidden)
    pooled = graph.add("GlobalAveragePool", [hidden])
    flat = graph.add("Flatten", [pooled], axis=1)
    weights = [graph.constant(network.head.weight), graph.constant(network.head.bias)]
    graph.add("Gemm", [flat, *weights], output="logits", transB=1)
    channels, classes = network.stem.in_channels, network.head.out_features
    return model_bytes(
        graph.nodes,
        inputs=[
            helper.make_tensor_value_info("images", TensorProto.FLOAT, [rows, channels, size, size])
        ],
        outputs=[helper.make_tensor_value_info("logits", TensorProto.FLOAT, [rows, classes])],
        constants=graph.constants,
    )


def model_bytes(
    nodes: list[onnx.NodeProto],
    *,
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    constants: list[onnx.TensorProto] | None = None,
) -> bytes:
    """An ONNX file of these parts."""
    graph = helper.make_graph(nodes, "model", inputs, outputs, constants or [])
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=ONNX_VERSION)
    content: bytes = model.SerializeToString()
    return content


class _Graph:
    """A graph that grows node by node."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._names = (f"v{number}" for number in itertools.count())

    def constant(self, values: torch.Tensor) -> str:
        name = next(self._names)
        self.constants.append(numpy_helper.from_array(values.detach().numpy(), name))
        return name

    def add(self, kind: str, inputs: list[str], *, output: str = "", **attributes: Any) -> str:
        output = output or next(self._names)
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def conv(self, layer: nn.Conv2d, value: str) -> str:
        (pad, _), (stride, _), shape = layer.padding, layer.stride, list(layer.kernel_size)
        return self.add(
            "Conv",
            [value, self.constant(layer.weight)],
            kernel_shape=shape,
            pads=[int(pad)] * 4,
            strides=[stride] * 2,
        )

    def norm(self, layer: nn.BatchNorm2d, value: str) -> str:
        parts = [layer.weight, layer.bias, layer.running_mean, layer.running_var]
        weights = [self.constant(part) for part in parts]
        return self.add("BatchNormalization", [value, *weights], epsilon=layer.eps)

    def block(self, block: ResidualBlock, value: str) -> str:
        hidden = self.add("Relu", [self.norm(block.norm1, self.conv(block.conv1, value))])
        hidden = self.norm(block.norm2, self.conv(block.conv2, hidden))
        around = value
        if isinstance(block.around, nn.Sequential):
            conv, norm = block.around
            around = self.norm(norm, self.conv(conv, value))
        return self.add("Relu", [self.add("Add", [hidden, around])])
