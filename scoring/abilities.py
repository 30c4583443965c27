"""What a worker on this machine can do, found out and not assumed.

    python -m scoring.abilities scoring.gpu     prints it, as `make worker` does before it joins

The GPU is asked for in a process of its own: a library that has touched it must not be forked.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping

from scoring.contract import Abilities, Capability, ModelFormat
from scoring.isolation.selftest import self_test

PYTHON = "python"
GPU_SECONDS = 120
MODULES: Mapping[str, tuple[str, ...]] = {
    ModelFormat.ONNX.value: ("onnxruntime",),
    ModelFormat.TORCHSCRIPT.value: ("torch",),
    ModelFormat.TORCH_EXPORT.value: ("torch",),
    ModelFormat.SAFETENSORS.value: ("torch", "safetensors"),
    ModelFormat.SKOPS.value: ("skops", "sklearn"),
}
"""What must be installed for each format."""
_ASK_TORCH = (
    "import torch; device = torch.cuda.get_device_properties(0); "
    "print(device.name, device.total_memory, sep='\\t')"
)
_ASK_DRIVER = ("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")


def find_abilities(capability: Capability) -> Abilities:
    """What a worker of this kind can do here; takes seconds."""
    report = self_test()
    device, memory = find_device() if capability is Capability.GPU else ("", 0)
    return Abilities(
        sandbox=report.tier,
        sandbox_reason=report.reason[:500],
        runtimes=(*(name for name in MODULES if not missing_modules(name)), PYTHON),
        device=device[:200],
        device_memory=memory,
    )


def missing_modules(runtime: str) -> list[str]:
    """What a runtime needs and is not installed here."""
    return [name for name in MODULES[runtime] if importlib.util.find_spec(name) is None]


def find_device() -> tuple[str, int]:
    """The name and memory in bytes of the GPU that torch can use; none is an empty name."""
    answer = _ask([sys.executable, "-c", _ASK_TORCH])
    name, _, memory = answer.partition("\t")
    return (name, int(memory)) if memory.isdigit() else ("", 0)


def unused_device() -> str:
    """The name of a GPU that the driver sees; for telling that torch can't use it."""
    if shutil.which(_ASK_DRIVER[0]) is None:
        return ""
    return _ask(list(_ASK_DRIVER)).partition("\n")[0]


def _ask(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=GPU_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def described(abilities: Abilities, capability: Capability) -> list[str]:
    """The same in lines for the person who starts the worker."""
    lines = [f"Queue      {capability.queue}"]
    match abilities.sandbox:
        case "full":
            lines.append("Sandbox    full")
        case "degraded":
            lines.append(f"Sandbox    degraded: {abilities.sandbox_reason}")
        case "none":
            lines.append(f"Sandbox    none: {abilities.sandbox_reason}")
            lines.append("           Models and programs wait while this worker takes the queue.")
    lines.append(f"Runs       {', '.join(abilities.runtimes)}")
    lines += [
        f"           not {runtime}: {', '.join(missing)} is not installed"
        for runtime in MODULES
        if (missing := missing_modules(runtime))
    ]
    if capability is Capability.GPU:
        lines.append(f"GPU        {_described_device(abilities)}")
    return lines


def _described_device(abilities: Abilities) -> str:
    if abilities.device:
        return f"{abilities.device}, {abilities.device_memory / 1024**3:.1f} GiB"
    unused = unused_device()
    if unused:
        return f"none that torch can use, though the driver sees {unused}: install torch for CUDA"
    return "none; this worker computes on the CPU"


def main() -> None:
    """Print what a worker of the queue that is named can do here."""
    queue = sys.argv[1] if len(sys.argv) > 1 else Capability.CPU.queue
    capability = Capability(queue.removeprefix("scoring."))
    print("\n".join(described(find_abilities(capability), capability)), flush=True)


if __name__ == "__main__":
    main()
