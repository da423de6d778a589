"""What of Newswire can be reached in Airflow's API server without a login: the callback for hubs, and nothing else.

The application is the one that `airflow api-server` serves, with the plugin as Airflow loads it.
"""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow

OPEN = {"/websub/{token}"}  # every route without a login stands here, with its reason in docs/websub.md

ASK = """
import asyncio, json, sys
from airflow import plugins_manager
from airflow.api_fastapi.app import create_app
from starlette.routing import Mount

server = create_app()

async def ask(method, path):
    status = []
    async def receive(): return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message): status.extend([message["status"]] if message["type"] == "http.response.start" else [])
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
             "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"",
             "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    await server(scope, receive, send)
    return status[0]

def routes(app, prefix):
    for route in app.routes:
        if isinstance(route, Mount):
            yield from routes(route, prefix + route.path)
        else:
            yield prefix + route.path, sorted(getattr(route, "methods", None) or ["GET"])

async def main():
    apps, middlewares = plugins_manager.get_fastapi_plugins()
    ours = [found for one in apps for found in routes(one["app"], one["url_prefix"])]
    asked = {f"{method} {path}": await ask(method, path.replace("{token}", "A")) for path, methods in ours for method in methods}
    print(json.dumps({"ours": asked, "middlewares": len(middlewares), "airflow": await ask("GET", "/api/v2/dags"),
                      "beside": await ask("GET", "/websub/"), "docs": await ask("GET", "/websub/docs"),
                      "mounted": [route.path for route in server.routes if isinstance(route, Mount)]}))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def asked(run_python) -> dict:
    found = run_python(
        "-W",
        "ignore",
        "-c",
        ASK,
        NEWSWIRE_WAREHOUSE="postgresql://nobody@127.0.0.1:9/none",
        NEWSWIRE_ARCHIVE="/nowhere",
        NEWSWIRE_PUBLIC_URL="https://news.example.org",
        AIRFLOW__API_AUTH__JWT_SECRET="for-tests-only" * 5,
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS="False",
    )
    return json.loads(found.splitlines()[-1])


def test_only_the_callback_answers_without_a_login(asked):
    refused = {401, 403}
    answered = {name.split()[1] for name, status in asked["ours"].items() if status not in refused}
    assert answered == OPEN


def test_the_callback_says_no_more_than_that_nothing_is_there(asked):
    assert asked["ours"] == {"GET /websub/{token}": 404, "POST /websub/{token}": 404}
    assert (asked["docs"], asked["middlewares"]) == (404, 0)
    assert asked["beside"] == 404


def test_airflow_itself_asks_for_a_login(asked):
    """The witness that the question can be refused at all."""
    assert asked["airflow"] == 401
    assert "/websub" in asked["mounted"]


def test_without_a_public_address_nothing_is_mounted(run_python):
    program = "from airflow import plugins_manager; print(len(plugins_manager.get_fastapi_plugins()[0]))"
    known = {"NEWSWIRE_WAREHOUSE": "postgresql://nobody@127.0.0.1:9/none", "NEWSWIRE_ARCHIVE": "/nowhere"}
    assert run_python("-c", program, **known).split()[-1] == "0"
    assert run_python("-c", program, **known, NEWSWIRE_PUBLIC_URL="ftp://nonsense").split()[-1] == "0"
