"""What a conversion tells the host: what came along, what did not, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scoring.sentences.marking import gettext_noop


class Weight(StrEnum):
    """How much a note matters."""

    CARRIED = "carried"
    """It came along, changed."""
    LEFT = "left"
    """It has no counterpart here, and was left out."""
    BLOCKING = "blocking"
    """Without it a phase can't be scored as it was; the host has to do something."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that a host should know.

    Attributes:
        weight: How much it matters.
        code: A key of `NOTES`.
        params: Values for the sentence's ``{placeholders}``.
    """

    weight: Weight
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def sentence(self) -> str:
        """The English sentence with its values filled in."""
        return NOTES[self.code].format(**self.params)


NOTES: dict[str, str] = {
    "setting": gettext_noop("The setting “{name}” ({value}) has no counterpart here."),
    "ingestion": gettext_noop(
        "“{phase}” had an ingestion program, which ran participants' code. Here participants send "
        "their results; take programs with a predict.py if you want their code."
    ),
    "several_tasks": gettext_noop(
        "“{phase}” had {count} tasks; the first one came along. Make a phase for each of the others."
    ),
    "image": gettext_noop(
        "The programs ran in the image “{name}”. Here they run in a sandbox with this site's own "
        "Python packages, among them numpy, pandas and scikit-learn."
    ),
    "computed_column": gettext_noop(
        "The column “{name}” was computed from others ({how}); let the scoring program write it."
    ),
    "other_leaderboard": gettext_noop(
        "The leaderboard “{name}” was left out; the first one came along."
    ),
    "hidden_column": gettext_noop(
        "The column “{name}” was hidden from participants; here they see it."
    ),
    "no_splits": gettext_noop(
        "The scoring program knows no public and private rows, so the private board will be the same "
        "as the public one."
    ),
    "html_page": gettext_noop("The page “{name}” was HTML and is Markdown now; look it over."),
    "extra_page": gettext_noop("The page “{name}” stands at the end of the overview now."),
    "missing_page": gettext_noop("There was no page “{name}”; an empty one stands in its place."),
    "missing_file": gettext_noop("The file “{name}” is not in the bundle."),
    "cover_format": gettext_noop("The image “{name}” is of no format that is shown here."),
    "cut": gettext_noop("“{name}” was too long and was cut."),
    "date": gettext_noop("The date “{value}” of “{name}” can't be read. Set it anew."),
    "seconds": gettext_noop(
        "“{phase}” allowed {found} seconds for scoring; here it is {limit}, the most."
    ),
    "no_sample": gettext_noop(
        "“{phase}” came without a sample of results; put one in place of the empty one."
    ),
    "command_missing": gettext_noop(
        "The scoring program of “{phase}” does not say how it is started: its metadata has no command."
    ),
    "not_python": gettext_noop(
        "The scoring program of “{phase}” is started by “{command}”; here only Python is there."
    ),
    "old_python": gettext_noop(
        "The scoring program's file “{name}”, line {line}, is not written for Python 3. Correct it."
    ),
    "missing_package": gettext_noop(
        "The scoring program imports “{name}”, which is not installed here. Ask those who run this "
        "site, or do without."
    ),
    "script_type": gettext_noop(
        "Participants sent scripts that ran on the hub. Here they send predictions, or programs with a "
        "predict.py once you allow them."
    ),
    "metric_renamed": gettext_noop("The metric {found} is called {name} here."),
    "direction": gettext_noop(
        "The settings say that {found} values are better, but of {name} {right} ones are. That is how it "
        "ranks here."
    ),
    "metric_unknown": gettext_noop(
        "There is no counterpart of the metric “{name}”. Choose one from the catalogue, or write it as "
        "score(solution, submission, row_id_column_name)."
    ),
    "people": gettext_noop(
        "{count} submission(s) and the teams that made them stay where they were."
    ),
    "private_usage": gettext_noop(
        "The column “split” is called Usage here, its values Public and Private."
    ),
    "sample_made": gettext_noop(
        "There was no sample submission; one with the same answer in every row was made."
    ),
    "metric_needed": gettext_noop(
        "Nothing says by which metric it is scored. Choose one from the catalogue."
    ),
}
