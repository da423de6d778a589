"""The compose file, read without Docker: what is published, who runs as whom, what is bounded, which secrets exist.

Each rule is tried on a planted violation too: a rule that cannot fail guards nothing.
"""

from __future__ import annotations

import copy
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from newswire.demo import _LOWERED
from newswire.runtime.container import PASSWORDS, WORKERS, _commands, environment
from newswire.runtime.postgres import _SETTINGS

CHECKOUT = Path(__file__).resolve().parents[2]
FILE = CHECKOUT / "docker-compose.yml"
MAKE_ENV = CHECKOUT / "docker" / "make_env.py"

Service = dict[str, Any]

ONCE = {"init", "newswire"}  # they end by themselves
OTHERS = {"newsroom"}  # of our image, but no program of Airflow
STOCK = {"postgres", "redis"}  # images of others
NEEDED_BY_POSTGRES = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
SECRET = re.compile(r"PASSWORD|SECRET|KEY|AUTH")


def services() -> dict[str, Service]:
    return yaml.safe_load(FILE.read_text())["services"]


SERVICES = services()


# The rules: what is wrong with a service, in words


def unbounded(name: str, service: Service) -> Iterator[str]:
    for limit in ("mem_limit", "pids_limit"):
        if not service.get(limit):
            yield f"{name} has no {limit}"
    if service.get("restart") != ("no" if name in ONCE else "unless-stopped"):
        yield f"{name} does not start again"


def privileged(name: str, service: Service) -> Iterator[str]:
    if service.get("read_only") is not True:
        yield f"{name} may write to its file system"
    if service.get("cap_drop") != ["ALL"]:
        yield f"{name} keeps capabilities"
    if set(service.get("cap_add", ())) - (NEEDED_BY_POSTGRES if name == "postgres" else set()):
        yield f"{name} gains capabilities"
    if service.get("security_opt") != ["no-new-privileges:true"]:
        yield f"{name} may gain privileges"
    if service.get("privileged") or any("docker.sock" in str(volume) for volume in service.get("volumes", ())):
        yield f"{name} rules the machine"
    if name != "postgres" and not re.fullmatch(r"[1-9]\d*:[1-9]\d*", str(service.get("user"))):
        yield f"{name} runs as root"
    for mount in service.get("tmpfs", ()):
        if not {"noexec", "nosuid", "nodev"} <= set(re.split("[:,]", mount)):
            yield f"{name} may run programs from {mount}"


def exposed(name: str, service: Service) -> Iterator[str]:
    allowed = ["127.0.0.1:${NEWSWIRE_UI_PORT:-8080}:8080"] if name == "api-server" else []
    if service.get("ports", []) != allowed or service.get("network_mode"):
        yield f"{name} can be reached from outside"
    needs_the_web = name in {"api-server", "newswire"} or name.startswith("worker")
    if service.get("networks") != (["inside", "outside"] if needs_the_web else ["inside"]):
        yield f"{name} is in the wrong networks"


def unwatched(name: str, service: Service) -> Iterator[str]:
    check = service.get("healthcheck", {})
    if name not in ONCE and not check.get("test"):
        yield f"{name} has no health check"
    if name not in STOCK | ONCE | OTHERS and check.get("test", [])[-2:] != ["health", *service["command"][1:]]:
        yield f"{name} looks after the health of another"
    for other, how in service.get("depends_on", {}).items():
        if how["condition"] != ("service_completed_successfully" if other in ONCE else "service_healthy"):
            yield f"{name} does not wait until {other} is ready"


def careless(name: str, service: Service) -> Iterator[str]:
    """Secrets come from `.env`, where an empty one is refused."""
    for variable, value in service.get("environment", {}).items():
        if SECRET.search(variable) and not re.fullmatch(r"\$\{NEWSWIRE_\w+:\?run make env\}", str(value)):
            yield f"{name}: {variable} is not a secret of .env"
    if "NEWSWIRE_POSTGRES_PASSWORD" in service.get("environment", {}) and name != "init":
        yield f"{name} has the password of PostgreSQL's superuser"
    if name in OTHERS and (service.get("environment") or service.get("env_file") or service.get("volumes")):
        yield f"{name} has what it does not need"
    if re.search("PASSWORD|SECRET|_KEY", str(service.get("command")) + str(service.get("healthcheck"))):
        yield f"{name} has a secret among its arguments"


RULES = (unbounded, privileged, exposed, unwatched, careless)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_service_keeps_the_rules(rule: Callable[[str, Service], Iterator[str]], name: str) -> None:
    assert list(rule(name, SERVICES[name])) == []


