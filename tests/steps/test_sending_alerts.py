"""Alerts from file to receiver: told once, whatever fails or is killed; with a real warehouse, real servers, real kills."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from databases import Warehouse
from newswire.app import App
from newswire.settings import CHECKOUT, Settings, access_in
from newswire.steps import alert_files
from newswire.warehouse import dead_letters
from newswire.warehouse.connection import Conn, connect
from receiver import Receiver, receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = json.dumps({"conn_type": "http", "password": SECRET})
CHECKS = "checks: {severities: [error]}"
PLANT = """
    INSERT INTO ops.checks (name, severity, why, rows, sample, wrong_since) VALUES (%s, 'error', 'planted', 3, '[]', now())
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def config(tmp_path) -> Path:
    (tmp_path / "config" / "alerts").mkdir(parents=True)
    (tmp_path / "config" / "topics").symlink_to(CHECKOUT / "config" / "topics")
    return tmp_path / "config"


def env(warehouse: Warehouse, config: Path, **more: str) -> dict[str, str]:
    return {
        "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
        "NEWSWIRE_ARCHIVE": str(config.parent),
        "NEWSWIRE_CONFIG": str(config),
        "AIRFLOW_CONN_HOOK": HOOK,
        **more,
    }


@pytest.fixture
def environment(warehouse, config, receiver) -> dict[str, str]:
    return env(warehouse, config)


@pytest.fixture
def app(environment) -> Iterator[App]:
    with App(Settings.from_env(environment), accesses=partial(access_in, environment)) as running_app:
        yield running_app


@pytest.fixture
def conn(warehouse) -> Iterator[Conn]:
    with connect(warehouse.dsn(), name="test") as connection:
        yield connection


def write(config: Path, name: str, when: str = CHECKS, to: str = "log", more: str = "") -> Path:
    path = config / "alerts" / f"{name}.yaml"
    path.write_text(f"id: {name}\ndescription: d\nwhen: {{{when}}}\nto: [{to}]\n{more}\n")
    return path


def hook(receiver: Receiver, **more: object) -> str:
    said = {"connection": "hook", "url": receiver.url, "internal": True} | more
    return json.dumps({"webhook": said})


def tell(app: App, conn: Conn, config: Path, *names: str) -> None:
    """Read the files, plant findings of these checks, look."""
    alert_files.offer_all(conn, config)
    for name in names:
        conn.execute(PLANT, [name])
    look(app, conn)


def look(app: App, conn: Conn) -> None:
    conn.execute(
        "SELECT ops.ask('alert', array_agg(alert_id)) FROM ops.alerts WHERE looks_at IS NOT NULL HAVING count(*) > 0"
    )
    app.drain("alert", linger_s=0)


def send(app: App, conn: Conn) -> None:
    """Send all that waits, without its patience."""
    conn.execute("UPDATE ops.work SET due_at = now() WHERE stage = 'send'")
    conn.execute("UPDATE ops.hosts SET blocked_until = NULL")
    app.drain("send", linger_s=0)


def log(conn: Conn) -> list[tuple]:
    return conn.execute(
        "SELECT alert, channel, state, attempts, answer FROM mart.alerts ORDER BY alert, channel"
    ).fetchall()


def verify(headers: dict[str, str], body: bytes) -> bool:
    """As docs/alerts.md tells a receiver to."""
    [code] = re.findall(r"```python\n(.*?)```", (CHECKOUT / "docs" / "alerts.md").read_text(), re.DOTALL)
    lines = code.split("bool:\n", 1)[1].strip().splitlines()
    assert len(lines) == 5
    scope: dict = {}
    exec(code, scope)
    return scope["verified"](SECRET, headers, body)


# --- Files -----------------------------------------------------------------------------------------------------------


def test_a_broken_file_is_named_and_stops_no_other_and_the_last_good_version_stays(config, conn):
    write(config, "good")
    bad = write(config, "bad")
    assert alert_files.offer_all(conn, config) == []
    bad.write_text("id: bad\ndescription: d\nwhen: {chekcs: {severities: error}}\nto: log\n")
    write(config, "new")
    assert alert_files.offer_all(conn, config) == ["bad.yaml:3: when has no key 'chekcs'; do you mean 'checks'?"]
    assert conn.execute("SELECT name, looks_at FROM ops.alerts ORDER BY name").fetchall() == [
        ("bad", "clock"),
        ("good", "clock"),
        ("new", "clock"),
    ]
    assert alert_files.offer_all(conn, config) == []  # known, and named by its check
    assert conn.execute("SELECT name FROM ops.alerts WHERE problem IS NOT NULL").fetchall() == [("bad",)]


