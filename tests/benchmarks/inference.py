"""A CNN on 10,000 CIFAR-like images: naive, tuned by hand, and as submitted: `make bench-inference`.

Both sides in one run, one after the other in turn, so that a busy machine slows them alike. What
the engine does includes opening the model and the inputs, making the model faster, and checking
the output; the loops by hand do nothing but predict.
"""

from __future__ import annotations

import argparse
import copy
import os
import platform
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

# As the engine does before it loads torch, so that both sides wait alike.
os.environ["GOMP_SPINCOUNT"] = "10000"
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from scoring.contract import ModelFormat
from scoring.faults import PlatformFault
from scoring.isolation.bubblewrap import NoSandbox
from scoring.runners import onnxmodels, torchmodels
from scoring.runners.architectures import CNN
from tests.benchmarks.sandboxed import ROWS
from tests.benchmarks.sandboxed import measure as measure_sandboxed
from tests.models import (
    INTERFACE,
    as_onnx,
    as_safetensors,
    as_torch_export,
    as_torchscript,
    cnn,
    images,
    packed,
)
from tests.stack import goals_line

SIZE = 32
BATCH = 128
NAIVE_IMAGES = 300
RUNNERS: dict[ModelFormat, Any] = {
    ModelFormat.ONNX: onnxmodels,
    ModelFormat.TORCHSCRIPT: torchmodels,
    ModelFormat.TORCH_EXPORT: torchmodels,
    ModelFormat.SAFETENSORS: torchmodels,
}


class Collector:
    """Takes the output in place of the worker."""

    def __init__(self) -> None:
        self.output: NDArray[Any] = np.empty(0)

    def progress(self, done: int, total: int) -> None:
        pass

    def array(self, _name: str, values: NDArray[Any]) -> None:
        values.tobytes()
        self.output = values


class Taken(NamedTuple):
    """Seconds on the wall, and of all processor cores together, which a busy machine spares more."""

    wall: float
    cpu: float


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def taken(self, times: float = 1) -> Taken:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Taken(times * wall, times * cpu)


def naive(network: nn.Module, values: NDArray[Any]) -> Taken:
    """One image at a time, as in a first notebook; the time for all, from some hundred of them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # with more, a single image is slower still
    few = torch.from_numpy(values[:NAIVE_IMAGES])
    clock = Clock()
    for image in few:
        network(image.unsqueeze(0))
    taken = clock.taken(len(values) / len(few))
    torch.set_num_threads(threads)
    return taken


def by_hand(network: CNN, values: NDArray[Any], device: str) -> Callable[[], Taken]:
    """Fused, channels last, batches of 128: what somebody who knows torch would write."""
    tuned = _fused(copy.deepcopy(network)).to(device, memory_format=torch.channels_last)
    tensor = torch.from_numpy(values)

    def run() -> Taken:
        clock = Clock()
        with torch.inference_mode():
            parts = []
            for batch in tensor.split(BATCH):
                moved = batch.to(device, memory_format=torch.channels_last)
                parts.append(tuned(moved))
            torch.cat(parts).cpu()
        return clock.taken()

    return run


def _fused(network: CNN) -> CNN:
    fuse = nn.utils.fusion.fuse_conv_bn_eval
    network.stem, network.norm = fuse(network.stem, network.norm), nn.Identity()
    for block in network.stages:
        block.conv1, block.norm1 = fuse(block.conv1, block.norm1), nn.Identity()
        block.conv2, block.norm2 = fuse(block.conv2, block.norm2), nn.Identity()
        if isinstance(block.around, nn.Sequential):
            block.around = fuse(*block.around)
    return network


def as_submitted(kind: ModelFormat, folder: Path, device: str, threads: int) -> Taken:
    """From the files to the checked output, in this process instead of a sandbox."""
    interface = INTERFACE.model_copy(
        update={
            "inputs": (INTERFACE.inputs[0].model_copy(update={"shape": (3, SIZE, SIZE)}),),
            "batch_size": BATCH,
            "architecture": INTERFACE.architecture.model_copy(update={"config": {}})
            if INTERFACE.architecture
            else None,
        }
    )
    request = {
        "format": kind.value,
        "interface": interface.to_json(),
        "rows": None,
        "threads": threads,
        "device": device,
    }
    channel = Collector()
    clock = Clock()
    RUNNERS[kind].run(request, folder / kind.value, channel)
    taken = clock.taken()
    expected = cnn({})(torch.from_numpy(images(4, size=SIZE))).detach().numpy()
    np.testing.assert_allclose(channel.output[:4], expected, atol=1e-3)
    return taken


def lay_out(folder: Path, network: CNN, values: NDArray[Any]) -> None:
    """A runner's folder for each format."""
    content = {
        ModelFormat.ONNX: as_onnx(network, size=SIZE),
        ModelFormat.TORCHSCRIPT: as_torchscript(network),
        ModelFormat.TORCH_EXPORT: as_torch_export(network, values[:4]),
        ModelFormat.SAFETENSORS: as_safetensors(network),
    }
    inputs = folder / "inputs.npz"
    inputs.write_bytes(packed(images=values))
    for kind, model in content.items():
        (folder / kind.value).mkdir()
        (folder / kind.value / "model").write_bytes(model)
        (folder / kind.value / "inputs.npz").hardlink_to(inputs)


