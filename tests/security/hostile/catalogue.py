"""Every attack: what it needs, what must work without a sandbox, and what may become of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

REPORT = "report"
TIME, MEMORY = "time_limit_model", "memory_limit_model"
PROCESSES, OUTPUT = "process_limit_model", "output_limit_model"
CRASHED, FAILED = "program_crashed", "program_failed"
NO_OUTPUT, LARGE = "program_no_output", "program_output_too_large"


class Control(StrEnum):
    """What is run without a sandbox, to show that the attack would work."""

    RUN = "run"
    READ = "read"
    """Runs, and then its answer is opened as a careless worker would."""
    ROOT = "as root"
    """Runs where the controls have a user of their own to harm."""
    NONE = "none"
    """It would take the machine down, or is refused to everybody."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile program.

    Attributes:
        name: Its module and function.
        title: What it tries, as a person says it.
        works: What must work without the sandbox, of what it tries.
        control: How that is shown.
        ends: How it may end inside.
        by_design: What works inside in user namespaces, and does not reach out of them.
        seconds: Its time.
        works_unfiltered: What works inside without the filter.
    """

    name: str
    title: str
    works: tuple[str, ...] = ()
    control: Control = Control.NONE
    ends: frozenset[str] = frozenset({REPORT})
    by_design: frozenset[str] = frozenset()
    seconds: float = 30.0
    works_unfiltered: tuple[str, ...] = ()


def _attack(name: str, title: str, *works: str, **rest: object) -> Attack:
    rest.setdefault("control", Control.RUN if works else Control.NONE)
    return Attack(name, title, works, **rest)  # type: ignore[arg-type]


ATTACKS = (
    # Reaching others
    _attack("network.tcp", "connect to a service of this machine", "127.0.0.1"),
    _attack("network.datagrams", "UDP and name servers", "udp"),
    _attack("network.other_families", "other kinds of sockets", "internet", "netlink"),
    _attack("network.local_socket", "a service's socket file", "by its path"),
    _attack("network.abstract_socket", "a service's abstract socket", "by its name"),
    # Files
    _attack("files.of_the_system", "the machine's files", "/etc/passwd", "/var"),
    _attack("files.hidden_labels", "the hidden labels", "by its path", "by a link"),
    _attack("files.open_descriptors", "descriptors left open"),
    _attack("files.writing", "leave something behind", "/var/tmp", "a marker outside",
            by_design=frozenset({"/proc/1/oom_score_adj"})),
    _attack("files.changing_inputs", "change or keep the inputs"),
    _attack("files.devices", "devices, pipes and disks", "a pipe of its own"),
    # Processes
    _attack("processes.environments", "the database's password", "its own"),
    _attack("processes.command_lines", "what others were started with"),
    _attack("processes.others", "the worker, and others of the same user",
            "sibling: environment", "sibling: memory", "sibling: signals", "sibling: traced",
            "sibling: held", "sibling: memory read"),
    _attack("processes.secrets_nearby", "the memory of the runner"),
    _attack("processes.first_process", "overwrite the first process inside",
            by_design=frozenset({"its memory"})),
    _attack("processes.traced_by_parent", "be traced", "traced"),
    _attack("processes.killing", "kill everybody", "kill -1", control=Control.ROOT,
            ends=frozenset({CRASHED, FAILED})),
    _attack("processes.daemon", "live on after the end"),
    _attack("processes.printing_after_the_end", "print for ever after the end",
            ends=frozenset({REPORT, FAILED})),
    _attack("processes.blaming_the_host", "blame the host", ends=frozenset({"metric_failed", REPORT})),
    _attack("processes.nonsense", "send nonsense to the worker", ends=frozenset({CRASHED, REPORT})),
    _attack("processes.flood", "send a gigabyte to the worker", ends=frozenset({OUTPUT, REPORT})),
    _attack("processes.many_frames", "send 100,000 empty files", ends=frozenset({OUTPUT, REPORT})),
    _attack("processes.progress_without_end", "send progress without end",
            ends=frozenset({OUTPUT, TIME}), seconds=10.0),
    # The kernel
    _attack("kernel.namespaces", "make and enter namespaces",
            "unshare user", "clone user", "the newer clone", "root of a user namespace"),
    _attack("kernel.mounts", "mount and unmount"),
    _attack("kernel.users", "become root", "a file that sets the user",
            "a file born to set the user"),
    _attack("kernel.keyring", "the worker's keys", "the worker's key, searched",
            works_unfiltered=("the worker's key, searched",)),
    _attack("kernel.calls_nobody_needs", "calls that nobody needs", "personality",
            "a file's handle", works_unfiltered=("personality",)),
    _attack("kernel.old_calls", "calls by the doors of 32 bits", "interrupt 128",
            works_unfiltered=("interrupt 128",)),
    _attack("kernel.terminals", "type into the worker's terminal"),
    _attack("kernel.shared_memory", "leave something in shared memory",
            "shared memory", "semaphores", "messages"),
    _attack("kernel.more_than_its_share", "raise its own limits"),
    # Taking everything
    _attack("limits.forks", "400 processes", ends=frozenset({REPORT, PROCESSES})),
    _attack("limits.threads", "400 threads", ends=frozenset({REPORT, PROCESSES})),
    _attack("limits.fork_bomb", "a fork bomb", seconds=5.0,
            ends=frozenset({TIME, PROCESSES, MEMORY})),
    _attack("limits.descriptors", "5,000 open files"),
    _attack("limits.heap", "4 GB", ends=frozenset({MEMORY, REPORT})),
    _attack("limits.heap_of_many", "2 GB in 16 processes", ends=frozenset({MEMORY, REPORT})),
    _attack("limits.shared_maps", "4 GB of shared memory", ends=frozenset({MEMORY, REPORT})),
    _attack("limits.memory_files", "4 GB in a file in memory", ends=frozenset({MEMORY, REPORT})),
    _attack("limits.scratch", "fill the disk"),
    _attack("limits.small_files", "a million empty files", ends=frozenset({MEMORY, TIME, FAILED}),
            seconds=20.0),
    _attack("limits.deaf", "ignore every signal", ends=frozenset({TIME}), seconds=3.0),
    _attack("limits.spin", "spin for ever", ends=frozenset({TIME}), seconds=3.0),
    _attack("limits.printing", "print a gigabyte"),
    _attack("limits.crash", "crash", ends=frozenset({FAILED})),
    _attack("limits.abort", "abort", ends=frozenset({FAILED})),
    # The answer
    _attack("outputs.link_to_labels", "the answer is a link to the labels", "labels",
            control=Control.READ, ends=frozenset({NO_OUTPUT})),
    _attack("outputs.link_to_environment", "the answer is a link to the environment",
            "environment", control=Control.READ, ends=frozenset({NO_OUTPUT})),
    _attack("outputs.link_to_zeros", "the answer has no end", ends=frozenset({NO_OUTPUT})),
    _attack("outputs.link_of_its_folder", "the answer's folder is a link",
            ends=frozenset({NO_OUTPUT})),
    _attack("outputs.pipe", "the answer is a pipe", ends=frozenset({NO_OUTPUT})),
    _attack("outputs.local_socket", "the answer is a socket", ends=frozenset({NO_OUTPUT})),
    _attack("outputs.folder", "the answer is a folder", ends=frozenset({NO_OUTPUT})),
    _attack("outputs.sparse", "the answer is a gigabyte of nothing", ends=frozenset({LARGE})),
    _attack("outputs.nothing", "the answer is empty", ends=frozenset({NO_OUTPUT})),
)  # fmt: skip
BY_NAME = {attack.name: attack for attack in ATTACKS}

WITHOUT_GROUPS = frozenset(
    {
        "kernel.keyring", "kernel.namespaces", "processes.others", "processes.daemon",
        "files.writing", "limits.heap", "limits.memory_files", "limits.scratch", "limits.deaf",
        "limits.crash", "outputs.link_to_labels",
    }
)  # fmt: skip
"""What is tried where no control group can be made, too."""