def test_a_file_that_is_gone_or_switched_off_looks_for_nothing(app, config, conn):
    gone, off = write(config, "gone"), write(config, "off")
    alert_files.offer_all(conn, config)
    gone.unlink()
    off.write_text(off.read_text() + "enabled: false\n")
    tell(app, conn, config, "planted")
    assert log(conn) == []


def test_where_no_alert_is_defined_nothing_is_asked_for(app, conn):
    app.check()
    assert conn.execute("SELECT count(*) FROM ops.work WHERE stage IN ('alert', 'send')").fetchone() == (0,)


def test_the_clock_of_the_checks_has_the_others_look(app, config, conn):
    write(config, "ops")
    alert_files.offer_all(conn, config)
    app.check()
    assert conn.execute("SELECT count(*) FROM ops.work WHERE stage = 'alert'").fetchone() == (1,)


# --- Once ------------------------------------------------------------------------------------------------------------


def test_a_receiver_that_fails_twice_has_each_alert_once_by_its_id_and_signed(app, config, conn, receiver):
    write(config, "ops", to=hook(receiver))
    receiver.answers = [500, 503]
    tell(app, conn, config, "planted")
    look(app, conn)  # finds the same again
    for _ in range(4):
        send(app, conn)
    assert [(state, attempts, answer) for _, _, state, attempts, answer in log(conn)] == [("sent", 3, "200")]
    assert len(receiver.came) == 3
    assert len(set(receiver.ids())) == 1
    assert all(verify(headers, body) for headers, body in receiver.came)
    assert {body for _, body in receiver.came} == {receiver.came[0][1]}
    assert not verify(receiver.came[0][0], receiver.came[0][1] + b" ")
    told = json.loads(receiver.came[0][1])
    assert (told["type"], told["data"]["alert"]) == ("alert.checks", "ops")
    assert told["data"]["notices"][0]["title"] == "error: planted finds 3 rows"
    assert receiver.came[0][0]["content-type"] == "application/json; charset=utf-8"


@pytest.mark.slow
def test_a_task_killed_between_sending_and_noting_sends_again_under_the_same_id(
    app, config, conn, receiver, environment
):
    write(config, "ops", to=hook(receiver))
    tell(app, conn, config, "one")
    with connect(environment["NEWSWIRE_WAREHOUSE"], name="holder") as holder:
        came, go_on = threading.Event(), threading.Event()
        receiver.before_answering = lambda: (came.set(), go_on.wait(20))
        task = drain_send(environment)
        assert came.wait(30)
        with holder.transaction():
            holder.execute("LOCK TABLE ops.alert_deliveries IN SHARE ROW EXCLUSIVE MODE")
            go_on.set()
            until(lambda: conn.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] > 0)
            task.send_signal(signal.SIGKILL)
            task.wait()
    receiver.before_answering = lambda: None
    assert log(conn)[0][2:4] == ("pending", 0)
    until(lambda: drain_send(environment).wait() == 0 and log(conn)[0][2] == "sent")
    assert len(receiver.came) == 2
    assert len(set(receiver.ids())) == 1
    assert all(verify(headers, body) for headers, body in receiver.came)
    assert log(conn) == [("ops", f"webhook {receiver.url}", "sent", 2, "200")]


@pytest.mark.slow
def test_a_look_killed_before_it_ends_is_done_again_and_tells_once(app, config, conn, environment, warehouse):
    write(config, "ops")
    alert_files.offer_all(conn, config)
    conn.execute(PLANT, ["one"])
    conn.execute("SELECT ops.ask('alert', array_agg(alert_id)) FROM ops.alerts")
    with connect(warehouse.dsn(), name="holder") as holder, holder.transaction():
        holder.execute("LOCK TABLE ops.alert_messages IN SHARE ROW EXCLUSIVE MODE")
        task = command(environment, "drain", "alert")
        until(lambda: conn.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] > 0)
        task.send_signal(signal.SIGKILL)
        task.wait()
    until(lambda: app.drain("alert", linger_s=0).seen > 0)
    look(app, conn)
    app.drain("send", linger_s=0)
    assert log(conn) == [("ops", "log", "sent", 1, "logged")]


