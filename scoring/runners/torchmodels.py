"""TorchScript and torch.export models, and weights for the platform's own architectures.

A TorchScript archive can open files and a ``.pt2`` file can hold a pickle that runs as it is
loaded: both are programs, and only the sandbox around this process makes it safe to open them.
Weights (safetensors) are data.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# Before torch loads OpenMP: threads that wait for work give their core up after some microseconds
# instead of milliseconds. On a busy machine that is several times faster, on an idle one no slower.
os.environ["GOMP_SPINCOUNT"] = "10000"
import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import nn
from torch.export.passes import move_to_device_pass

from scoring.runners.architectures import build
from scoring.runners.optimized import arranged, fastest_equal
from scoring.runners.protocol import Channel
from scoring.runners.start import Fault
from scoring.runners.tensors import (
    Arrays,
    Interface,
    Request,
    called,
    load_inputs,
    plain,
    predict,
    reason_of,
)

BATCHES_PER_TRANSFER = 16
"""How many batches an accelerator is given at once, so that it never waits for the next."""

WORTH_OPTIMIZING = 4
"""From how many batches on making the model faster costs less than it saves."""

TRIED_ROWS = 8
"""On how many rows a faster form must agree with the model itself."""

MAX_NAMED = 5


class Model:
    """A loaded model with all that speeds it up."""

    def __init__(self, module: nn.Module, request: Request, *, fixed_batch: int | None) -> None:
        self._module: Callable[..., Any] = module
        self._request = request
        self._channels_last = False
        self.fixed_batch = fixed_batch
        self.rows_at_once = fixed_batch or request.interface.batch_size
        if request.device == "cuda" and not fixed_batch:
            self.rows_at_once *= BATCHES_PER_TRANSFER

    def optimize(self, module: nn.Module, batch: Arrays) -> None:
        """Find the fastest form that gives the same numbers, where there is enough to predict."""
        with torch.inference_mode():
            self._module, self._channels_last = fastest_equal(module, self._tensors(batch))

    def __call__(self, batch: Arrays) -> NDArray[Any]:
        size = self.fixed_batch or self._request.interface.batch_size
        tensors = self._tensors(batch)
        with torch.inference_mode(), self._precision():
            parts = [
                self._output(self._module(*(self._part(tensor, at, size) for tensor in tensors)))
                for at in range(0, len(batch[0]), size)
            ]
        output = parts[0] if len(parts) == 1 else torch.cat(parts)
        if output.dtype in {torch.bfloat16, torch.float16}:
            output = output.float()
        array: NDArray[Any] = output.detach().cpu().numpy()
        return array

    def _tensors(self, batch: Arrays) -> list[torch.Tensor]:
        tensors = [torch.from_numpy(array) for array in batch]
        if self._request.device == "cuda":
            return [tensor.pin_memory().to("cuda", non_blocking=True) for tensor in tensors]
        return tensors

    def _part(self, tensor: torch.Tensor, at: int, size: int) -> torch.Tensor:
        return arranged(tensor[at : at + size], self._channels_last)

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        if self._request.interface.precision == "bf16":
            return torch.autocast(self._request.device, torch.bfloat16)
        return contextlib.nullcontext()

    def _output(self, found: Any) -> torch.Tensor:
        """The one tensor that is asked for among what the model gives back."""
        name = self._request.interface.output.name
        if isinstance(found, Mapping):
            found = (
                found.get(name) if name in found or len(found) != 1 else next(iter(found.values()))
            )
        elif isinstance(found, tuple | list) and len(found) == 1:
            (found,) = found
        if not isinstance(found, torch.Tensor):
            raise Fault("model_output_missing", expected=name, found=plain(type(found).__name__))
        return found


def warm() -> None:
    """Predict once with each kind of model; the first time costs much more than any other."""
    torch.set_num_interop_threads(1)
    network = build("cnn", {"widths": [4], "blocks": 1}).eval()
    images = torch.zeros(2, 3, 8, 8)
    with torch.inference_mode():
        network(images)
        torch.jit.freeze(torch.jit.script(network))(images)
    torch.export.export(network, (images,)).module()(images)
    if torch.cuda.is_available():
        network.to("cuda")(images.to("cuda")).cpu()


def run(content: Mapping[str, Any], inputs: Path, channel: Channel) -> None:
    """Send the model's output for the rows that are asked for."""
    request = Request.from_json(content)
    torch.set_num_threads(request.threads)
    torch.backends.cudnn.allow_tf32 = False  # fp32 means fp32, so that scores agree
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, about itself; nobody reads them here
        arrays = load_inputs(inputs / "inputs.npz", request)
        module, fixed_batch = LOADERS[request.format](inputs / "model", request)
        model = Model(module, request, fixed_batch=fixed_batch)
        if len(arrays[0]) > WORTH_OPTIMIZING * model.rows_at_once:
            few = [np.ascontiguousarray(array[: fixed_batch or TRIED_ROWS]) for array in arrays]
            called(lambda batch: model.optimize(module, batch), few)
        output = predict(
            model, arrays, request, channel, fixed_batch=fixed_batch, size=model.rows_at_once
        )
    channel.array("output", output)


