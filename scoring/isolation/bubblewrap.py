"""How a sandboxed process is started: what it sees, who it is, and what it may use.

Two modes. `USERNS`: bubblewrap is started by nobody special and makes a user namespace; where this
process is root, the start drops to a user that owns nothing first, because root that maps itself
into a namespace is still root to the kernel. `ROOT`: bubblewrap makes the mounts as root, and
`setpriv` inside gives up every privilege and becomes such a user. There is no third, and no way
past either.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
"""The engine's own code; runners are part of it, and nothing in it is secret."""
OLDEST = (0, 8, 0)
NOBODY = 65534
FIRST_USER = 20_001
CODE = "import sys; sys.path.insert(0, '/agon'); from scoring.runners.start import main; main()"
SETPRIV, PRLIMIT = "/usr/bin/setpriv", "/usr/bin/prlimit"
SCRATCH, SHARED_MEMORY = "/tmp", "/dev/shm"  # noqa: S108 - each sandbox has its own
SHARED_MEMORY_BYTES = 16 * 1024**2
DEVICES = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools")
NUMBERED_DEVICES = ("nvidia[0-9]*", "nvidia-caps/*")
CHOSEN_DEVICES = "CUDA_VISIBLE_DEVICES"
KERNEL_FILES = (
    "/proc/keys", "/proc/key-users", "/proc/kcore", "/proc/timer_list", "/proc/sched_debug",
)  # fmt: skip
# Joining comes before anything else, so that no moment of the job is outside its group.
_JOIN = (
    'count=$1; shift; while [ "$count" -gt 0 ]; do echo $$ > "$1" || exit 97; shift; '
    'count=$((count - 1)); done; exec "$@"'
)


class Mode(StrEnum):
    """Who starts the sandbox."""

    USERNS = "userns"
    ROOT = "root"


