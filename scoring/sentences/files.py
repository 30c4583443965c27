"""The participant's file of predictions, seen at the door or by the worker."""

from __future__ import annotations

from scoring.sentences.marking import gettext_noop

FILES: dict[str, str] = {
    "empty_file": gettext_noop(
        "The file is empty. Upload a CSV file with a header line and one row for each id."
    ),
    "no_rows": gettext_noop(
        "The file has a header line but no rows. Add one row for each id of the sample submission."
    ),
    "unsupported_extension": gettext_noop(
        "“{name}” is not a kind of file that can be read here. Upload .csv, .tsv or .jsonl (also "
        "as .gz, .zst or .zip), .parquet or .npz."
    ),
    "file_too_large": gettext_noop(
        "The file has {found} bytes; at most {limit} are allowed. Remove columns that are "
        "not needed, or compress it."
    ),
    "unpacked_too_large": gettext_noop(
        "Unpacked, the file has more than {limit} bytes, the most allowed. Upload only the "
        "columns and rows that are needed."
    ),
    "expansion_ratio": gettext_noop(
        "Unpacked, the file has more than {limit} times its size, which no predictions have. "
        "Upload it unpacked."
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
        "The zip file holds {found} data files; it should hold exactly one, such as a .csv file."
    ),
    "damaged_parquet": gettext_noop(
        "The file is not a whole Parquet file. Write it again and upload it again."
    ),
    "parquet_encoding": gettext_noop(
        "The column “{column}” is written in a Parquet encoding that can't be read here. Write it "
        "with plain or dictionary encoding, as pandas and polars do by themselves."
    ),
    "damaged_npz": gettext_noop(
        "The file is not a whole NPZ file. Write it again with numpy.savez and upload it again."
    ),
    "array_shape": gettext_noop(
        "The array “{column}” has the shape {found}; one dimension is expected, with one value "
        "for each id."
    ),
    "array_lengths": gettext_noop(
        "The arrays have different lengths: {found}. Each should have one value for each id."
    ),
    "not_json_lines": gettext_noop(
        "The first line is not a JSON object. Write one object on each line, such as {expected}"
    ),
    "json_rows": gettext_noop(
        "{count} line(s) are not a JSON object with each key once. Write one object on each line, "
        "such as {expected}"
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
    "unreadable_answer": gettext_noop(
        "The column “{column}” has {count} value(s) that can't be used: each {reason}."
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
}