def drain_send(environment: dict[str, str]) -> subprocess.Popen:
    return command(environment, "drain", "send")


def command(environment: dict[str, str], *arguments: str) -> subprocess.Popen:
    paths = os.environ | environment | {"PYTHONPATH": str(CHECKOUT / "plugins")}
    return subprocess.Popen([sys.executable, "-m", "newswire.cli", *arguments], env=paths, stdout=subprocess.DEVNULL)


def until(true, within_s: float = 30) -> None:
    ends = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_two_looks_at_once_tell_once(app, config, conn, environment):
    write(config, "ops", more="most_per_hour: 1000")
    tell(app, conn, config, "one")
    with App(Settings.from_env(environment)) as other:
        for _ in range(3):
            look(other, conn)
            look(app, conn)
    assert conn.execute("SELECT count(*) FROM ops.alert_messages").fetchone() == (1,)


# --- Receivers -------------------------------------------------------------------------------------------------------


def test_retry_after_is_kept_and_nothing_else_goes_there_meanwhile(app, config, conn, receiver):
    write(config, "ops", to=hook(receiver))
    receiver.answers = [(429, {"Retry-After": "600"})]
    tell(app, conn, config, "one")
    app.drain("send", linger_s=0)
    tell(app, conn, config, "two")
    app.drain("send", linger_s=0)
    assert len(receiver.came) == 1
    wait_s = "SELECT extract(epoch FROM due_at - now())::float FROM ops.work WHERE stage = 'send' ORDER BY key LIMIT 1"
    assert 590 < conn.execute(wait_s).fetchone()[0] <= 600
    send(app, conn)
    assert [row[2] for row in log(conn)] == ["sent", "sent"]


def test_gone_is_gone_and_a_replay_sends_again_under_the_same_id(app, config, conn, receiver):
    write(config, "ops", to=hook(receiver))
    receiver.answers = [410]
    tell(app, conn, config, "one")
    send(app, conn)
    assert log(conn)[0][2:] == ("dead", 1, "http_status: 410")
    [letter] = dead_letters.listed(conn, stage="send")
    assert letter.look == "newswire alerts log ops"
    dead_letters.replay(conn, ["send"])
    assert conn.execute("SELECT lane FROM ops.work WHERE stage = 'send'").fetchone() == (
        f"alert webhook {receiver.url}",
    )
    send(app, conn)
    assert log(conn)[0][2:] == ("sent", 2, "200")
    assert len(set(receiver.ids())) == 1


def test_a_receiver_that_stays_away_becomes_a_dead_letter_after_a_night(app, config, conn, receiver):
    write(config, "ops", to=hook(receiver))
    tell(app, conn, config, "one")
    receiver.answers = [500] * 20
    for _ in range(16):
        send(app, conn)
    assert len(receiver.came) == 14
    assert log(conn)[0][2:] == ("dead", 14, "http_status: 500")


def test_a_redirect_is_not_followed(app, config, conn, receiver):
    write(config, "ops", to=hook(receiver))
    receiver.answers = [(307, {"Location": receiver.url})]
    tell(app, conn, config, "one")
    send(app, conn)
    assert len(receiver.came) == 1
    assert log(conn)[0][4].startswith("a webhook is not sent on after a redirect (307)")