class NoSandbox(Exception):
    """A sandbox can't be made here; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The Python that runs inside.

    Attributes:
        prefix: The virtual environment, or the installation itself.
        base: The installation that it is made from.
    """

    prefix: Path
    base: Path
    source: Path | None = None
    """Where the installation lies outside, if not where it is seen inside."""

    @classmethod
    def own(cls) -> Interpreter:
        """The one that runs this."""
        return cls(Path(sys.prefix), Path(sys.base_prefix))

    @property
    def is_virtual(self) -> bool:
        return self.prefix != self.base

    @property
    def command(self) -> str:
        """Its path inside the sandbox."""
        return "/venv/bin/python" if self.is_virtual else f"{self.base}/bin/python3"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about one start.

    Attributes:
        mode: Who starts it.
        user: The user that it becomes, where this process is root.
        interpreter: The Python that runs inside.
        inputs: The folder that it sees as ``/in``; read-only there.
        arguments: What follows the interpreter.
        memory_bytes: For the scratch space, and for the address space where no group bounds it.
        scratch_bytes: How much it may write to ``/tmp``.
        processes: How many processes and threads.
        threads: For numerical libraries.
        has_group: Whether a control group bounds memory.
        needs_gpu: Whether it sees the accelerator.
        has_own_proc: Whether it gets a ``/proc`` of its own, which shows its own processes only.
        seconds: Processor time of each process; for where no group bounds it. 0: unbounded.
    """

    mode: Mode
    user: int
    interpreter: Interpreter
    inputs: Path
    arguments: Sequence[str]
    memory_bytes: int
    scratch_bytes: int
    processes: int
    threads: int
    has_group: bool
    needs_gpu: bool = False
    has_own_proc: bool = True
    seconds: int = 0


def find_bubblewrap() -> str:
    """The path of bubblewrap.

    Raises:
        NoSandbox: it is missing or too old.
    """
    path = shutil.which("bwrap")
    if path is None:
        raise NoSandbox("bubblewrap is missing (Debian, Ubuntu: apt install bubblewrap)")
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    numbers = done.stdout.split()[-1].split(".") if done.stdout.strip() else []
    if not numbers or tuple(map(int, numbers)) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise NoSandbox(f"bubblewrap is older than {wanted}; install a newer one")
    return path


def check_starter() -> None:
    """Refuse to start sandboxes from a process whose children nobody can wait for.

    Raises:
        NoSandbox: SIGCHLD is ignored, which is inherited, and bubblewrap would wait in vain.
    """
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        raise NoSandbox("this process ignores SIGCHLD; start it another way")
    missing = [program for program in (SETPRIV, PRLIMIT) if not Path(program).exists()]
    if missing:
        raise NoSandbox(f"{missing[0]} is missing (Debian, Ubuntu: apt install util-linux)")


def has_own_proc(bubblewrap: str, mode: Mode) -> bool:
    """Whether a sandbox may mount a ``/proc`` that shows its own processes only.

    In a container whose own ``/proc`` is partly covered, as with NVIDIA's runtime, the kernel refuses.
    There a user namespace may show the container's instead: it hides what the processes outside
    hold, though not that they are there. Root has no such protection, so it gets no such choice.
    """
    if mode is Mode.ROOT:
        return True
    start = [*(_drop_to(NOBODY) if os.geteuid() == 0 else []), bubblewrap, "--ro-bind", "/", "/"]
    start += ["--unshare-user", "--unshare-pid", "--die-with-parent"]
    for proc, answer in ((["--proc", "/proc"], True), (["--ro-bind", "/proc", "/proc"], False)):
        done = subprocess.run(
            [*start, *proc, "/bin/true"], env={}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return answer
    return True  # no sandbox can be started, and the first one will say why


def default_mode() -> Mode:
    """Root where this process is root, else a user namespace."""
    return Mode.ROOT if os.geteuid() == 0 else Mode.USERNS


def command(
    bubblewrap: str, plan: Plan, *, entrances: Sequence[Path], arguments_at: int
) -> list[str]:
    """The whole command line; what bubblewrap is to do comes by a descriptor, out of sight."""
    limits = [f"--{name}={value}" for name, value in _resource_limits(plan)]
    return [
        "/bin/sh", "-c", _JOIN, "sh", str(len(entrances)), *map(str, entrances),
        *(_drop(plan) if plan.mode is Mode.USERNS and os.geteuid() == 0 else []),
        PRLIMIT, *limits, "--",
        bubblewrap, "--args", str(arguments_at),
        *(_drop(plan) if plan.mode is Mode.ROOT else []), plan.interpreter.command, "-I", "-c", CODE, *plan.arguments,
    ]  # fmt: skip


def arguments(plan: Plan, *, filter_at: int, status_at: int) -> bytes:
    """What bubblewrap is told by `--args`."""
    parts = [
        *_namespaces(plan),
        *_environment(plan),
        *_system(),
        *_python(plan.interpreter),
        *(("--proc", "/proc") if plan.has_own_proc else ("--ro-bind", "/proc", "/proc")),
        *_masked(),
        "--dev", "/dev",
        "--perms", "1777", "--size", str(SHARED_MEMORY_BYTES), "--tmpfs", SHARED_MEMORY,
        "--perms", "1777", "--size", str(plan.scratch_bytes), "--tmpfs", SCRATCH,
        "--perms", "0755", "--dir", "/agon",
        "--ro-bind", str(PACKAGE), "/agon/scoring",
        "--ro-bind", str(plan.inputs), "/in",
        "--symlink", f"{SCRATCH}/app", "/app",  # where scoring programs from Codabench look
    ]  # fmt: skip
    if plan.needs_gpu:
        for device in _devices():
            parts += ["--dev-bind-try", device, device]
    parts += [
        "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH,
        "--seccomp", str(filter_at), "--json-status-fd", str(status_at),
    ]  # fmt: skip
    return b"\0".join(part.encode() for part in parts) + b"\0"


def _namespaces(plan: Plan) -> Iterator[str]:
    yield from ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    yield from ("--unshare-cgroup", "--die-with-parent", "--new-session", "--hostname", "sandbox")
    yield from ("--cap-drop", "ALL")
    if plan.mode is Mode.USERNS:
        yield from ("--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))
        if plan.has_own_proc:
            yield "--disable-userns"  # it writes to /proc; without it, the filter forbids the same
    else:
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            yield from ("--cap-add", capability)


def _drop(plan: Plan) -> list[str]:
    """Gives up everything that root has."""
    return _drop_to(plan.user)


def _drop_to(number: int) -> list[str]:
    user = str(number)
    return [
        SETPRIV, "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs",
        "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--",
    ]  # fmt: skip


def _environment(plan: Plan) -> Iterator[str]:
    threads = str(plan.threads)
    values = {
        "PATH": "/venv/bin:/usr/bin:/bin",
        "HOME": SCRATCH,
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "CUDA_CACHE_PATH": SCRATCH,
        "ORT_DISABLE_TELEMETRY": "1",
    }
    if plan.needs_gpu and CHOSEN_DEVICES in os.environ:
        values[CHOSEN_DEVICES] = os.environ[CHOSEN_DEVICES]
    yield "--clearenv"
    for name, value in values.items():
        yield from ("--setenv", name, value)


def _devices() -> Iterator[str]:
    """The accelerators' own files, which must be there before; a sandbox can't make any."""
    yield from DEVICES
    for pattern in NUMBERED_DEVICES:
        yield from map(str, sorted(Path("/dev").glob(pattern)))


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "lib", "lib64", "sbin"):
        if Path("/", name).is_symlink():
            yield from ("--symlink", f"usr/{name}", f"/{name}")
        elif Path("/", name).is_dir():
            yield from ("--ro-bind", f"/{name}", f"/{name}")
    yield from ("--perms", "0755", "--dir", "/etc")
    yield from ("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")


def _masked() -> Iterator[str]:
    """Files of the kernel that name what the worker holds, as containers hide them too."""
    for path in KERNEL_FILES:
        if Path(path).exists():
            yield from ("--ro-bind", "/dev/null", path)


def _python(interpreter: Interpreter) -> Iterator[str]:
    base = interpreter.base
    if not base.is_relative_to("/usr") or base.is_relative_to("/usr/local"):
        # Folders that bubblewrap makes by itself would be closed to the user that we become.
        for parent in reversed(base.parents[:-1]):
            yield from ("--perms", "0755", "--dir", str(parent))
        yield from ("--ro-bind", str(interpreter.source or base), str(base))
    if interpreter.is_virtual:
        yield from ("--ro-bind", str(interpreter.prefix), "/venv")


def _resource_limits(plan: Plan) -> Iterator[tuple[str, int]]:
    wanted = {
        "nofile": 256,
        "core": 0,
        "memlock": 2**20,
        "msgqueue": 0,
        "sigpending": 256,
        "rtprio": 0,
        "nice": 0,
        "stack": 8 * 1024**2,
        "fsize": max(plan.scratch_bytes, 2**20),
    }
    if not plan.has_group:
        # Both count for one process only, and the number of processes for all that the user has.
        wanted["nproc"] = plan.processes + _tasks_of(plan)
        if plan.seconds:
            wanted["cpu"] = plan.seconds
        if not plan.needs_gpu:
            wanted["as"] = plan.memory_bytes
    for name, value in wanted.items():
        highest = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
        yield name, value if highest == resource.RLIM_INFINITY else min(value, highest)


def _tasks_of(plan: Plan) -> int:
    """How many threads the user has already that the sandbox will belong to."""
    if plan.mode is Mode.ROOT or os.geteuid() == 0:
        return 0
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            if folder.stat().st_uid == os.geteuid():
                count += sum(1 for _ in (folder / "task").iterdir())
    return count
