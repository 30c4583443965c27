"""Runners without a sandbox: the controls, whose payloads do no more than write a marker."""

from bare import run_bare, runtimes

__all__ = ["run_bare", "runtimes"]
