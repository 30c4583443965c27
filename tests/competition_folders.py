"""Small, whole competitions on the disk, whose data a prepare.py makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

PAGES = ("overview", "data", "evaluation", "rules")

PREPARE = """\
import json, os, pathlib, sys
home = pathlib.Path(__file__).parent
(home / "prepared").mkdir(exist_ok=True)
for done in range(3):
    print(json.dumps({"step": "Making rows", "done": done, "total": 2}), flush=True)
(home / "prepared/train.csv").write_text("id,label\\n100,1\\n")
(home / "prepared/sample.csv").write_text("id,label\\n1,0\\n2,0\\n")
(home / "prepared/solution.csv").write_text("id,label,Usage\\n1,0,Public\\n2,1,Private\\n")
"""


def write_folder(home: Path, *, prepare: str = PREPARE, **changes: Any) -> Path:
    """A competition whose data its prepare.py makes."""
    home.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        (home / f"{page}.md").write_text(f"# {page}\n", encoding="utf-8")
    (home / "prepare.py").write_text(prepare, encoding="utf-8")
    definition = {
        "version": 1,
        "slug": home.name,
        "title": home.name.capitalize(),
        "visibility": "public",
        "pages": {page: f"{page}.md" for page in PAGES},
        "prepare": "prepare.py",
        "data": [{"file": "prepared/train.csv", "description": "Rows to learn from"}],
        "phases": [
            {
                "submission": {"sample": "prepared/sample.csv", "columns": {"label": "integer"}},
                "solution": {"file": "prepared/solution.csv"},
                "metrics": [{"name": "accuracy"}],
            }
        ],
        **changes,
    }
    (home / "competition.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    return home
