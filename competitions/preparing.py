"""What every prepare.py shares: its options, its exit codes, and files that appear whole or not.

Exit code: 0 all is made, 1 something is wrong, 2 wrong arguments, 3 no place had the data.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from downloading import NotFetched, Place, add_mirror_option, places_of
from progress import say

NOT_FETCHED = 3


def run(title: str, home: Path, prepare: Callable[[Path], None]) -> int:
    """Run a preparation that needs no data from outside, as the command line says.

    Args:
        title: The competition's name, for the sentence of a failure.
        home: The competition's folder.
        prepare: Makes everything below the folder that it is given.
    """
    options = _parser(title, home).parse_args()
    return _outcome(title, options.output, prepare)


def run_with_data(
    title: str,
    home: Path,
    prepare: Callable[[Path, list[Place]], None],
    *,
    data_set: str,
    homes: Sequence[str],
) -> int:
    """Run a preparation that fetches a data set, as the command line says.

    Args:
        title: The competition's name, for the sentence of a failure.
        home: The competition's folder.
        prepare: Makes everything below the folder, with data from these places.
        data_set: The name of the data set's folder on mirrors.
        homes: The addresses that hold its files without a mirror.
    """
    parser = _parser(title, home)
    add_mirror_option(parser)
    options = parser.parse_args()
    places = places_of(data_set, homes=homes, named=options.mirror)
    return _outcome(title, options.output, lambda output: prepare(output, places))


@contextmanager
def appearing(output: Path) -> Iterator[Path]:
    """A folder to make files in, which are moved to `output` when all are made.

    So a stop halfway leaves no half file. Files below it keep their place.
    """
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".unfinished-") as name:
        folder = Path(name)
        yield folder
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            target = output / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    say(f"Written to {output}")


def spoil(sample: Path, folder: Path) -> None:
    """Write the examples that the engine refuses, made from a sample submission."""
    script = Path(__file__).resolve().parent / "spoil.py"
    subprocess.run([sys.executable, script, sample, folder], check=True)


def _parser(title: str, home: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=f"Makes the files of the competition {title}.")
    parser.add_argument("--output", type=Path, default=home / "prepared", help="where to write")
    return parser


def _outcome(title: str, output: Path, prepare: Callable[[Path], None]) -> int:
    try:
        prepare(output.resolve())
    except NotFetched as error:
        print(error, file=sys.stderr)
        return NOT_FETCHED
    except (OSError, AssertionError, subprocess.CalledProcessError) as error:
        print(f"{title} could not be prepared: {error}.", file=sys.stderr)
        return 1
    return 0
