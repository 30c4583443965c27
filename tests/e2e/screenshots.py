"""Pictures of every page: `python -m tests.e2e.screenshots FOLDER [LOCALE]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.e2e.chromium import open_chromium
from tests.e2e.gallery import THEMES, WIDTHS, Gallery
from tests.e2e.website import open_website


def main(folder: Path, locale: str = "en-US") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as temporary,
        open_website(Path(temporary)) as website,
        open_chromium() as chromium,
    ):
        gallery = Gallery(website)
        for width, height in WIDTHS.items():
            for theme in THEMES:
                viewport = {"width": width, "height": height}
                with gallery.visits(
                    chromium, locale=locale, color_scheme=theme, viewport=viewport
                ) as pages:
                    for name, page in pages:
                        path = folder / f"{name}-{width}-{theme}.png"
                        page.screenshot(path=path, full_page=True)
                        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
