"""Runners without a sandbox around them, for files that these tests have made themselves."""

from bare import run_bare, runtimes

__all__ = ["run_bare", "runtimes"]
