"""The host's definition, solution or metric."""

from __future__ import annotations

from scoring.sentences.marking import gettext_noop

HOSTS: dict[str, str] = {
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
    "solution_texts": gettext_noop(
        "The solution's column “{column}” has {count} value(s) that the metric can't read; the "
        "first one {reason}. Correct them."
    ),
    "unknown_metric": gettext_noop("There is no metric “{metric}”. Use one of: {known}."),
    "metric_parameters": gettext_noop("The metric “{metric}” can't be used so: {reason}."),
    "label_unknown": gettext_noop(
        "The solution's column “{column}” has {count} value(s) that are not among the "
        "metric's labels. Correct the labels."
    ),
    "inputs_absent": gettext_noop(
        "The phase has no test inputs to give to models and programs. Add them to competition.yaml."
    ),
    "metric_failed": gettext_noop(
        "The competition's own metric stopped: {reason}. Correct metric.py; raise "
        "ParticipantVisibleError for what participants should correct."
    ),
    "metric_result": gettext_noop(
        "The competition's own metric gave {found}, which is no finite number. Correct metric.py."
    ),
    "metric_without_score": gettext_noop(
        "metric.py has no function score(solution, submission, row_id_column_name). Add it."
    ),
    "scorer_archive": gettext_noop(
        "The scoring program or the reference data is refused: {reason}. Pack plain files and "
        "folders only."
    ),
    "scorer_failed": gettext_noop(
        "The scoring program stopped: {reason}. Correct it; raise ParticipantVisibleError for what "
        "participants should correct."
    ),
    "scorer_no_scores": gettext_noop(
        "The scoring program ended without writing scores.json or scores.txt into its output "
        "folder. Correct it."
    ),
    "scorer_score": gettext_noop(
        "The scoring program gave {found} for “{key}”, and a finite number is expected. Correct it, "
        "or the key in competition.yaml."
    ),
    "scorer_scores_unreadable": gettext_noop(
        "The scores that the scoring program wrote can't be read: {reason}. Write JSON with a number "
        "for each key into scores.json, or lines such as “key: 0.5” into scores.txt."
    ),
    "architecture_config": gettext_noop(
        "The architecture can't be built with this configuration: {reason}. Correct "
        "competition.yaml."
    ),
    "inputs_unreadable": gettext_noop(
        "The test inputs “{name}” can't be read: {reason}. Create the file again."
    ),
    "inputs_missing": gettext_noop(
        "The test inputs have no array “{name}”. Add it; there must be one for each input of the "
        "model, and one with the ids."
    ),
    "inputs_mismatch": gettext_noop(
        "The array “{name}” of the test inputs is {found}, but {expected} is declared. Correct one "
        "of them."
    ),
    "model_columns": gettext_noop(
        "The model's output gives {found} column(s), but the metrics take {expected}. Correct the "
        "output or the metrics in competition.yaml."
    ),
    "kind_not_taken": gettext_noop(
        "The phase takes no submission of kind {found}. It takes: {expected}."
    ),
    "sandbox_absent": gettext_noop(
        "There is no sandbox on this machine to run it in: {reason}. Install what is missing; "
        "`python -m scoring self-test` checks it."
    ),
    "phase_unknown": gettext_noop("There is no phase “{name}”. There is: {known}."),
}
