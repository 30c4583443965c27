"""docker-compose.yml and the Dockerfile: right by the specification, and the same commands as elsewhere."""

import json
import re
import shutil
import socket
import subprocess
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import redis
import yaml

from launcher import commands
from launcher.broker import find_server, free_port
from launcher.postgres import Postgres, find_programs
from launcher.processes import Process, resolve, wait_until
from scoring.isolation.syscalls import ALLOWED, WITH_MODE

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PASSWORD = "${BROKER_PASSWORD:?put a password into .env}"
OURS = ("web", "results", "preparation", "migrate", "scoring-cpu", "scoring-gpu")
SCORING = ("scoring-cpu", "scoring-gpu")


def test_it_follows_the_compose_specification():
    schema = (
        resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    )
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    assert list(validator.iter_errors({"services": {"web": {"command": 5}}}))


@pytest.mark.parametrize(
    ("service", "command"),
    [
        ("web", commands.WEB),
        ("results", commands.RESULTS),
        ("preparation", commands.PREPARATION),
        ("scoring-cpu", commands.scoring("cpu", concurrency=2)),
        ("scoring-gpu", commands.scoring("gpu", concurrency=1)),
        ("migrate", commands.MIGRATE),
        ("broker", commands.broker(PASSWORD)),
    ],
)
def test_a_service_runs_what_is_run_outside_docker(service, command):
    assert tuple(SERVICES[service]["command"]) == command


@pytest.mark.parametrize(
    ("service", "command"),
    [
        ("web", commands.HEALTH_OF_WEB),
        ("results", commands.health_of_worker("results")),
        ("preparation", commands.health_of_worker("preparation")),
        ("scoring-cpu", commands.health_of_worker("scoring.cpu")),
        ("scoring-gpu", commands.health_of_worker("scoring.gpu")),
    ],
)
def test_a_health_check_runs_what_is_run_outside_docker(service, command):
    assert tuple(SERVICES[service]["healthcheck"]["test"]) == ("CMD", *command)


def test_every_service_that_stays_up_has_a_health_check():
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {
        "migrate"
    }


