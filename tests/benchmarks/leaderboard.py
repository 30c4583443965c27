"""Pages of a large board beside those of a small one: `make bench-leaderboard`.

Starts a PostgreSQL of its own, gone at the end, and runs `tests.benchmarks.boards` on it, so no
other database is touched.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-leaderboard", description=__doc__)
    parser.add_argument("--teams", type=int, default=100_000)
    parser.add_argument("--submissions", type=int, default=1_000_000)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="agon-leaderboard-") as folder:
        command = [
            sys.executable, "-m", "tests.benchmarks.boards", str(asked.teams), str(asked.submissions),
        ]  # fmt: skip
        environment = {
            **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
            "SECRET_KEY": secrets.token_urlsafe(48),
            "STATE_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/boards.sqlite3",
            "STORAGE_URL": f"file://{folder}/storage",
            "SITE_URL": "http://localhost",
            "HTTPS": "false",
            "DEBUG": "false",
            "LOG_LEVEL": "error",
        }
        if asked.sqlite:
            return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
        with Postgres(durable=False) as postgres:
            environment["DATABASE_URL"] = postgres.url
            return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
