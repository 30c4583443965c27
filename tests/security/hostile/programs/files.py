"""Files: reading the machine's and the hidden labels, and leaving something behind."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import Tries, done

BLOCK_DEVICES = ("vda", "sda", "nvme0n1", "loop0", "dm-0", "mem", "kmsg", "port")
OTHER_DEVICES = ("fuse", "net/tun", "kvm", "loop-control", "vhost-net", "uinput", "snapshot")


def of_the_system(target: Mapping[str, Any], tries: Tries) -> None:
    for path in ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/hosts", "/root/.bashrc",
                 "/root/.profile", "/proc/1/root/etc/passwd", "/proc/kcore"):  # fmt: skip
        tries(path, lambda path=path: Path(path).read_bytes()[:100])
    for folder in ("/home", "/var", "/run", "/opt", "/srv", "/mnt", "/boot", "/sys", "/work"):
        tries(folder, lambda folder=folder: os.listdir(folder))
    shown = {part for path in target["shown"] for part in Path(path).parts}
    for folder in ("/", "/root"):
        tries(
            f"more in {folder}",
            lambda folder=folder: set(os.listdir(folder)) - shown - set(target["of_ours"]),
        )


def hidden_labels(target: Mapping[str, Any], tries: Tries) -> None:
    """The file that decides who wins, by every way to it."""
    labels = target["labels"]

    def linked() -> bytes:
        link = Path(target["output_path"]).parent / "link"
        link.symlink_to(labels)
        return link.read_bytes()

    def held() -> list[bytes]:
        found = []
        for name in os.listdir("/proc/self/fd"):
            try:
                if stat.S_ISDIR(os.fstat(int(name)).st_mode):
                    found.append(Path(f"/proc/self/fd/{name}{labels}").read_bytes())
            except OSError:
                continue
        return found

    tries("by its path", Path(labels).read_bytes)
    tries("by a link", linked)
    tries("by a folder held open", held)
    for way in ("/proc/1/root", "/proc/1/cwd", "/proc/self/root", "/proc/self/cwd/../../../..",
                "/in/../..", "/oldroot", "/newroot", "/.oldroot", "/tmp/oldroot"):  # fmt: skip
        tries(f"by {way}", lambda way=way: Path(way + labels).read_bytes())
    for process in filter(str.isdigit, os.listdir("/proc")):
        for way in ("root", "cwd"):
            path = f"/proc/{process}/{way}{labels}"
            tries(f"by a process's {way}", lambda path=path: Path(path).read_bytes())


def open_descriptors(target: Mapping[str, Any], tries: Tries) -> None:
    """Whatever was left open in this process, its parent or the first one."""
    for process in ("self", str(os.getppid()), "1"):
        folder = f"/proc/{process}/fd"
        try:
            names = os.listdir(folder)
        except OSError as error:
            tries.refused[process] = str(error)
            continue
        for name in names:
            path = f"{folder}/{name}"
            tries(f"{process}: {name}", lambda path=path: _content(path))


def _content(path: str) -> bytes:
    """What an ordinary file or folder holds that is neither shown here nor ours."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        where = os.readlink(path)
        return b"" if where.startswith(("/tmp", "/proc")) else str(os.listdir(path)).encode()
    if not stat.S_ISREG(mode) or os.readlink(path).startswith(("/tmp", "/in/", "/usr", "/venv")):
        return b""
    with open(path, "rb") as stream:
        return b"open: " + stream.read(1000)


def writing(target: Mapping[str, Any], tries: Tries) -> None:
    """Anything that the next job, or the machine, would see."""

    def written(folder: str) -> bool:
        path = Path(folder, target["mark"])
        path.write_text("written")
        path.unlink()
        return True

    for folder in (*target["shown"], "/", "/usr", "/usr/lib", "/etc", "/dev", "/in", "/venv",
                   "/agon", "/agon/scoring", "/var/tmp", "/proc", "/sys", "/run", "/root",
                   "/venv/lib/python3.11/site-packages", "/proc/1/root/var/tmp"):  # fmt: skip
        tries(folder, lambda folder=folder: written(folder))
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches",
                 "/proc/1/oom_score_adj", "/sys/kernel/uevent_helper"):  # fmt: skip
        tries(path, lambda path=path: os.close(os.open(path, os.O_WRONLY)) is None)
    marker = Path(target["markers"], target["mark"])
    tries("a marker outside", lambda: marker.write_text("escaped"))


def changing_inputs(target: Mapping[str, Any], tries: Tries) -> None:
    """The files of the task, and through links what lies beside them."""
    given = Path("/in/inputs")
    kept = Path(target["output_path"]).parent / "kept"
    tries("overwritten", lambda: given.write_text("mine"))
    tries("appended to", lambda: given.open("a").write("mine"))
    tries("truncated", lambda: os.truncate(given, 0) is None)
    tries("removed", lambda: given.unlink() is None)
    tries("renamed", lambda: given.rename("/in/other"))
    tries("made writable", lambda: given.chmod(0o666) is None)
    tries("linked", lambda: os.link(given, kept) is None)
    tries("linked from the system", lambda: os.link("/usr/bin/env", kept) is None)
    tries("touched", lambda: os.utime(given) is None)


def devices(target: Mapping[str, Any], tries: Tries) -> None:
    folder = Path(target["output_path"]).parent
    for name in (*BLOCK_DEVICES, *OTHER_DEVICES):
        path = f"/dev/{name}"
        tries(path, lambda path=path: done(os.close(os.open(path, os.O_RDWR))))
    tries("a pipe of its own", lambda: done(os.mkfifo(folder / "pipe")))
    tries("memory as a device", lambda: done(
        os.mknod(folder / "memory", stat.S_IFCHR | 0o666, os.makedev(1, 1))
    ))  # fmt: skip
    tries("a disk as a device", lambda: done(
        os.mknod(folder / "disk", stat.S_IFBLK | 0o666, os.makedev(254, 0))
    ))  # fmt: skip