def test_services_run_without_privileges():
    for name in (*OURS, "broker", "db"):
        assert SERVICES[name]["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in SERVICES[name]["security_opt"], name
        assert not {"privileged", "pid", "ipc", "userns_mode"} & set(SERVICES[name]), name
    # The two write beside the competitions' folders.
    writing = {name for name, service in SERVICES.items() if not service["read_only"]}
    assert writing == {"migrate", "preparation"}


def test_only_scoring_workers_have_looser_rules_and_bounds_in_their_place():
    for name, service in SERVICES.items():
        rules = {rule for rule in service["security_opt"] if rule != "no-new-privileges:true"}
        if name not in SCORING:
            assert rules == set(), name
            continue
        assert rules >= {"seccomp=docker/scoring-seccomp.json", "apparmor=unconfined"}
        assert len(rules) <= 3
        assert "cap_add" not in service and service["init"]
        assert {"mem_limit", "memswap_limit", "pids_limit"} <= set(service)
    assert "systempaths=unconfined" in SERVICES["scoring-cpu"]["security_opt"]


def test_the_profile_of_scoring_workers_allows_what_sandboxes_do_and_what_starts_them():
    profile = json.loads((ROOT / "docker" / "scoring-seccomp.json").read_text(encoding="utf-8"))
    starting, own, inside = (set(rule["names"]) for rule in profile["syscalls"])
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert all(rule["action"] == "SCMP_ACT_ALLOW" for rule in profile["syscalls"])
    assert inside == set(ALLOWED)
    assert own >= {"socket", "ioctl", *WITH_MODE}
    assert starting == {"clone", "mount", "pivot_root", "sethostname", "umount2", "unshare"}
    everything = starting | own | inside
    assert not everything & {"keyctl", "add_key", "ptrace", "bpf", "setns", "io_uring_setup"}


def test_scoring_workers_reach_neither_database_nor_files():
    assert set(SERVICES["db"]["networks"]) == {"data"}
    assert COMPOSE["networks"]["workers"] == {"internal": True}
    for name in SCORING:
        assert SERVICES[name]["networks"] == ["workers"]
        assert set(SERVICES[name]["environment"]) == {"BROKER_URL", "SCORING_CAPABILITY"}
        assert SERVICES[name]["volumes"] == ["scoring-cache:/var/lib/agon/scoring"]


def test_the_gpu_worker_is_asked_for_and_reserves_a_device():
    assert SERVICES["scoring-gpu"]["profiles"] == ["gpu"]
    (device,) = SERVICES["scoring-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["driver"] == "nvidia"
    assert device["capabilities"] == ["gpu"]


def test_no_secret_has_a_default_and_each_is_in_the_example():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    given = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    required = set(re.findall(r"\$\{([A-Z_]+):\?", TEXT))
    assert {"SECRET_KEY", "POSTGRES_PASSWORD", "BROKER_PASSWORD"} <= required <= given
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "BROKER_PASSWORD"):
        assert re.search(rf"^{name}=$", example, re.MULTILINE)


def test_every_variable_of_the_site_is_one_that_its_settings_read():
    code = (ROOT / "platform" / "agon" / "settings.py").read_text(encoding="utf-8")
    known = set(re.findall(r"""env\.\w+\(\s*["']([A-Z_]+)["']""", code)) | {
        "BIND",
        "WEB_CONCURRENCY",
    }
    assert set(SERVICES["web"]["environment"]) <= known
    assert set(SERVICES["preparation"]["environment"]) <= known
    assert {"COMPETITIONS_DIR", "AGON_DATA_MIRROR"} <= set(SERVICES["preparation"]["environment"])


def test_the_images_are_built_from_stages_that_exist_and_run_as_nobody_special():
    stages = re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE)
    copied = set(re.findall(r"--from=(\S+)", DOCKERFILE))
    built = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert copied | built <= set(stages)
    final = {part.split("\n")[0].split(" AS ")[1]: part for part in DOCKERFILE.split("\nFROM ")[1:]}
    assert "USER agon" in final["site"]
    assert "USER agon" in final["scoring"]
    assert "FROM scoring AS scoring-gpu" in DOCKERFILE
    for name in ("runtime", "site", "scoring", "scoring-gpu"):
        assert not re.search(r"pip install|\bgcc\b", final[name])
    installed = {name: re.findall(r"apt-get install(.*)", part) for name, part in final.items()}
    sandbox = " --yes --no-install-recommends bubblewrap libseccomp2 util-linux \\"
    assert installed.pop("scoring") == [sandbox]
    assert not any(installed.values())


def test_the_image_starts_the_web_server():
    (start,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    (health,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert tuple(json.loads(start)) == commands.WEB
    assert tuple(json.loads(health)) == commands.HEALTH_OF_WEB


def test_what_the_images_copy_is_not_ignored():
    kept = {
        line[1:].rstrip("/")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line[0] == "!"
    }
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    for path in " ".join(copied).split():
        if path != ".":
            assert path.split("/")[0] in kept
            assert (ROOT / path).exists()


def test_the_brokers_command_starts_a_broker(tmp_path):
    port = free_port()
    _, *arguments = commands.broker("password")
    program = shutil.which("valkey-server") or find_server()
    process = Process(
        "broker",
        (program, *arguments, "--port", str(port)),
        log=tmp_path / "log",
        environment={},
        folder=tmp_path,
    )
    process.start()
    with redis.Redis(port=port, password="password") as client:
        for _ in wait_until(10):
            try:
                assert client.ping()
                break
            except redis.ConnectionError:
                continue
        assert client.config_get("appendonly") == {"appendonly": "yes"}
    process.kill()


@pytest.mark.postgres
def test_the_databases_health_check_works():
    kind, program, *arguments = SERVICES["db"]["healthcheck"]["test"]
    with Postgres(durable=False) as server:
        argv = [find_programs() / program, *arguments, f"--port={server.port}", "--host=127.0.0.1"]
        assert subprocess.run(argv, check=False).returncode == 0
    assert kind == "CMD"
    assert subprocess.run(argv, check=False).returncode != 0


def test_health_checks_say_no_where_nothing_runs(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        environment = {
            "PYTHONPATH": str(ROOT / "platform"),
            "BIND": f"127.0.0.1:{taken.getsockname()[1]}",
        }
        done = subprocess.run(
            resolve(commands.HEALTH_OF_WEB),
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
    assert done.returncode == 1