def test_one_channel_that_is_down_holds_up_no_other(app, config, conn, receiver):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        dead = json.dumps(
            {"webhook": {"connection": "hook", "url": f"http://127.0.0.1:{taken.getsockname()[1]}/", "internal": True}}
        )
        write(config, "ops", to=f"{dead}, log, {hook(receiver)}")
        tell(app, conn, config, "one")
        app.drain("send", linger_s=0)
    assert sorted(row[2] for row in log(conn)) == ["pending", "sent", "sent"]
    assert len(receiver.came) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://127.0.0.1:8443/", "127.0.0.1 is not a public address: loopback"),
        ("https://localhost:8443/", "not a public host name"),
        ("https://169.254.169.254/latest/meta-data/", "169.254.169.254 is not a public address: link-local"),
        ("https://10.0.0.1/", "10.0.0.1 is not a public address: private"),
    ],
)
def test_an_internal_address_is_asked_only_where_that_is_written_down(app, config, conn, address, said):
    write(config, "ops", to=json.dumps({"webhook": {"connection": "hook", "url": address}}))
    tell(app, conn, config, "one")
    send(app, conn)
    assert said in log(conn)[0][4]


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/", "http://[fe80::1]/", "http://0.0.0.0/", "http://[fd00:ec2::254]/"]
)
def test_the_metadata_of_clouds_is_never_asked(app, config, conn, address):
    write(config, "ops", to=json.dumps({"webhook": {"connection": "hook", "url": address, "internal": True}}))
    tell(app, conn, config, "one")
    send(app, conn)
    assert "is not a public address" in log(conn)[0][4]


@pytest.mark.parametrize(
    "case",
    [
        (None, "the connection 'hook' is not known here; define it in Airflow, or set AIRFLOW_CONN_HOOK"),
        ('{"conn_type": "http"}', "connection 'hook': it has no password to sign with; give it whsec_"),
        ('{"password": "open sesame"}', "connection 'hook': its password is no signing secret; write whsec_"),
    ],
)
def test_a_connection_that_cannot_sign_is_named_with_its_mend_and_without_its_secret(
    config, conn, environment, receiver, case
):
    connection, said = case
    if connection is None:
        del environment["AIRFLOW_CONN_HOOK"]
    else:
        environment["AIRFLOW_CONN_HOOK"] = connection
    write(config, "ops", to=hook(receiver))
    with App(Settings.from_env(environment), accesses=partial(access_in, environment)) as app:
        tell(app, conn, config, "one")
        send(app, conn)
    [(_, _, state, _, answer)] = log(conn)
    assert state == "pending"
    assert answer.startswith(said)
    assert "sesame" not in answer
    assert receiver.came == []


def test_the_address_may_be_a_secret_too_and_stands_in_no_table(config, conn, environment, receiver):
    environment["AIRFLOW_CONN_HOOK"] = json.dumps({"password": SECRET, "extra": {"url": receiver.url + "/s3cret"}})
    write(config, "ops", to="{webhook: {connection: hook, internal: true}}")
    with App(Settings.from_env(environment), accesses=partial(access_in, environment)) as app:
        tell(app, conn, config, "one")
        send(app, conn)
    assert log(conn) == [("ops", "webhook hook", "sent", 1, "200")]
    everything = conn.execute(
        "SELECT concat(message.*, delivery.*) FROM ops.alert_messages AS message, ops.alert_deliveries AS delivery"
    )
    assert not [text for (text,) in everything.fetchall() if "s3cret" in text or SECRET in text]


# --- E-mail, services ------------------------------------------------------------------------------------------------


class MailServer(threading.Thread):
    """Speaks as much SMTP (RFC 5321) as a letter needs, and refuses the first recipients it is told to."""

    def __init__(self, refuse: int = 0) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.refuse = refuse
        self.letters: list[str] = []

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rw", newline="\r\n") as line:
                self._talk(line)

    def _talk(self, line) -> None:
        def say(text: str) -> None:
            line.write(text + "\r\n")
            line.flush()

        say("220 mail.example")
        for said in line:
            match said.split(" ")[0].strip().upper():
                case "EHLO":
                    say("250 mail.example")
                case "RCPT" if self.refuse:
                    self.refuse -= 1
                    say("451 later")
                case "DATA":
                    say("354 go on")
                    self.letters.append("".join(iter(line.readline, ".\r\n")))
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("250 ok")


def test_a_letter_is_sent_and_keeps_its_message_id_when_it_is_sent_again(config, conn, environment):
    server = MailServer(refuse=1)
    server.start()
    extra = {"from_email": "newswire@example.org", "disable_ssl": True, "disable_tls": True}
    environment["AIRFLOW_CONN_MAIL"] = json.dumps({"host": "127.0.0.1", "port": server.port, "extra": extra})
    write(config, "ops", to="{email: {connection: mail, to: [desk@example.org]}}")
    with App(Settings.from_env(environment), accesses=partial(access_in, environment)) as app:
        tell(app, conn, config, "one")
        send(app, conn)
        assert log(conn)[0][4].startswith("the mail server refuses")
        send(app, conn)
    server.socket.close()
    assert log(conn) == [("ops", "email desk@example.org", "sent", 2, "taken by 127.0.0.1")]
    [letter] = server.letters
    [webhook_id] = conn.execute("SELECT webhook_id FROM ops.alert_messages").fetchone()
    assert f"Message-ID: <{webhook_id}@example.org>" in letter
    assert "error: one finds 3 rows" in letter


