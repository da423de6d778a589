"""What a container makes of its variables: the environment of Airflow, the databases, the health of its program."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from newswire.errors import ConfigError
from newswire.runtime import container, databases
from newswire.runtime.airflow_env import airflow_environment
from newswire.runtime.container import PASSWORDS, environment, health, main
from newswire.runtime.home import Home
from newswire.runtime.postgres import disposable_postgres
from newswire.warehouse.connection import connect

GIVEN = {
    **{name: f"{role}-password" for role, name in PASSWORDS.items()},
    "NEWSWIRE_REDIS_PASSWORD": "broker-password",
    "NEWSWIRE_FERNET_KEY": "fernet",
    "NEWSWIRE_SECRET_KEY": "secret",
    "NEWSWIRE_JWT_SECRET": "jwt",
}

# What may differ between containers and one machine: places, doors, secrets, and who executes.
DIFFERENT = {
    "AIRFLOW_HOME",
    "AIRFLOW_CONN_NEWS_WAREHOUSE",
    "NEWSWIRE_WAREHOUSE",
    "NEWSWIRE_ARCHIVE",
    "AIRFLOW__API__HOST",
    "AIRFLOW__API__PORT",
    "AIRFLOW__API__BASE_URL",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__CORE__PARALLELISM",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
    "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY",
}


# The environment


def test_containers_and_one_machine_have_the_same_settings_but_for_places_doors_and_secrets(home: Home) -> None:
    one_machine = {name: value for name, value in airflow_environment(home, ui_port=1, postgres_port=2).items() if name.startswith("AIRFLOW")}  # fmt: skip
    containers = environment(GIVEN)
    assert {name for name, value in one_machine.items() if containers[name] != value} <= DIFFERENT
    assert len(one_machine.keys() - DIFFERENT) > 15


def test_each_program_finds_databases_broker_and_api_server_by_their_names() -> None:
    env = environment(GIVEN)
    assert env["NEWSWIRE_WAREHOUSE"] == "postgresql://newswire_writer:newswire_writer-password@postgres:5432/warehouse"
    assert env["AIRFLOW_CONN_NEWS_WAREHOUSE"].startswith("postgres://newswire_writer:")
    assert env["AIRFLOW__CELERY__BROKER_URL"] == "redis://:broker-password@redis:6379/0"
    assert env["AIRFLOW__CELERY__RESULT_BACKEND"].startswith("db+postgresql+psycopg2://airflow:airflow-password@")
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://api-server:8080/execution/"
    assert env["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:8080"


def test_a_setting_of_the_operator_wins_and_an_empty_one_does_not() -> None:
    chosen = {
        "AIRFLOW__CORE__AUTH_MANAGER": "another.Manager",
        "NEWSWIRE_ARCHIVE": "s3://bucket/newswire",
        "AIRFLOW__CORE__PARALLELISM": "",
        "NEWSWIRE_POSTGRES": "db.example.org:6432",
        "NEWSWIRE_UI_URL": "https://news.example.org",
    }
    env = environment({**GIVEN, **chosen})
    assert env["AIRFLOW__CORE__AUTH_MANAGER"] == "another.Manager"
    assert env["NEWSWIRE_ARCHIVE"] == "s3://bucket/newswire"
    assert env["AIRFLOW__CORE__PARALLELISM"] == "16"
    assert "@db.example.org:6432/warehouse" in env["NEWSWIRE_WAREHOUSE"]
    assert env["AIRFLOW__API__BASE_URL"] == "https://news.example.org"


def test_airflow_gives_out_as_many_tasks_as_workers_can_take() -> None:
    """What waits in Redis looks lost after a while, and would be given out again."""
    one = environment(GIVEN)
    three = environment({**GIVEN, "NEWSWIRE_WORKERS": "1", "NEWSWIRE_WORKERS_CPU": "2"})
    assert one["AIRFLOW__CORE__PARALLELISM"] == one["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "16"
    assert three["AIRFLOW__CORE__PARALLELISM"] == "48"


def test_a_kind_of_work_goes_to_workers_of_its_own_as_soon_as_there_are_some() -> None:
    given = {**GIVEN, "NEWSWIRE_WORKERS_CPU": "2", "NEWSWIRE_WORKERS_NET": "0"}
    assert environment(given)["NEWSWIRE_QUEUE_CPU"] == "cpu"
    assert "NEWSWIRE_QUEUE_NET" not in environment(given)
    assert environment({**given, "NEWSWIRE_QUEUE_CPU": "large"})["NEWSWIRE_QUEUE_CPU"] == "large"


def test_a_number_of_workers_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match="NEWSWIRE_WORKERS=many is not a whole number"):
        environment({**GIVEN, "NEWSWIRE_WORKERS": "many"})


def test_a_proxy_of_the_machine_does_not_stand_between_tasks_and_api_server() -> None:
    env = environment({**GIVEN, "http_proxy": "http://proxy.example.org", "NO_PROXY": "internal.example.org"})
    assert env["no_proxy"] == env["NO_PROXY"] == "internal.example.org,api-server,127.0.0.1,localhost"


def test_a_password_may_hold_what_means_something_in_an_address() -> None:
    env = environment({**GIVEN, "NEWSWIRE_WRITER_PASSWORD": "p@ss/w:rd", "NEWSWIRE_REDIS_PASSWORD": "a@b"})
    assert "newswire_writer:p%40ss%2Fw%3Ard@postgres" in env["NEWSWIRE_WAREHOUSE"]
    assert ":a%40b@redis" in env["AIRFLOW__CELERY__BROKER_URL"]


@pytest.mark.parametrize("name", sorted(GIVEN.keys() - {"NEWSWIRE_POSTGRES_PASSWORD", "NEWSWIRE_OWNER_PASSWORD", "NEWSWIRE_READER_PASSWORD"}))  # fmt: skip
@pytest.mark.parametrize("empty", [False, True], ids=["missing", "empty"])
def test_a_missing_or_empty_secret_is_named_with_the_mend(name: str, *, empty: bool) -> None:
    given = {**GIVEN, name: ""} if empty else {one: value for one, value in GIVEN.items() if one != name}
    with pytest.raises(ConfigError, match=f"{name} is not set or empty; `make env`"):
        environment(given)


# The verbs


def test_an_unknown_component_is_named_beside_those_that_there_are(monkeypatch, capsys) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    assert main(["run", "webserver"]) == 1
    assert "'webserver' is no component; there are api-server, scheduler" in capsys.readouterr().err
    assert main(["walk"]) == 2


def test_a_worker_takes_the_queues_that_it_is_told_or_the_usual_one() -> None:
    assert container._commands({})["worker"][-2:] == ("--queues", "default")
    assert container._commands({"NEWSWIRE_WORKER_QUEUES": "cpu,net"})["worker"][-1] == "cpu,net"


def test_roles_and_databases_are_made_on_any_server_and_again_without_harm() -> None:
    passwords = {role: f"{role}-password" for role in databases.ROLES}
    with disposable_postgres() as server:
        databases.create_on(server.url(), passwords)
        databases.create_on(server.url(), {**passwords, databases.READER: "changed"})
        at = f"127.0.0.1:{server.port}"
        url = databases.address(databases.READER, password="changed", at=at, database=databases.WAREHOUSE)
        with connect(url, name="test") as conn:
            assert conn.execute("SELECT current_user").fetchone() == (databases.READER,)


# Health


@pytest.fixture
def health_page(monkeypatch) -> Iterator[dict[str, dict[str, str]]]:
    """A server in the place of the API server; what it says of the parts may be changed."""
    parts = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")}

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(parts).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(container, "PORT", server.server_port)
    monkeypatch.setattr(container, "API_SERVER", "127.0.0.1")
    yield parts
    server.shutdown()
    server.server_close()


def test_a_component_is_well_when_airflow_says_so(health_page) -> None:
    assert [health(name, GIVEN) for name in ("scheduler", "triggerer", "dag-processor", "api-server")] == [None] * 4


def test_a_silent_component_is_named_and_the_others_are_well(health_page) -> None:
    health_page["dag_processor"]["status"] = "unhealthy"
    assert health("dag-processor", GIVEN) == "Airflow has no sign of life of the dag-processor"
    assert health("scheduler", GIVEN) is None


def test_without_the_api_server_nobody_is_well(monkeypatch) -> None:
    monkeypatch.setattr(container, "PORT", 9)
    monkeypatch.setattr(container, "API_SERVER", "127.0.0.1")
    assert health("scheduler", GIVEN) == "the API server does not answer"
