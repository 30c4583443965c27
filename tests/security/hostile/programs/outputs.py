"""The answer as something else than a file: the reader must not follow, wait or drown."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import Tries

GIGABYTE = 1024**3


def link_to_labels(target: Mapping[str, Any], tries: Tries) -> None:
    os.symlink(target["labels"], target["output_path"])


def link_to_environment(target: Mapping[str, Any], tries: Tries) -> None:
    os.symlink("/proc/self/environ", target["output_path"])


def link_to_zeros(target: Mapping[str, Any], tries: Tries) -> None:
    os.symlink("/dev/zero", target["output_path"])


def link_of_its_folder(target: Mapping[str, Any], tries: Tries) -> None:
    folder = Path(target["output_path"]).parent
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(Path(target["labels"]).parent)
    os._exit(0)


def pipe(target: Mapping[str, Any], tries: Tries) -> None:
    """A pipe would keep its reader waiting; where none can be made, a link to one that is there."""
    try:
        os.mkfifo(target["output_path"])
    except OSError:
        os.symlink("/proc/self/fd/0", target["output_path"])


def local_socket(target: Mapping[str, Any], tries: Tries) -> None:
    socket.socket(socket.AF_UNIX).bind(target["output_path"])


def folder(target: Mapping[str, Any], tries: Tries) -> None:
    os.mkdir(target["output_path"])


def sparse(target: Mapping[str, Any], tries: Tries) -> None:
    """Takes no room on the disk and a gigabyte in memory."""
    with open(target["output_path"], "wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, 1)
        stream.truncate(min(GIGABYTE, target["scratch"]))


def nothing(target: Mapping[str, Any], tries: Tries) -> None:
    Path(target["output_path"]).touch()
