"""Models and programs: the choice, the door, the job, and waiting for somebody who can run them."""

import io
import json
import zipfile
from datetime import timedelta

import factories
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from agon.competitions.models import MetricFile
from agon.submissions import queue, workers
from agon.submissions.errors import SubmissionRefused
from agon.submissions.models import State, Submission, Worker
from agon.submissions.queries import queue_position, status_of
from agon.submissions.queue import Waiting
from agon.submissions.services import intake, results
from agon.submissions.services.sweep import sweep
from scoring.contract import (
    Abilities,
    Capability,
    Heartbeat,
    ScoringJob,
    Stage,
    SubmissionKind,
    WorkerReport,
)

pytestmark = pytest.mark.django_db

MODEL, CODE = SubmissionKind.MODEL, SubmissionKind.CODE


@pytest.fixture
def phase(cast):
    """The competition's phase, which now takes everything."""
    return factories.take_models(cast.phase)


@pytest.fixture
def sent(monkeypatch):
    """What was put into the broker, by queue."""
    messages = []
    monkeypatch.setattr(
        "agon.celery.app.send_task",
        lambda _task, args, queue, **_options: messages.append((queue, args[0])),
    )
    return messages


def program(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names or ("predict.py",):
            archive.writestr(name, b"def predict(inputs_dir, output_path): ...\n")
    return buffer.getvalue()


def upload(content, name):
    return SimpleUploadedFile(name, content)


def submit(cast, phase, kind=MODEL, content=factories.ONNX, name="model.onnx"):
    return intake.submit(user=cast.paula, phase=phase, upload=upload(content, name), kind=kind)


def submit_program(cast, phase):
    return submit(cast, phase, CODE, program(), "program.zip")


def details(cast, submission, user=None):
    return status_of(Submission.objects.get(pk=submission.pk), user=user or cast.paula)


# --- At the door ----------------------------------------------------------------------------------


def test_a_model_is_taken_with_its_format(cast, phase):
    submission = submit(cast, phase)
    assert (submission.kind, submission.format) == ("model", "onnx")
    assert submission.runtime == "onnx"
    assert submission.attempts.get().inputs == phase.inputs_files.get()


def test_a_program_is_taken(cast, phase):
    submission = submit_program(cast, phase)
    assert (submission.kind, submission.format, submission.runtime) == ("code", "", "python")


def test_predictions_are_what_a_submission_is_by_default(cast, phase):
    submission = intake.submit(
        user=cast.paula, phase=phase, upload=upload(factories.PERFECT, "mine.csv")
    )
    assert (submission.kind, submission.runtime) == ("predictions", "")
    assert submission.attempts.get().inputs is None


@pytest.mark.parametrize(
    ("kind", "content", "name", "code"),
    [
        (MODEL, b"id,label\n", "model.onnx", "onnx_damaged"),
        (MODEL, factories.ONNX, "model.pt", "model_extension"),
        (MODEL, b"", "model.onnx", "empty_upload"),
        (CODE, b"print(1)", "predict.py", "not_a_zip"),
        (CODE, program("main.py"), "program.zip", "program_missing_predict"),
        (CODE, program("mine/predict.py"), "program.zip", "program_misplaced_predict"),
    ],
)
def test_what_can_never_run_is_refused_at_no_cost(cast, phase, kind, content, name, code):
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast, phase, kind, content, name)
    assert refusal.value.code == "bad_file"
    assert [problem.code for problem in refusal.value.problems] == [code]
    assert Submission.objects.count() == 0


def test_models_have_a_size_limit_of_their_own(cast, phase):
    phase.file_bytes, phase.model_file_bytes = 1, 1000
    submit(cast, phase)
    phase.file_bytes, phase.model_file_bytes = 1000, 1
    with pytest.raises(SubmissionRefused, match="models and programs") as refusal:
        submit(cast, phase)
    assert refusal.value.code == "too_large"


def test_a_kind_that_the_phase_does_not_take_is_refused(cast):
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast, cast.phase)
    assert refusal.value.code == "wrong_kind"


# --- The job --------------------------------------------------------------------------------------


def test_the_job_says_all_that_a_worker_needs(cast, phase):
    metric = MetricFile(phase=phase, metric="mine", name="metric.py", sha256="0" * 64, size=3)
    metric.file.save("metric.py", ContentFile(b"..."))
    submission = submit(cast, phase)
    attempt = submission.attempts.get()
    job = queue.job_of(attempt)
    assert job.kind is MODEL
    assert job.model == factories.MODEL_INTERFACE
    assert job.inputs_file is not None and job.inputs_file.name == "test_inputs.npz"
    assert job.metric_files["mine"].name == "metric.py"
    assert job.seed == phase.seed
    assert job.limits == phase.limits_of(MODEL)
    assert ScoringJob.model_validate(json.loads(json.dumps(job.to_json()))) == job


