"""What hosts put on a site: baselines, a pinned notebook with every kind of cell, and a webhook.

`python -m tests.e2e.showcase FOLDER_OF_DIGITS`, inside the site's own environment; the baselines wait
for a worker when it ends.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agon.settings")
django.setup()

from django.core.files.base import ContentFile  # noqa: E402

from agon.competitions.models import Competition  # noqa: E402
from agon.competitions.services.webhooks import add_webhook, try_webhook  # noqa: E402
from agon.notebooks.models import Licence  # noqa: E402
from agon.notebooks.services import About, publish_baseline  # noqa: E402
from agon.submissions.services import intake  # noqa: E402
from tests import notebook_files as files  # noqa: E402

TABLE = """<table border="1" class="dataframe"><thead><tr><th></th><th>precision</th><th>recall</th></tr></thead>
<tbody><tr><th>0</th><td>0.99</td><td>0.98</td></tr><tr><th>1</th><td>0.97</td><td>0.99</td></tr></tbody></table>"""


def showcase() -> bytes:
    return files.notebook(
        files.markdown(
            "# A linear model\n\nIt minimises $\\sum_i \\log p(y_i \\mid x_i)$ plus a penalty."
        ),
        files.markdown("## The data\n\nEach image has 8 x 8 pixels."),
        files.code(
            "import polars as pl\n\ntrain = pl.read_csv('train.csv')  # labels included\ntrain.head()",
            files.stream("100%|##########| 1437/1437\rdone\n"),
            files.of_types({"text/html": TABLE, "text/plain": "precision recall"}),
        ),
        files.markdown("## What it sees"),
        files.code("plt.imshow(image)", files.display(image_png=files.PNG), count=2),
        files.code(
            "train['lable']",
            files.error("\x1b[0;31mColumnNotFoundError\x1b[0m: lable", "in a long line " * 20),
            count=3,
        ),
        files.code(
            "widget",
            files.of_types({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}),
            count=None,
        ),
        files.raw("Raw text."),
    )


def main(folder: Path) -> None:
    competition = Competition.objects.get(slug="digits")
    host, phase = competition.host, competition.phases.get()
    submissions = {
        name: intake.submit(
            user=host,
            phase=phase,
            upload=ContentFile((folder / "prepared" / file).read_bytes(), name="submission.csv"),
            baseline=name,
        )
        for name, file in [
            ("Support vectors", "examples/support_vectors.csv"),
            ("All the same", "sample_submission.csv"),
        ]
    }
    publish_baseline(
        user=host,
        competition=competition,
        upload=ContentFile(showcase(), name="sklearn.ipynb"),
        about=About(
            title="A linear model, from the data to the leaderboard",
            licence=Licence.APACHE,
            model="Logistic regression, L2",
            submission=submissions["Support vectors"],
        ),
        origin="sklearn",
        seconds=14,
    )
    webhook = add_webhook(
        competition=competition,
        actor=host,
        url="https://receiver.invalid/hooks/agon",
        events=["submission.scored", "submission.failed"],
    )
    try_webhook(webhook=webhook, actor=host)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
