#!/usr/bin/env python
"""Django's command line. In a folder that `make serve` set up, it works on that site."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from django.core.management import execute_from_command_line  # noqa: E402  (after the path is set)

from launcher.environment import adopt  # noqa: E402

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agon.settings")
    adopt(os.environ)
    execute_from_command_line(sys.argv)
