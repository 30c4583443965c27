"""Models and programs through the whole site: sent by the browser's form, run in the sandbox."""

from __future__ import annotations

import html
import io
import re
import zipfile

import numpy as np
import pytest
import skops.io
import torch
from models import as_torchscript
from sklearn.svm import SVC
from torch import nn

from tests.stack import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("logs")]

DIGITS = ROOT / "competitions" / "digits"
CENTROIDS = """
import csv, pathlib
import numpy as np

def predict(inputs_dir, output_path):
    given = np.load(next(pathlib.Path(inputs_dir).glob("*.npz")))
    here = pathlib.Path(__file__).parent
    centroids = np.load(here / "centroids.npy")
    distances = ((given["pixels"][:, None] - centroids) ** 2).sum(axis=2)
    with open(output_path, "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "label"])
        writer.writerows(zip(given["id"].tolist(), distances.argmin(axis=1).tolist()))
"""


@pytest.fixture(scope="module")
def digits(stack, site):
    """The competition as its folder has it, loaded into the running site."""
    stack.run(str(DIGITS / "prepare.py"))
    stack.manage("load_competition", str(DIGITS), "--host", "arena-host")
    train = np.loadtxt(DIGITS / "prepared" / "train.csv", delimiter=",", skiprows=1)
    return train[:, 2:].astype(np.float32), train[:, 1].astype(int)


def centroids(digits):
    images, labels = digits
    return np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])


def as_linear(digits):
    """The nearest centroid as a linear layer: -|x - c|² is 2 c x - |c|², and a constant."""
    points = torch.from_numpy(centroids(digits))
    layer = nn.Linear(64, 10)
    with torch.no_grad():
        layer.weight.copy_(2 * points)
        layer.bias.copy_(-(points**2).sum(dim=1))
    return layer.eval()


def program(digits, source=CENTROIDS):
    packed, numbers = io.BytesIO(), io.BytesIO()
    np.save(numbers, centroids(digits))
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("predict.py", source)
        archive.writestr("centroids.npy", numbers.getvalue())
    return packed.getvalue()


def text_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def sent(browser, kind, name, content):
    """The submission's page at its end."""
    joined = browser.client.post(
        "/competitions/digits/rules/accept/", data={"version": 1, "agree": "on"}
    )
    assert joined.status_code == 302
    response = browser.client.post(
        "/competitions/digits/submit/", data={"kind": kind}, files={"file": (name, content)}
    )
    assert "Location" in response.headers, text_of(response.text)
    return text_of(browser.page_at_end(response.headers["Location"], seconds=120))


def test_one_model_scores_the_same_as_torchscript_and_as_a_program(browser, digits):
    scores = set()
    for kind, name, content in (
        ("model", "centroids.pt", as_torchscript(as_linear(digits))),
        ("code", "centroids.zip", program(digits)),
    ):
        page = sent(browser, kind, name, content)
        found = re.search(r"0\.[89]\d{3,}", page)
        assert found, page
        scores.add(found[0])
    assert len(scores) == 1


def test_a_scikit_learn_model_is_scored(browser, digits):
    images, labels = digits
    model = SVC(gamma=0.001).fit(images, labels)
    assert re.search(r"0\.9\d{3,}", sent(browser, "model", "svc.skops", skops.io.dumps(model)))


def test_a_program_that_stops_shows_its_author_the_last_line(browser, digits):
    broken = CENTROIDS.replace("distances = ", "distances = undefined_name + ")
    page = sent(browser, "code", "mine.zip", program(digits, broken))
    assert "undefined_name" in page
    assert "predict.py" in page