PLANTED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("worker", {"mem_limit": None}),
    ("worker", {"pids_limit": None}),
    ("scheduler", {"restart": "no"}),
    ("worker", {"read_only": False}),
    ("worker", {"cap_drop": []}),
    ("redis", {"cap_add": ["SETUID"]}),
    ("postgres", {"cap_add": ["SYS_ADMIN"]}),
    ("worker", {"security_opt": []}),
    ("worker", {"user": "0:0"}),
    ("worker", {"user": None}),
    ("worker", {"tmpfs": ["/tmp"]}),
    ("worker", {"volumes": ["/var/run/docker.sock:/var/run/docker.sock"]}),
    ("api-server", {"ports": ["8080:8080"]}),
    ("api-server", {"ports": ["0.0.0.0:8080:8080"]}),
    ("postgres", {"ports": ["127.0.0.1:5432:5432"]}),
    ("postgres", {"networks": ["inside", "outside"]}),
    ("triggerer", {"network_mode": "host"}),
    ("redis", {"healthcheck": {}}),
    ("scheduler", {"healthcheck": {"test": ["CMD", "health", "triggerer"]}}),
    ("worker", {"depends_on": {"redis": {"condition": "service_started"}}}),
    ("postgres", {"environment": {"POSTGRES_PASSWORD": "${NEWSWIRE_POSTGRES_PASSWORD:-postgres}"}}),
    ("postgres", {"environment": {"POSTGRES_PASSWORD": "secret"}}),
    ("worker", {"environment": {"NEWSWIRE_POSTGRES_PASSWORD": "${NEWSWIRE_POSTGRES_PASSWORD:?run make env}"}}),
    ("newsroom", {"environment": {"NEWSWIRE_WRITER_PASSWORD": "${NEWSWIRE_WRITER_PASSWORD:?run make env}"}}),
    ("redis", {"command": ["redis-server", "--requirepass", "${NEWSWIRE_REDIS_PASSWORD:?run make env}"]}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "change"), PLANTED, ids=str)
def test_a_planted_violation_is_found(name: str, change: dict[str, Any]) -> None:
    service = {**copy.deepcopy(SERVICES[name]), **change}
    assert len([problem for rule in RULES for problem in rule(name, service)]) == 1


def test_an_init_process_does_not_stand_between_docker_and_postgres() -> None:
    """It would stay root without the right to signal another user, so that PostgreSQL could only be killed."""
    assert {name for name, service in SERVICES.items() if not service["init"]} == {"postgres"}


def test_the_networks_of_the_databases_have_no_way_out() -> None:
    assert yaml.safe_load(FILE.read_text())["networks"]["inside"] == {"internal": True}


def test_every_program_has_its_container_and_every_container_its_program() -> None:
    commands = {
        tuple(service["command"]) for name, service in SERVICES.items() if name not in STOCK | OTHERS | {"newswire"}
    }
    assert commands == {("init",), *(("run", component) for component in _commands({}))}


def test_one_service_builds_the_image_that_all_others_of_ours_run() -> None:
    ours = {name: service for name, service in SERVICES.items() if name not in STOCK}
    assert {name for name, service in ours.items() if "build" in service} == {"init"}
    assert {service["image"] for service in ours.values()} == {"${NEWSWIRE_IMAGE:-newswire}"}
    assert {service.get("pull_policy") for name, service in ours.items() if name != "init"} == {"never"}


def test_whoever_reads_or_writes_logs_and_archive_has_their_volumes() -> None:
    mounts = {name: set(service["volumes"]) for name, service in SERVICES.items() if name not in STOCK | OTHERS}
    assert all("logs:/var/log/newswire" in found for found in mounts.values())
    assert all("./config:/opt/newswire/config:ro" in found for found in mounts.values())
    assert {name for name, found in mounts.items() if "data:/var/lib/newswire" in found} == {
        "newswire",
        "worker",
        "worker-cpu",
        "worker-net",
    }


def test_each_kind_of_worker_is_counted_in_env_where_the_others_read_the_number() -> None:
    """`up` without --scale then keeps it, and Airflow gives out as many tasks as there are places."""
    kinds = {service["environment"].get("NEWSWIRE_WORKER_QUEUES", "default"): service["deploy"]["replicas"] for service in SERVICES.values() if "deploy" in service}  # fmt: skip
    assert kinds == {queue: SERVICES["scheduler"]["environment"][variable] for queue, variable in WORKERS.items()}


def test_the_socket_of_postgres_lies_where_its_own_user_may_write() -> None:
    """A tmpfs over that folder belongs to root, whatever the image says of it."""
    assert "/run/postgresql" in SERVICES["postgres"]["volumes"]
    assert not any("postgresql" in mount for mount in SERVICES["postgres"]["tmpfs"])


def test_postgres_is_set_as_the_embedded_one_where_that_changes_what_is_seen() -> None:
    options = dict(re.fullmatch(r"-c(\w+)=(\S+)", option).groups() for option in SERVICES["postgres"]["command"][1:])  # type: ignore[union-attr]
    for name in ("timezone", "log_timezone", "client_connection_check_interval"):
        assert options[name] == _SETTINGS[name]
    assert "--builtin-locale=C.UTF-8" in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]


