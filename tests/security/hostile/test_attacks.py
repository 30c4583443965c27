"""Hostile programs in real sandboxes, a part of what `make attack` tries.

Each must achieve nothing inside, and its control must show that it works without a sandbox.
"""

import ast
from pathlib import Path

import pytest

from scoring.isolation.bubblewrap import Mode
from tests.security.hostile.catalogue import ATTACKS, WITHOUT_GROUPS, Control
from tests.security.hostile.runs import modes, run

PROGRAMS = Path(__file__).parent / "programs"
QUICK = (
    "network.tcp", "network.abstract_socket", "network.other_families",
    "files.hidden_labels", "files.writing", "files.changing_inputs",
    "processes.environments", "processes.others", "processes.traced_by_parent",
    "processes.daemon", "kernel.namespaces", "kernel.keyring",
    "kernel.calls_nobody_needs", "kernel.old_calls", "limits.heap",
    "limits.memory_files", "outputs.link_to_labels", "outputs.link_to_environment",
)  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcomes():
    """All of them in one go for each mode, as starting is what takes the time."""
    return {
        (mode, outcome.name): outcome for mode in modes() for outcome in run(mode, QUICK)
    }  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("mode", modes())
def test_an_attack_achieves_nothing_inside(outcomes, mode, name):
    outcome = outcomes[mode, name]
    assert outcome.worked == {}
    assert outcome.leaks == []
    assert not outcome.wrong_end, (outcome.verdict, outcome.log)
    assert outcome.survivors == []


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("mode", modes())
def test_it_works_where_there_is_no_sandbox(outcomes, mode, name):
    assert outcomes[mode, name].missing == []


@pytest.mark.parametrize("mode", modes())
def test_without_the_filter_the_workers_keys_are_read(mode):
    """Otherwise the attack on them would prove nothing."""
    (outcome,) = run(mode, ["kernel.keyring"], with_filter=False, with_controls=False)
    assert "keyring" in outcome.leaks
    assert "the worker's key, searched" in outcome.worked


@pytest.mark.parametrize("mode", modes())
def test_what_holds_without_control_groups(mode):
    quick = sorted(WITHOUT_GROUPS & set(QUICK))
    for outcome in run(mode, quick, with_groups=False, with_controls=False):
        assert outcome.is_held, outcome


def test_both_ways_of_starting_a_sandbox_are_tried_where_that_can_be():
    assert Mode.USERNS in modes()


def test_every_program_is_tried_and_most_have_a_control():
    there = {
        f"{path.stem}.{node.name}"
        for path in PROGRAMS.glob("*.py")
        if path.stem not in {"predict", "tools"}
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    assert there == {attack.name for attack in ATTACKS}
    assert sum(attack.control is not Control.NONE for attack in ATTACKS) >= 20
    assert all(attack.works for attack in ATTACKS if attack.control is not Control.NONE)
