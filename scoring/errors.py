"""What can go wrong while scoring, and whose fault it is.

ScoringError
├── InvalidSubmission     the participant's file; shown to the participant
└── BrokenCompetition     the host's definition, solution or metric; shown to the host

Anything else is the platform's own fault. It is not caught inside the engine; the task that
runs the engine turns it into a ``failed`` result that costs the participant nothing.

Every fault carries `Problem`s: a code, the values that fill its sentence, and a few examples.
The English sentence of each code stands in `SENTENCES`, so the command line can print it and
the site can translate it without the worker knowing any language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MAX_EXAMPLES = 10


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation; the site translates it when it is shown."""
    return message


# One sentence a code: what was found, what was expected, what to do.
SENTENCES: dict[str, str] = {
    # The participant's file, seen at the door or by the worker.
    "empty_file": gettext_noop(
        "The file is empty. Upload a CSV file with a header line and one row for each id."
    ),
    "no_rows": gettext_noop(
        "The file has a header line but no rows. Add one row for each id of the sample submission."
    ),
    "unsupported_extension": gettext_noop(
        "“{name}” is not a kind of file that can be read here. Upload .csv, .csv.gz, .zip "
        "(with one CSV or Parquet file in it) or .parquet."
    ),
    "file_too_large": gettext_noop(
        "The file has {found} bytes; at most {limit} are allowed. Remove columns that are "
        "not needed, or compress it."
    ),
    "unpacked_too_large": gettext_noop(
        "Unpacked, the file has more than {limit} bytes, the most allowed. Upload only the "
        "columns and rows that are needed."
    ),
    "binary_file": gettext_noop(
        "The file is not text: byte {position} is no readable character. Upload a CSV file "
        "in UTF-8, or a Parquet file named .parquet."
    ),
    "not_utf8": gettext_noop(
        "The file is not UTF-8 text. Save it as “CSV UTF-8” and upload it again."
    ),
    "utf16": gettext_noop("The file is in UTF-16. Save it as “CSV UTF-8” and upload it again."),
    "wrong_delimiter": gettext_noop(
        "The columns are separated by {found}. Separate them by commas."
    ),
    "header_too_long": gettext_noop(
        "The first line has more than {limit} characters. The header should be: {expected}"
    ),
    "too_many_columns": gettext_noop(
        "The file has more than {limit} columns. The header should be: {expected}"
    ),
    "missing_column": gettext_noop(
        "The column “{column}” is missing. The header should be: {expected}"
    ),
    "misspelled_column": gettext_noop(
        "The column “{column}” is missing; did you mean it by “{found}”? The header should "
        "be: {expected}"
    ),
    "duplicate_column": gettext_noop("The column “{column}” is there more than once. Keep one."),
    "disguised_file": gettext_noop(
        "“{name}” holds {found}. Give the file the ending that fits, and upload it again."
    ),
    "unsupported_compression": gettext_noop(
        "The zip file is packed in a way that can't be read here. Pack it as an ordinary zip file."
    ),
    "misplaced_quote": gettext_noop(
        "Line {line} has a quotation mark in the wrong place. Write a value with quotation marks "
        "around all of it, and double those inside."
    ),
    "wrong_column_type": gettext_noop(
        "The column “{column}” holds values of type {found}; {expected} are expected."
    ),
    "damaged_archive": gettext_noop(
        "“{name}” is damaged and can't be unpacked. Pack the file again and upload it again."
    ),
    "encrypted_archive": gettext_noop(
        "The zip file is protected by a password. Pack it without one."
    ),
    "archive_contents": gettext_noop(
        "The zip file holds {found} data files; it should hold exactly one .csv or .parquet file."
    ),
    "damaged_parquet": gettext_noop(
        "The file is not a whole Parquet file. Write it again and upload it again."
    ),
    "too_many_rows": gettext_noop(
        "The file has more than {limit} rows, far more than there are ids. Upload one row for "
        "each id of the sample submission."
    ),
    "row_too_long": gettext_noop(
        "A row has more than {limit} characters. Check for a quotation mark that is never closed."
    ),
    "unclosed_quote": gettext_noop(
        "The quotation mark opened on line {line} is never closed. Close it, or remove it."
    ),
    "ragged_rows": gettext_noop(
        "{count} row(s) have another number of values than the header, which has {expected}."
    ),
    "unreadable_file": gettext_noop(
        "The file can't be read as a table. Check it against the sample submission."
    ),
    "empty_values": gettext_noop(
        "The column “{column}” is empty in {count} row(s). Every row needs a value."
    ),
    "wrong_type": gettext_noop(
        "The column “{column}” has {count} value(s) that are not {expected}."
    ),
    "not_finite": gettext_noop(
        "The column “{column}” has {count} value(s) that are NaN or infinite. Every value "
        "must be a finite number."
    ),
    "out_of_range": gettext_noop(
        "The column “{column}” has {count} whole number(s) that are too large to be read."
    ),
    "missing_ids": gettext_noop("{count} id(s) of the sample submission are missing."),
    "unknown_ids": gettext_noop("{count} row(s) have an id that is not in the sample submission."),
    "duplicate_ids": gettext_noop(
        "{count} row(s) repeat an id that is already there. Each id should be there once."
    ),
    "probability_range": gettext_noop(
        "The column “{column}” has {count} value(s) outside 0 to 1. Every probability must "
        "be between 0 and 1."
    ),
    "probability_sum": gettext_noop(
        "In {count} row(s) all probabilities are 0. The probabilities of a row should sum to 1."
    ),
    "score_not_finite": gettext_noop(
        "The predictions give no finite {metric}: the values are too large. Check them "
        "against the sample submission."
    ),
    "time_limit": gettext_noop(
        "Scoring the file took more than the {seconds} seconds allowed. Check that it has "
        "only the columns and rows of the sample submission."
    ),
    "memory_limit": gettext_noop(
        "Scoring the file took more memory than the {megabytes} MB allowed. Check that it "
        "has only the columns and rows of the sample submission."
    ),
    # The host's definition, solution or metric.
    "file_unreadable": gettext_noop(
        "{file} can't be read: {reason}. Create it or correct the path."
    ),
    "invalid_yaml": gettext_noop(
        "{file}, line {line}: {reason}. Correct this line; `python -m scoring schema` "
        "prints what the file may hold."
    ),
    "invalid_definition": gettext_noop("{file}, line {line}: {field}: {reason}. {fix}"),
    "solution_unreadable": gettext_noop(
        "The solution can't be read: {reason} Correct the solution file."
    ),
    "solution_column": gettext_noop(
        "The solution has no column “{column}”. Add it, or name the right one in competition.yaml."
    ),
    "solution_values": gettext_noop(
        "The solution's column “{column}” has {count} value(s) that are empty or not "
        "{expected}. Correct them."
    ),
    "solution_usage": gettext_noop(
        "The solution's column “{column}” has {count} value(s) that are not Public, Private"
        " or Ignored. Correct them."
    ),
    "solution_duplicates": gettext_noop(
        "The solution repeats {count} id(s). Keep one row for each."
    ),
    "solution_rows": gettext_noop(
        "The solution has no row that is Public or Private, so nothing could be scored. Add some."
    ),
    "unknown_metric": gettext_noop("There is no metric “{metric}”. Use one of: {known}."),
    "metric_parameters": gettext_noop("The metric “{metric}” can't be used so: {reason}."),
    "label_unknown": gettext_noop(
        "The solution's column “{column}” has {count} value(s) that are not among the "
        "metric's labels. Correct the labels."
    ),
    # The platform itself; costs the participant nothing.
    "unknown_job": gettext_noop(
        "The job could not be understood by this worker. Update the worker to the site's version."
    ),
    "file_gone": gettext_noop(
        "The file “{name}” is no longer to be had from the storage (status {status})."
    ),
    "file_unfetched": gettext_noop(
        "The file “{name}” could not be fetched from the storage in time."
    ),
    "file_changed": gettext_noop(
        "The file “{name}” that came from the storage is not the one that was stored."
    ),
    "worker_lost": gettext_noop(
        "The worker that scored this submission stopped, several times in a row. It has not been counted; "
        "submit it again. If that happens again, tell the people who run this site."
    ),
    "no_worker": gettext_noop(
        "No scoring worker was free within {minutes} minutes. The submission has not been counted; "
        "submit it again later."
    ),
    "platform_error": gettext_noop(
        "Something went wrong on our side (reference {reference}). Your file may be fine, "
        "and this did not use up a submission."
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with up to `MAX_EXAMPLES` places where it was seen.

    Attributes:
        code: A key of `SENTENCES`.
        params: Values for the sentence's ``{placeholders}``; only strings and integers.
        count: How many rows (or places) have the problem; 0 where counting makes no sense.
        examples: Plain text of the first places, such as ``line 12: id 40 → "cat"``.
    """

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    count: int = 0
    examples: Sequence[str] = ()

    def sentence(self) -> str:
        """The English sentence with its values filled in."""
        return SENTENCES[self.code].format(**{"count": self.count, **self.params})


class ScoringError(Exception):
    """A fault with an owner. Never raised itself, only through its two children."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(problem.sentence() for problem in problems))
        self.problems = problems


class InvalidSubmission(ScoringError):
    """The participant's file cannot be scored; the problems say what to change."""


class BrokenCompetition(ScoringError):
    """The host's definition, solution or metric is at fault; the problems say what to change."""
