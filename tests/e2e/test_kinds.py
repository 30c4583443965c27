"""Models and programs in a browser: choosing, what the page says to a wrong file, and waiting."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

MODEL = b"\x08\x0e\x3a\x02\x12\x00"
"""The shortest file that looks like an ONNX model at the door."""
SUBMIT = "/competitions/models/submit/"


def choose_file(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def program(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "def predict(inputs_dir, output_path): ...\n")
    return buffer.getvalue()


def test_the_page_shows_what_is_expected_of_the_chosen_kind_alone(desk: Page) -> None:
    desk.goto(SUBMIT)
    expect(desk.get_by_text("What the model must be like")).to_be_hidden()
    desk.get_by_label("Model", exact=True).check()
    expect(desk.get_by_text("What the model must be like")).to_be_visible()
    expect(desk.get_by_text("What the program must be like")).to_be_hidden()
    expect(desk.locator("input[type=file]")).to_have_attribute("accept", ".onnx,.safetensors")


def test_a_model_is_sent_and_waits_for_somebody_who_can_run_it(desk: Page) -> None:
    desk.goto(SUBMIT)
    desk.get_by_label("Model", exact=True).check()
    choose_file(desk, "model.onnx", MODEL)
    desk.get_by_role("button", name="Submit", exact=True).click()
    expect(desk.locator("#status")).to_contain_text("No scoring worker is running")
    expect(desk.locator("main")).to_contain_text("Model (ONNX)")


def test_a_refused_program_leaves_the_choice_as_it_was(desk: Page, watch) -> None:
    watch.expect("status of 422")
    desk.goto(SUBMIT)
    desk.get_by_label("Program", exact=True).check()
    choose_file(desk, "program.zip", program("mine/predict.py"))
    desk.get_by_role("button", name="Submit", exact=True).click()
    expect(desk.locator("#upload [role=alert]")).to_contain_text("predict.py")
    expect(desk.get_by_label("Program", exact=True)).to_be_checked()


def test_it_works_without_javascript(new_context, participant) -> None:
    page = new_context(participant, java_script_enabled=False).new_page()
    page.goto(SUBMIT)
    page.get_by_label("Program", exact=True).check()
    expect(page.get_by_text("What the program must be like")).to_be_visible()
    choose_file(page, "program.zip", program("predict.py"))
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("main")).to_contain_text("Program")
    expect(page.locator("#status-title .badge")).to_have_text("Queued")


def test_progress_is_seen_while_a_model_predicts(website, new_context) -> None:
    page = new_context(website.host).new_page()
    page.goto("/competitions/models/submissions/1/")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "42")
    expect(page.locator("#status")).to_contain_text("42 % of the test set is predicted.")
