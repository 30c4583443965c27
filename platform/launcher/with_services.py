"""Runs a command beside a PostgreSQL and a Valkey of its own: `python -m launcher.with_services COMMAND…`.

Both are temporary, and gone when the command ends. The tests that must hold on the production
database run so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher.broker import Broker
from launcher.errors import CannotStart
from launcher.postgres import Postgres


def main(command: list[str]) -> int:
    if not command:
        sys.stderr.write("Name the command to run: python -m launcher.with_services pytest\n")
        return 2
    try:
        with (
            tempfile.TemporaryDirectory(prefix="agon-services-") as folder,
            Postgres(durable=False) as postgres,
            Broker(Path(folder)) as broker,
        ):
            environment = {**os.environ, "DATABASE_URL": postgres.url, "REDIS_URL": broker.url}
            return subprocess.run(command, env=environment, check=False).returncode
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