def test_a_job_of_predictions_gets_no_test_inputs(cast, phase):
    submission = intake.submit(
        user=cast.paula, phase=phase, upload=upload(factories.PERFECT, "mine.csv")
    )
    job = queue.job_of(submission.attempts.get())
    assert job.kind is SubmissionKind.PREDICTIONS
    assert (job.model, job.inputs_file) == (None, None)


def test_new_test_inputs_are_for_attempts_from_then_on(cast, phase):
    first = submit(cast, phase)
    newer = factories.make_inputs(phase, b"other arrays")
    assert submit(cast, phase).attempts.get().inputs == newer
    assert first.attempts.get().inputs != newer


def test_each_phase_has_a_seed_of_its_own_that_stays(cast):
    other = factories.make_phase()
    assert other.seed != cast.phase.seed
    other.save()
    other.refresh_from_db()
    assert 0 <= other.seed < 2**31


def test_models_go_to_the_accelerator_and_predictions_do_not(cast, phase):
    phase.capability = "gpu"
    phase.save()
    model = submit(cast, phase)
    table = intake.submit(
        user=cast.paula, phase=phase, upload=upload(factories.PERFECT, "mine.csv")
    )
    assert model.attempts.get().capability == "gpu"
    assert table.attempts.get().capability == "cpu"
    on_gpu = Submission.objects.for_workers(Capability.GPU)
    assert list(on_gpu) == [model]
    assert list(Submission.objects.for_workers(Capability.CPU)) == [table]
    assert queue_position(table) == queue_position(model) == 1


# --- Who can run it -------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", ["full", "degraded"])
def test_a_model_is_sent_where_there_is_a_sandbox(cast, phase, sent, tier):
    factories.make_worker(sandbox=tier)
    attempt = submit(cast, phase).attempts.get()
    assert queue.ring(attempt.pk)
    assert [name for name, _message in sent] == ["scoring.cpu"]


@pytest.mark.parametrize(
    "abilities",
    [
        {"sandbox": "none", "sandbox_reason": "bwrap is not installed"},
        {"runtimes": ("safetensors", "python")},
    ],
)
def test_a_model_waits_where_nobody_can_run_it(cast, phase, sent, abilities):
    factories.make_worker(**abilities)
    attempt = submit(cast, phase).attempts.get()
    assert not queue.ring(attempt.pk)
    assert sent == []
    attempt.refresh_from_db()
    assert attempt.sent_at is None


def test_a_worker_without_sandbox_keeps_models_from_its_queue(cast, phase, sent):
    factories.make_worker()
    bare = factories.make_worker(sandbox="none")
    attempt = submit(cast, phase).attempts.get()
    assert not queue.ring(attempt.pk)
    Worker.objects.filter(pk=bare.pk).update(last_seen_at=timezone.now() - timedelta(minutes=5))
    assert queue.ring(attempt.pk)


def test_predictions_need_no_sandbox(cast, phase, sent):
    factories.make_worker(sandbox="none", runtimes=())
    submission = intake.submit(
        user=cast.paula, phase=phase, upload=upload(factories.PERFECT, "mine.csv")
    )
    assert queue.ring(submission.attempts.get().pk)


def test_a_waiting_model_is_sent_by_the_sweeper_once_somebody_can_run_it(
    cast, phase, sent, monkeypatch
):
    monkeypatch.setattr("agon.submissions.queue.waiting", lambda _capability: Waiting(0, 0))
    attempt = submit(cast, phase).attempts.get()
    type(attempt).objects.update(created_at=timezone.now() - timedelta(seconds=30))
    sweep()
    assert sent == []
    factories.make_worker()
    assert sweep().rung == 1
    assert len(sent) == 1


def test_a_model_that_nobody_can_run_ends_in_time_at_no_cost(cast, phase, settings):
    submission = submit(cast, phase)
    late = timezone.now() - timedelta(seconds=settings.QUEUE_DEADLINE_SECONDS + 1)
    submission.attempts.update(created_at=late)
    factories.make_worker(sandbox="none")
    sweep()
    submission.refresh_from_db()
    assert submission.state == State.FAILED
    assert (submission.owner, submission.counted) == ("platform", False)
    assert submission.problems[0]["code"] == "no_sandbox"


def test_the_page_of_a_waiting_model_says_what_it_waits_for(cast, phase, client):
    submission = submit(cast, phase)
    factories.make_worker(sandbox="none")
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(submission.get_absolute_url()).content.decode()
    assert "No worker can run models and programs at the moment." in page
    assert details(cast, submission).expected_seconds is None


def test_a_metric_of_the_hosts_own_makes_predictions_wait_too(cast, sent, client):
    own = {
        "title": "Mine",
        "description": "",
        "higher_is_better": True,
        "lower": None,
        "upper": None,
    }
    cast.phase.own_metrics = {"accuracy": own}
    cast.phase.save()
    bare = factories.make_worker(sandbox="none")
    submission = intake.submit(
        user=cast.paula, phase=cast.phase, upload=upload(factories.PERFECT, "mine.csv")
    )
    attempt = submission.attempts.get()
    assert not queue.ring(attempt.pk)
    assert details(cast, submission).sandbox_missing
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(submission.get_absolute_url()).content.decode()
    assert "No worker can score this competition at the moment." in page
    bare.delete()
    factories.make_worker(runtimes=())
    assert queue.ring(attempt.pk)


