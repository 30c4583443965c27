"""Reaching anybody at all: services on this machine, names, other families of sockets."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import Tries

SECONDS = 2.0
ALGORITHMS, PACKETS, MACHINES = 38, 17, 40
MESSAGES_TO_KERNEL = 16


def tcp(target: Mapping[str, Any], tries: Tries) -> None:
    """The database and the broker listen on ports like these."""

    def connected(host: str) -> bytes:
        with socket.create_connection((host, target["port"]), SECONDS) as stream:
            return stream.recv(1000)

    for host in ("127.0.0.1", "0.0.0.0", "localhost", "::1"):
        tries(host, lambda host=host: connected(host))


def datagrams(target: Mapping[str, Any], tries: Tries) -> None:
    def asked() -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.settimeout(SECONDS)
            end.sendto(b"?", ("127.0.0.1", target["datagram_port"]))
            return end.recv(1000)

    tries("udp", asked)
    tries("names", lambda: socket.getaddrinfo("example.org", 80))


def other_families(target: Mapping[str, Any], tries: Tries) -> None:
    def opened(family: int, kind: int, protocol: int = 0) -> bool:
        with socket.socket(family, kind, protocol):
            return True

    tries("internet", lambda: opened(socket.AF_INET, socket.SOCK_STREAM))
    tries("internet 6", lambda: opened(socket.AF_INET6, socket.SOCK_DGRAM))
    tries("raw", lambda: opened(socket.AF_INET, socket.SOCK_RAW, 1))
    tries("ping", lambda: opened(socket.AF_INET, socket.SOCK_DGRAM, 1))
    tries("netlink", lambda: opened(MESSAGES_TO_KERNEL, socket.SOCK_RAW))
    tries("vsock", lambda: opened(MACHINES, socket.SOCK_STREAM))
    tries("algorithms", lambda: opened(ALGORITHMS, socket.SOCK_SEQPACKET))
    tries("packets", lambda: opened(PACKETS, socket.SOCK_RAW))
    for family in (2, 10, 16, 40):
        tries(f"pair of {family}", lambda family=family: socket.socketpair(family))


def local_socket(target: Mapping[str, Any], tries: Tries) -> None:
    """By the path of a socket file, as databases and brokers have."""

    def connected(address: str) -> bytes:
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(SECONDS)
            stream.connect(address)
            return stream.recv(1000)

    tries("by its path", lambda: connected(target["socket"]))
    for path in ("/run/docker.sock", "/run/dbus/system_bus_socket", "/dev/log"):
        tries(path, lambda path=path: connected(path))


def abstract_socket(target: Mapping[str, Any], tries: Tries) -> None:
    """Names that no mount hides."""

    def connected() -> bytes:
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(SECONDS)
            stream.connect(f"\0{target['abstract']}")
            return stream.recv(1000)

    tries("by its name", connected)
    tries("names in use", lambda: target["abstract"] in Path("/proc/net/unix").read_text())