def test_a_service_that_apprise_knows_is_told_and_asked_again_when_it_refuses(config, conn, environment, receiver):
    receiver.answers = [500]
    environment["AIRFLOW_CONN_CHAT"] = json.dumps({"password": f"json://127.0.0.1:{receiver.port}/hook"})
    write(config, "ops", to="{apprise: {connection: chat}}")
    with App(Settings.from_env(environment), accesses=partial(access_in, environment)) as app:
        tell(app, conn, config, "one")
        send(app, conn)
        assert log(conn)[0][2:] == ("pending", 1, "a service did not take the message; the log of the task says which")
        send(app, conn)
    assert log(conn)[0][2:] == ("sent", 2, "taken by 1 services")
    said = json.loads(receiver.came[-1][1])
    assert "error: one finds 3 rows" in said["message"]


@pytest.mark.parametrize("addresses", ["", "nothing-that-is-known://chat"])
def test_an_address_that_apprise_does_not_know_is_a_credential_to_mend(config, conn, environment, addresses):
    environment["AIRFLOW_CONN_CHAT"] = json.dumps({"password": addresses})
    write(config, "ops", to="{apprise: {connection: chat}}")
    with App(Settings.from_env(environment), accesses=partial(access_in, environment)) as app:
        tell(app, conn, config, "one")
        send(app, conn)
    assert log(conn)[0][4] == "the password of the connection is no address that Apprise knows; mend it"


def test_without_apprise_its_channel_says_what_to_install(config, conn, environment, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    environment["AIRFLOW_CONN_CHAT"] = '{"password": "json://localhost"}'
    write(config, "ops", to="{apprise: {connection: chat}}")
    with App(Settings.from_env(environment), accesses=partial(access_in, environment)) as app:
        tell(app, conn, config, "one")
        send(app, conn)
    assert "pip install newswire[apprise]" in log(conn)[0][4]


# --- How much, and when not ------------------------------------------------------------------------------------------


def test_what_waits_for_its_digest_has_a_row_of_work_at_that_hour_and_goes_out_then(app, config, conn):
    write(config, "ops", more="digest: daily\ndaily_at: '07:00'")
    tell(app, conn, config, "one", "two")
    assert log(conn) == []
    assert conn.execute("SELECT count(*) FROM mart.alert_notices WHERE webhook_id IS NULL").fetchone() == (2,)
    [due_at] = conn.execute("SELECT due_at FROM ops.work WHERE stage = 'alert'").fetchone()
    assert (due_at.astimezone(UTC).hour, due_at > datetime.now(UTC)) == (7, True)
    conn.execute("UPDATE ops.alert_notices SET found_at = found_at - interval '1 day'")
    look(app, conn)
    assert conn.execute("SELECT notices FROM mart.alerts").fetchall() == [(2,)]
    assert conn.execute("SELECT count(*) FROM ops.work WHERE stage = 'alert'").fetchone() == (0,)


def test_the_kind_of_trouble_that_goes_on_is_told_once_and_again_when_it_comes_back(app, config, conn):
    write(config, "ops")
    tell(app, conn, config, "one")
    look(app, conn)
    conn.execute("UPDATE ops.checks SET rows = 0, wrong_since = NULL")
    look(app, conn)
    conn.execute("UPDATE ops.checks SET rows = 1, wrong_since = now() + interval '1 second'")
    look(app, conn)
    assert conn.execute("SELECT count(*) FROM mart.alerts").fetchone() == (2,)


def test_late_news_is_told_and_then_not_for_a_while(app, config, conn):
    write(config, "late", when="late: {above_s: 60, at_least: 1}")
    conn.execute("SELECT 1")
    tell(app, conn, config)
    assert log(conn) == []  # no article, nothing late