def test_readiness_names_what_is_missing(phase):
    assert not workers.readiness_of(phase).is_ready
    factories.make_worker()
    assert workers.readiness_of(phase).is_ready
    factories.make_worker("poor", runtimes=("onnx",))
    (hindrance,) = workers.readiness_of(phase).hindrances
    assert (hindrance.worker, hindrance.missing) == ("poor", ("safetensors", "Python"))


def test_a_phase_of_predictions_needs_nobody_in_particular(cast):
    assert workers.readiness_of(cast.phase) is None


# --- What workers say -----------------------------------------------------------------------------


def test_a_worker_is_remembered_with_its_abilities():
    able = Abilities(sandbox="degraded", runtimes=("onnx",), device="NVIDIA H100")
    report = WorkerReport(worker="w", capability=Capability.GPU, abilities=able)
    results.record_worker(report=report)
    results.record_worker(report=report)
    assert Worker.objects.get().can_do == able


def test_progress_is_shown_while_it_predicts(cast, phase, client):
    submission = submit(cast, phase)
    token = submission.attempts.get().token
    results.record_heartbeat(heartbeat=Heartbeat(token=token, stage=Stage.TRYING))
    trying = details(cast, submission)
    assert (trying.step, trying.percent) == ("predicting", None)
    results.record_heartbeat(
        heartbeat=Heartbeat(token=token, stage=Stage.PREDICTING, progress=0.425)
    )
    predicting = details(cast, submission)
    assert (predicting.step, predicting.percent) == ("predicting", 42)
    assert predicting.version != trying.version
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(submission.get_absolute_url()).content.decode()
    assert '<progress max="100" value="42" aria-labelledby="predicted">' in page
    assert "42 % of the test set is predicted." in page
    results.record_heartbeat(heartbeat=Heartbeat(token=token, stage=Stage.SCORING))
    assert details(cast, submission).step == "scoring"


# --- Pages ----------------------------------------------------------------------------------------


@pytest.fixture
def page(client, cast, phase):
    def get(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(reverse("submissions:create", args=["digits"])).content.decode()

    return get


def test_the_submit_page_explains_each_kind(page, cast):
    text = page(cast.paula)
    for kind in ("predictions", "model", "code"):
        assert f'value="{kind}" required data-kind' in text
    assert "batch × 1 × 28 × any" in text
    assert "torch.onnx.export" in text
    assert "<code>width=8</code>" in text
    assert "test_inputs.npz" in text and "output_path" in text


def test_a_phase_of_one_kind_asks_nothing(page, cast, phase):
    factories.take_models(phase, "model")
    text = page(cast.paula)
    assert 'type="radio"' not in text
    assert '<input type="hidden" name="kind" value="model"' in text


def test_the_form_takes_what_was_chosen(client, cast, phase):
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("submissions:create", args=["digits"])
    refused = client.post(address, {"file": upload(factories.ONNX, "model.onnx")})
    assert refused.status_code == 422
    assert "Choose what you submit." in refused.content.decode()
    taken = client.post(address, {"kind": "model", "file": upload(factories.ONNX, "model.onnx")})
    assert taken.status_code == 302
    page = client.get(taken.url).content.decode()
    assert "Model (ONNX)" in page


def test_a_refused_file_comes_back_with_the_choice_kept(client, cast, phase):
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    content = {"kind": "code", "file": upload(b"x", "program.zip")}
    text = client.post(reverse("submissions:create", args=["digits"]), content).content.decode()
    assert "is not a whole zip file" in text
    chosen = text.split('value="code"')[1].split(">")[0]
    assert chosen.endswith("checked")


def test_hosts_read_why_models_are_disabled_and_participants_do_not(page, cast):
    factories.make_worker("bare", sandbox="none", sandbox_reason="bwrap is not installed")
    host, participant = page(cast.hanna), page(cast.paula)
    assert "Models and programs are disabled" in host
    assert "bwrap is not installed" in host
    assert "bwrap" not in participant
    assert "No worker here can run models and programs at the moment." in participant


def test_the_operations_page_lists_what_workers_can_do(client, cast):
    gpu = {"device": "NVIDIA H100", "device_memory": 80 * 1024**3}
    factories.make_worker("fast", capability="gpu", **gpu)
    factories.make_worker("bare", sandbox="none", sandbox_reason="bwrap is not installed")
    client.force_login(cast.stan, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(reverse("submissions:operations")).content.decode()
    assert "<strong>NVIDIA H100</strong> (80.0\xa0GB)" in text
    assert "Models and programs for CPU workers are disabled" in text
    assert "Models and programs for GPU workers are disabled" not in text
    assert "bwrap is not installed" in text
