"""Rules that every template and style sheet keeps, so that the strict policy never bites."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

APPS = Path(settings.PACKAGE)
TEMPLATES = sorted(APPS.glob("*/templates/**/*.html"))
STYLES = sorted(APPS.glob("*/static/**/*.css"))
SCRIPTS = sorted(APPS.glob("*/static/**/*.js"))
ICONS = APPS / "common/static/common/icons.svg"


def named(path: Path) -> str:
    return str(path.relative_to(APPS))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_can_be_compiled_and_has_nothing_inline(path: Path) -> None:
    get_template(str(path).split("/templates/", 1)[1])
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\s(on[a-z]+|hx-on[^=]*|hx-vars|hx-vals)=", text)
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)
    assert len(text.splitlines()) <= 200


@pytest.mark.parametrize("path", STYLES, ids=named)
def test_a_style_sheet_fetches_nothing_from_elsewhere_and_takes_colours_from_tokens(
    path: Path,
) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"url\([\"']?(https?:)?//|@import", text)
    for token in set(re.findall(r"var\((--[\w-]+)", text)):
        declared = (
            f"{token}:" in text
            or f"{token}:" in (APPS / "common/static/common/css/tokens.css").read_text()
        )
        assert declared, f"{token} is nowhere declared"


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_a_script_evaluates_no_text_and_imports_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"\beval\(|new Function|\.style\b|insertAdjacentHTML|^import ", text, flags=re.MULTILINE
    )


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', ICONS.read_text(encoding="utf-8")))
    wanted = re.compile(r'(?:\{% icon |icon_name=)"([\w-]+)"')
    used = {name for path in TEMPLATES for name in wanted.findall(path.read_text(encoding="utf-8"))}
    assert used <= drawn