def measure(values: NDArray[Any], device: str, threads: int, rounds: int) -> dict[str, Taken]:
    """Median times of each way."""
    network = cnn({})
    hand = by_hand(network, values, device)
    times: dict[str, list[Taken]] = {}
    kinds = [kind for kind in RUNNERS if device == "cpu" or kind is not ModelFormat.ONNX]
    with tempfile.TemporaryDirectory(prefix="agon-inference-") as name:
        lay_out(Path(name), network, values)
        for _ in range(rounds):
            if device == "cpu":
                times.setdefault("naive", []).append(naive(network, values))
            times.setdefault("by hand", []).append(hand())
            for kind in kinds:
                taken = as_submitted(kind, Path(name), device, threads)
                times.setdefault(kind.value, []).append(taken)
    if device != "cpu":  # the first round loads kernels
        times = {way: taken[1:] or taken for way, taken in times.items()}
    return {
        way: Taken(*map(statistics.median, zip(*taken, strict=True)))
        for way, taken in times.items()
    }


def report(device: str, times: dict[str, Taken], rows: int) -> None:
    print(
        f"\n{device}: {rows:,} images, 3 by {SIZE} by {SIZE}, ResNet-20, batches of {BATCH}, fp32"
    )
    print(f"  {'medians':14} {'wall s':>8} {'CPU s':>8}   throughput beside the loop tuned by hand")
    for way, taken in times.items():
        ratio = times["by hand"].wall / taken.wall
        print(f"  {way:14} {taken.wall:8.3f} {taken.cpu:8.3f} {ratio:8.2f}")


def processor() -> str:
    """The machine's processor by its name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def goal(wanted: float, measured: float, *, at_most: bool = False) -> dict[str, Any]:
    met = measured <= wanted if at_most else measured >= wanted
    return {"goal": wanted, "measured": round(measured, 3), "met": met}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.inference", description=__doc__
    )
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # torch's, about itself
    threads = len(os.sched_getaffinity(0))
    torch.set_num_threads(threads)
    values = images(options.images, size=SIZE)
    times = measure(values, "cpu", threads, options.rounds)
    report(f"{processor()}, {threads} threads", times, len(values))
    slowest = max(taken.wall for way, taken in times.items() if way not in {"naive", "by hand"})
    goals = {
        "of_hand_tuned": goal(0.9, times["by hand"].wall / slowest),
        "times_naive": goal(5, times["naive"].wall / slowest),
    }
    if torch.cuda.is_available():
        times = measure(values, "cuda", threads, options.rounds + 1)
        report(torch.cuda.get_device_name(), times, len(values))
        slowest = max(taken.wall for way, taken in times.items() if way != "by hand")
        goals["gpu_of_hand_tuned"] = goal(0.8, times["by hand"].wall / slowest)
    else:
        print("\nThere is no GPU here, so gpu_of_hand_tuned was not measured.")
    try:
        sandboxed = measure_sandboxed()
        print(f"In the sandbox, {ROWS:,} small images, from the task to the predictions file:")
        print(f"  ONNX, warm        {sandboxed.warm_onnx:8.0f} ms")
        print(f"  ONNX, cold        {sandboxed.cold_onnx:8.0f} ms")
        print(f"  TorchScript, cold {sandboxed.cold_torch:8.0f} ms")
        goals["warm_onnx_milliseconds"] = goal(100, sandboxed.warm_onnx, at_most=True)
    except (NoSandbox, PlatformFault) as error:
        print(f"There is no sandbox here: {error}")
        goals["warm_onnx_milliseconds"] = {"goal": 100, "measured": None, "met": False}
    print(goals_line(goals), flush=True)
    return 0 if all(each["met"] for each in goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
