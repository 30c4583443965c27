"""Rules of the design that no type checker sees."""

import os
import platform
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "platform").rglob("templates/**/*.html"))
HEAVY = {"numpy", "polars", "sklearn", "scipy", "torch", "pandas"}
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
    "DJANGO_SETTINGS_MODULE": "agon.settings",
    "SECRET_KEY": "only-for-this-test-" + "0123456789" * 4,
}


def modules_after(code: str, **environment: str) -> set[str]:
    """The top-level modules that a fresh Python holds after running the code."""
    code += "\nimport sys; print('MODULES', *{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**ENVIRONMENT, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("MODULES ")[2].split())


def test_platform_is_still_the_standard_librarys():
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not (ROOT / "tests" / "platform").exists()


def test_competitions_and_baselines_are_data():
    for folder in ("competitions", "baselines"):
        assert not list((ROOT / folder).rglob("__init__.py"))


def test_the_web_server_loads_nothing_heavy(tmp_path):
    code = """
import agon.wsgi
from django.urls import get_resolver

def walk(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            walk(pattern.url_patterns)

walk(get_resolver().url_patterns)
"""
    loaded = modules_after(code, STATE_DIR=str(tmp_path))
    assert "django" in loaded
    assert not HEAVY & loaded


@pytest.mark.parametrize(
    "module", ["scoring.celery", "scoring.definition", "scoring.tasks", "scoring.__main__"]
)
def test_the_scoring_engine_knows_no_django(module):
    environment = {
        "PYTHONPATH": str(ROOT),
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "",
    }
    # As where they are not installed. (kombu would import a little of Django if it found it.)
    absent = "import sys; sys.modules.update(dict.fromkeys(['django', 'agon', 'psycopg']))"
    assert "scoring" in modules_after(f"{absent}\nimport {module}", **environment)


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "platform" / "agon"))
)
def test_a_template_holds_no_script_no_style_and_no_handler(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*[^<\s]", text), (
        "a script belongs into a file"
    )
    assert not re.search(r"<style\b", text), "styles belong into a file"
    assert not re.search(r"\sstyle\s*=", text), (
        "a style attribute is refused by the content security policy"
    )
    assert not re.search(r"\son[a-z]+\s*=", text), "handlers belong into a script file"
    assert not re.search(r"javascript:|hx-on|hx-vals=['\"]js:", text), (
        "code in attributes is refused"
    )
    assert not re.search(
        r"""(?:src|href)=["'](?:https?:)?//(?!www\.w3\.org)[^"']*\.(?:js|css|woff2?)""", text
    )


def test_no_file_is_a_drawer():
    found = [
        str(path.relative_to(ROOT))
        for folder in ("platform", "scoring", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if path.stem in {"utils", "util", "helpers", "misc", "common_utils"}
    ]
    assert found == []


def test_code_files_stay_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("platform", "scoring")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
        and path != ROOT / "scoring" / "client.py"  # people keep it as one file
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