# The secrets


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def make_env(file: Path) -> str:
    return subprocess.run([sys.executable, MAKE_ENV, file], check=True, capture_output=True, text=True).stdout


def read_env(file: Path) -> dict[str, str]:
    lines = file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_make_env_makes_every_secret_that_the_file_asks_for_and_no_other(env_file: Path) -> None:
    make_env(env_file)
    asked_for = set(re.findall(r"\$\{(\w+):\?", FILE.read_text()))
    assert set(read_env(env_file)) == asked_for
    assert set(PASSWORDS.values()) <= asked_for


def test_a_variable_is_a_secret_of_env_or_has_a_default() -> None:
    named = set(re.findall(r"(?<!\$)\$\{(\w+)(:?.)", FILE.read_text()))
    assert {how for _, how in named} == {":?", ":-"}
    assert not {name for name, how in named if how == ":-" and SECRET.search(name)}


def test_secrets_are_random_long_and_for_the_owner_only(env_file: Path, tmp_path: Path) -> None:
    make_env(env_file)
    make_env(tmp_path / "other")
    first, second = read_env(env_file), read_env(tmp_path / "other")
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert len(set(first.values())) == len(first)
    assert not set(first.values()) & set(second.values())
    assert min(map(len, first.values())) >= 16
    assert all(re.fullmatch(r"[\w=-]+", value, re.ASCII) for value in first.values())  # nothing to quote anywhere


def test_what_stands_there_stays_and_what_is_missing_is_added(env_file: Path) -> None:
    env_file.write_text("NEWSWIRE_REDIS_PASSWORD=mine\nMINE=1")
    env_file.chmod(0o644)
    make_env(env_file)
    made = read_env(env_file)
    assert (made["NEWSWIRE_REDIS_PASSWORD"], made["MINE"]) == ("mine", "1")
    assert "NEWSWIRE_FERNET_KEY" in made
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert "nothing was changed" in make_env(env_file)
    assert read_env(env_file) == made


def test_secrets_and_state_come_neither_into_the_repository_nor_into_the_image() -> None:
    assert {"/.env", "/settings.env"} <= set((CHECKOUT / ".gitignore").read_text().split())
    lines = [line for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert {line for line in lines if line.startswith("!")} == {
        "!config",
        "!dags",
        "!plugins",
        "!sql",
        "!requirements*.txt",
    }


# The demo


def test_the_demo_of_the_containers_is_that_of_one_machine(env_file: Path) -> None:
    demo = read_env(CHECKOUT / "docker" / "demo.env")
    assert _LOWERED.items() <= demo.items()
    assert (demo["NEWSWIRE_MODE"], demo["NEWSWIRE_NEWSROOM"]) == ("demo", "newsroom:8090")
    assert "--port 8090" in SERVICES["newsroom"]["command"]
    assert demo["NEWSWIRE_SETTINGS"] == "docker/demo.env"


def test_the_demo_is_a_project_of_its_own_and_touches_nothing_of_the_other() -> None:
    demo = read_env(CHECKOUT / "docker" / "demo.env")
    assert demo["COMPOSE_PROJECT_NAME"] != yaml.safe_load(FILE.read_text())["name"]
    assert demo["NEWSWIRE_UI_PORT"] != "8080"
    assert not any(SECRET.search(name) for name in demo)


# The image


def test_the_image_installs_hashed_wheels_and_runs_as_nobody_in_particular() -> None:
    text = (CHECKOUT / "docker" / "Dockerfile").read_text()
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.13-slim"] * 2
    assert "--require-hashes" in text
    assert "--only-binary :all:" in text
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == [SERVICES["worker"]["user"]]
    assert "ARG REQUIREMENTS=requirements-image.txt" in text


def test_the_image_has_what_the_checkout_has_side_by_side() -> None:
    copied = re.findall(r"^COPY (\w+) /opt/newswire/(\w+)$", (CHECKOUT / "docker" / "Dockerfile").read_text(), re.MULTILINE)  # fmt: skip
    assert sorted(copied) == [(name, name) for name in ("config", "dags", "plugins", "sql")]


def test_the_pins_of_the_image_are_the_embedded_ones_and_what_celery_brings() -> None:
    run, image = (pinned(CHECKOUT / name) for name in ("requirements.txt", "requirements-image.txt"))
    assert run <= image
    brought = {pin.split("==")[0] for pin in image - run}
    assert {"celery", "kombu", "redis", "apache-airflow-providers-celery"} <= brought
    assert len(brought) < 20


def pinned(file: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+(?:\[[^\]]*\])?==\S+(?: ; .*?)?) \\$", file.read_text(), re.MULTILINE))


def test_what_the_compose_file_gives_is_all_that_a_container_needs(env_file: Path) -> None:
    make_env(env_file)
    secrets = read_env(env_file)
    given = {name: secrets.get(name, "") for name in SERVICES["worker"]["environment"]}
    assert environment(given)["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
