"""What a phase expects of each kind of submission, as the submit page explains it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agon.common.markdown import render as render_markdown
from agon.competitions.models import Phase
from agon.submissions.models import Format, Kind
from scoring.contract import Layout, ModelFormat, ModelInterface, SubmissionKind, TensorSpec
from scoring.modelinspection import ENDINGS, endings_of
from scoring.unpacking import FORMATS

ACCEPTED = (*FORMATS, ".gz", ".zst", ".zip")
"""Predictions, for a file dialogue, which understands one dot only."""
SAVING = {
    ModelFormat.ONNX: 'torch.onnx.export(model, example, "model.onnx")',
    ModelFormat.TORCHSCRIPT: 'torch.jit.save(torch.jit.script(model), "model.pt")',
    ModelFormat.TORCH_EXPORT: 'torch.export.save(torch.export.export(model, (example,)), "model.pt2")',
    ModelFormat.SAFETENSORS: 'safetensors.torch.save_file(model.state_dict(), "model.safetensors")',
    ModelFormat.SKOPS: 'skops.io.dump(model, "model.skops")',
}


@dataclass(frozen=True, slots=True)
class ShownTensor:
    """A tensor with the axis of the batch in front: ``batch × 1 × 28 × 28``."""

    name: str
    dtype: str
    shape: str


@dataclass(frozen=True, slots=True)
class ShownFormat:
    label: str
    endings: str
    saving: str


@dataclass(frozen=True, slots=True)
class Expected:
    """One kind of submission.

    Attributes:
        accept: Endings for the file dialogue.
        endings: Endings for people.
        limit: The largest file in bytes.
    """

    kind: Kind
    accept: str
    endings: str
    limit: int
    seconds: int
    memory: int

    @property
    def summary(self) -> str:
        return {
            Kind.PREDICTIONS: _("A table with one row for each id."),
            Kind.MODEL: _("A trained model; it predicts here, on the test inputs."),
            Kind.CODE: _("A program of yours that predicts here, on the test inputs."),
            Kind.FILES: _("A .zip file with your results, which the host's program scores."),
        }[self.kind]


@dataclass(frozen=True, slots=True)
class ExpectedModel:
    """What the models of a phase must be like."""

    interface: ModelInterface
    formats: list[ShownFormat]
    inputs: list[ShownTensor]
    output: ShownTensor
    labels: str


def expected_of(phase: Phase) -> list[Expected]:
    """Each kind that the phase takes, in the host's order."""
    return [_expected(phase, kind) for kind in phase.submission_kinds]


def _expected(phase: Phase, kind: SubmissionKind) -> Expected:
    interface = phase.model_interface
    accept: tuple[str, ...] = (".zip",)
    if kind is SubmissionKind.PREDICTIONS:
        accept = ACCEPTED
    elif kind is SubmissionKind.MODEL and interface is not None:
        accept = tuple(endings_of(interface.formats))
    endings = ", ".join(accept)
    if kind is SubmissionKind.PREDICTIONS:
        endings = _(".csv, .tsv or .jsonl (plain, or as .gz, .zst or .zip), .parquet, .npz")
    limits = phase.limits_of(kind)
    return Expected(
        kind=Kind(kind.value),
        accept=",".join(accept),
        endings=endings,
        limit=limits.file_bytes,
        seconds=limits.seconds,
        memory=limits.memory_bytes,
    )


def expected_model(phase: Phase) -> ExpectedModel | None:
    interface = phase.model_interface
    if interface is None:
        return None
    return ExpectedModel(
        interface=interface,
        formats=[
            ShownFormat(
                label=str(Format(format_.value).label),
                endings=", ".join(ENDINGS[format_]),
                saving=SAVING[format_],
            )
            for format_ in interface.formats
        ],
        inputs=[_shown(tensor) for tensor in interface.inputs],
        output=_shown(interface.output),
        labels=_spoken_labels(interface),
    )


def _shown(tensor: TensorSpec) -> ShownTensor:
    axes = [_("batch"), *(_("any") if length is None else str(length) for length in tensor.shape)]
    return ShownTensor(name=tensor.name, dtype=tensor.dtype, shape=" × ".join(axes))


def _spoken_labels(interface: ModelInterface) -> str:
    labels = [str(label) for label in interface.labels]
    if not labels:
        width = interface.output.shape[-1] if interface.output.shape else None
        return f"0 … {width - 1}" if width else ""
    return ", ".join([*labels[:8], "…", labels[-1]] if len(labels) > 10 else labels)


def example_program(phase: Phase) -> SafeString:
    """A whole predict.py for this phase that runs, and predicts the same for every row."""
    layout: Layout = phase.layout_spec
    inputs = phase.inputs_files.first()
    name = inputs.name if inputs else "test_inputs.npz"
    header = ", ".join(f'"{column}"' for column in (layout.id_column, *list(layout.columns)[:3]))
    zeros = ", ".join("0" for _column in list(layout.columns)[:3])
    if len(layout.columns) > 3:
        header, zeros = f"{header}, ...", f"{zeros}, ..."
    read = (
        f'ids = np.load(Path(inputs_dir) / "{name}")["{layout.id_column}"]'
        if name.lower().endswith(".npz")
        else "ids = ...  # from the files in inputs_dir"
    )
    return render_markdown(
        "```python\n"
        "import csv\n"
        "from pathlib import Path\n\n"
        "import numpy as np\n\n"
        "def predict(inputs_dir, output_path):\n"
        f"    {read}\n"
        '    with open(output_path, "w", newline="") as stream:\n'
        "        rows = csv.writer(stream)\n"
        f"        rows.writerow([{header}])\n"
        f"        rows.writerows([id, {zeros}] for id in ids)\n"
        "```\n"
    )
