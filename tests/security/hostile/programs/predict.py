"""A submitted program that attacks: runs the function that ``target.json`` names, and reports."""

import importlib
import json
import os
from pathlib import Path

from tools import Tries


def predict(inputs_dir, output_path):
    target = json.loads((Path(__file__).parent / "target.json").read_text())
    module, function = target["attack"].split(".")
    target |= {"inputs_dir": inputs_dir, "output_path": output_path}
    tries = Tries()
    getattr(importlib.import_module(module), function)(target, tries)
    if not os.path.lexists(output_path):
        report = {"worked": tries.worked, "refused": tries.refused, "user": os.getuid()}
        Path(output_path).write_text(json.dumps(report))
