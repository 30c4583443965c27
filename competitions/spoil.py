"""Spoil a sample submission in every way that the scoring engine refuses.

    python competitions/spoil.py competitions/digits/prepared/sample_submission.csv FOLDER

Each file differs from the sample in one thing, and is called after that thing. A competition's
`examples/expected.yaml` says with which code each is refused.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from pathlib import Path


def spoiled(header: str, rows: list[str]) -> dict[str, bytes]:
    """File name to content, for a sample of a whole-number id and one or more answers."""
    identifier, column, *others = header.split(",")
    first_id, value, *rest = rows[0].split(",")
    answers = ",".join([value, *rest])
    last_id = max(int(row.split(",")[0]) for row in rows)

    def with_value(spoilt: str) -> bytes:
        """The sample with another first answer in its third row, on line 4."""
        third_id, _, *third_rest = rows[2].split(",")
        third = ",".join([third_id, spoilt, *third_rest])
        return table(header, [*rows[:2], third, *rows[3:]])

    def with_column(name: str) -> bytes:
        """The sample with another name for its first answer."""
        return table(",".join([identifier, name, *others]), rows)

    return {
        "missing_rows.csv": table(header, rows[:-10]),
        "unknown_id.csv": table(header, [*rows, f"{last_id + 1},{answers}"]),
        "duplicate_id.csv": table(header, [*rows, f"{first_id},{answers}"]),
        "missing_column.csv": with_column("answer"),
        "misspelled_column.csv": with_column(column.title()),
        "duplicate_column.csv": table(f"{header},{column}", [f"{row},{value}" for row in rows]),
        "word.csv": with_value("seven"),
        "fraction.csv": with_value("7.5"),
        "nan.csv": with_value("NaN"),
        "empty_value.csv": with_value(""),
        "enormous_number.csv": with_value("9" * 30),
        "ragged_row.csv": with_value(f"{value},{value}"),
        "unclosed_quote.csv": with_value(f'"{value}'),
        "empty.csv": b"",
        "header_only.csv": table(header, []),
        "semicolons.csv": table(header, rows).replace(b",", b";"),
        "tabs.csv": table(header, rows).replace(b",", b"\t"),
        "utf16.csv": table(header, rows).decode().encode("utf-16"),
        "latin1.csv": table(f"{header},note", [f"{row},naïf" for row in rows], "latin-1"),
        "image.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "rubbish.csv": bytes(byte * 7 % 256 for byte in range(4096)),
        "rubbish.parquet": b"PAR1 is how it starts, but nothing of it follows.",
        "torn.csv.gz": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03torn",
        "spreadsheet.xlsx": table(header, rows),
    }


def table(header: str, rows: list[str], encoding: str = "utf-8") -> bytes:
    """CSV text as bytes."""
    return "".join(f"{line}\n" for line in [header, *rows]).encode(encoding)


def write_two_files_zip(path: Path, content: bytes) -> None:
    """A zip file that leaves open which of two tables is meant; dated, so it is always the same."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("first.csv", "second.csv"):
            archive.writestr(zipfile.ZipInfo(name), content)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("sample", type=Path, help="a sample submission in CSV")
    parser.add_argument("folder", type=Path, help="where to write the spoiled files")
    arguments = parser.parse_args()
    try:
        header, *rows = arguments.sample.read_text(encoding="utf-8").splitlines()
        if "," not in header or len(rows) < 20:
            raise ValueError("it should have two or more columns and at least 20 rows")
        arguments.folder.mkdir(parents=True, exist_ok=True)
        for name, content in spoiled(header, rows).items():
            (arguments.folder / name).write_bytes(content)
        write_two_files_zip(arguments.folder / "two_files.zip", table(header, rows))
    except (OSError, ValueError) as error:
        print(f"{arguments.sample} could not be spoiled: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
