"""What a worker says of itself is what it found."""

import os
import sys
from types import SimpleNamespace

import pytest

from scoring import abilities
from scoring.contract import Abilities, Capability


@pytest.fixture
def tier(monkeypatch):
    def choose(name, reason=""):
        monkeypatch.setattr(
            abilities, "self_test", lambda: SimpleNamespace(tier=name, reason=reason)
        )

    choose("full")
    return choose


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder of programs that comes first on the PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def make(name, text, code=0):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\nprintf '%s\\n' '{text}'\nexit {code}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_a_worker_here_can_do_what_is_installed_here(tier):
    tier("degraded", "no cgroups")
    found = abilities.find_abilities(Capability.CPU)
    assert (found.sandbox, found.sandbox_reason) == ("degraded", "no cgroups")
    assert set(found.runtimes) == {*abilities.MODULES, "python"}
    assert (found.device, found.device_memory) == ("", 0)


def test_a_runtime_that_is_not_installed_is_not_claimed(tier, monkeypatch):
    monkeypatch.setattr(abilities, "MODULES", {"onnx": ("onnxruntime",), "other": ("no_such",)})
    found = abilities.find_abilities(Capability.CPU)
    assert found.runtimes == ("onnx", "python")
    lines = abilities.described(found, Capability.CPU)
    assert "           not other: no_such is not installed" in lines


def test_the_gpu_is_the_one_that_torch_can_use(tier, programs, monkeypatch):
    monkeypatch.setattr(sys, "executable", programs("answers", "NVIDIA H100\t85899345920"))
    found = abilities.find_abilities(Capability.GPU)
    assert (found.device, found.device_memory) == ("NVIDIA H100", 80 * 1024**3)
    assert "GPU        NVIDIA H100, 80.0 GiB" in abilities.described(found, Capability.GPU)


def test_a_gpu_that_torch_cannot_use_is_not_claimed_but_told(tier, programs, monkeypatch):
    monkeypatch.setattr(sys, "executable", programs("fails", "no torch", code=1))
    programs("nvidia-smi", "NVIDIA H100")
    found = abilities.find_abilities(Capability.GPU)
    assert (found.device, found.device_memory) == ("", 0)
    (line,) = [line for line in abilities.described(found, Capability.GPU) if "GPU  " in line]
    assert "none that torch can use, though the driver sees NVIDIA H100" in line


def test_no_gpu_at_all_is_told(tier, programs, monkeypatch):
    monkeypatch.setattr(sys, "executable", programs("fails", "no torch", code=1))
    programs("nvidia-smi", "", code=1)
    lines = abilities.described(Abilities(sandbox="full"), Capability.GPU)
    assert "GPU        none; this worker computes on the CPU" in lines


def test_without_a_sandbox_it_says_what_that_means():
    told = Abilities(sandbox="none", sandbox_reason="bwrap is not installed")
    lines = abilities.described(told, Capability.CPU)
    assert "Sandbox    none: bwrap is not installed" in lines
    assert any("Models and programs wait" in line for line in lines)
