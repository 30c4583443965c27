"""`python -m launcher serve`: runs the whole of Agon on this machine; `worker`: one scoring worker."""

from __future__ import annotations

import argparse
import sys

from launcher import worker
from launcher.console import Console
from launcher.environment import default_state
from launcher.errors import CannotStart
from launcher.serve import Stopped, Supervisor


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m launcher", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="set up and run everything in the foreground")
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    serve.add_argument(
        "--port", type=_port, default=8000, help="port to listen on (default: %(default)s)"
    )
    serve.add_argument("--once", action="store_true", help="start, check, stop: to try the start")
    worker_command = commands.add_parser("worker", help="run one scoring worker in the foreground")
    worker_command.add_argument(
        "--queue", choices=worker.QUEUES, default=worker.QUEUES[0], help="default: %(default)s"
    )
    worker_command.add_argument(
        "--concurrency", type=_count, help="jobs at once (default: 1 on a GPU, else as processors)"
    )
    arguments = parser.parse_args()
    console = Console()
    try:
        if arguments.command == "worker":
            worker.run(
                console,
                queue=arguments.queue,
                concurrency=arguments.concurrency,
                state=default_state(),
            )
        Supervisor(console, host=arguments.host, port=arguments.port).run(once=arguments.once)
    except CannotStart as error:
        console.line(f"\n{error}")
        return 1
    except Stopped:
        console.note("Stopped before the start was complete.")
    return 0


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count: give a number from 1 to 256")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