def _torchscript(path: Path, request: Request) -> tuple[nn.Module, None]:
    try:
        script: nn.Module = torch.jit.load(path, map_location=request.device)  # type: ignore[no-untyped-call]
        return script.eval(), None
    except Exception as error:  # a hostile archive may raise anything
        raise Fault("model_unreadable", format="TorchScript", reason=reason_of(error)) from error


def _torch_export(path: Path, request: Request) -> tuple[nn.Module, int | None]:
    try:
        with path.open("rb") as stream:
            program = torch.export.load(stream)
        if request.device != "cpu":
            program = move_to_device_pass(program, request.device)
        return program.module(), _exported_batch(program)
    except Exception as error:  # a hostile archive may raise anything
        raise Fault("model_unreadable", format="torch.export", reason=reason_of(error)) from error


def _exported_batch(program: torch.export.ExportedProgram) -> int | None:
    """The number of rows that an export without a dynamic first axis insists on."""
    names = set(program.graph_signature.user_inputs)
    values = [node.meta["val"] for node in program.graph.nodes if node.name in names]
    sizes = [value.shape[0] for value in values if isinstance(value, torch.Tensor) and value.dim()]
    is_fixed = bool(sizes) and all(isinstance(size, int) and size == sizes[0] for size in sizes)
    return int(sizes[0]) if is_fixed else None


def _safetensors(path: Path, request: Request) -> tuple[nn.Module, None]:
    module = _declared_network(request.interface)
    try:
        weights = safetensors.torch.load_file(path, device=request.device)
    except Exception as error:  # the library raises its own kinds and torch's
        raise Fault("model_unreadable", format="safetensors", reason=reason_of(error)) from error
    expected = module.state_dict()
    wrong = sorted(
        name
        for name in expected.keys() | weights.keys()
        if name not in expected
        or name not in weights
        or expected[name].shape != weights[name].shape
    )
    if wrong:
        names = plain(", ".join(wrong[:MAX_NAMED]))
        raise Fault("model_weights_mismatch", count=len(wrong), names=names)
    module.load_state_dict(weights, assign=False)
    return module.to(request.device).eval(), None


def _declared_network(interface: Interface) -> nn.Module:
    if interface.architecture is None:
        raise ValueError("a phase that takes weights declares their architecture")
    try:
        return build(interface.architecture["name"], interface.architecture["config"])
    except (KeyError, TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise Fault("architecture_config", reason=reason_of(error)) from error


Loader = Callable[[Path, Request], tuple[nn.Module, int | None]]
LOADERS: dict[str, Loader] = {
    "torchscript": _torchscript,
    "torch_export": _torch_export,
    "safetensors": _safetensors,
}
