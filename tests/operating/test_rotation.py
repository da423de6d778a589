"""New secrets on a real home: the old ones open nothing any more, and nothing that was encrypted is lost."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet, InvalidToken

from newswire.operating import rotation
from newswire.operating.installation import Site
from newswire.operating.restore import prepared
from newswire.runtime.components import airflow_command
from newswire.runtime.home import Home
from newswire.runtime.status import remove
from newswire.warehouse import airflow_tables
from newswire.warehouse.connection import connect
from newswire.warehouse.migrate import migrate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home whose databases are made, with a connection that Airflow has encrypted; stopped."""
    state = tmp_path_factory.mktemp("state")
    made = Home(state / "live")
    with prepared(made) as site:
        env = dict(site.env)
        subprocess.run(airflow_command("db", "migrate"), env=env, check=True, capture_output=True)
        subprocess.run(
            airflow_command("connections", "add", "my_wire", "--conn-type", "http", "--conn-password", "s3cret"),
            env=env, check=True, capture_output=True,
        )  # fmt: skip
        migrate(site.owner)
    yield made
    remove(state)


def secrets(home: Home) -> dict[str, str]:
    return {file.name: file.read_text() for file in home.secrets.iterdir()}


def test_old_passwords_open_nothing_and_new_ones_do(home: Home):
    before, old = secrets(home), Site.embedded(home)
    rotation.rotate(home, "databases")
    after = secrets(home)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {"postgres", "airflow", "newswire_owner", "newswire_writer", "newswire_reader"}
    assert before.keys() == after.keys(), "nothing is left beside"
    with prepared(home) as site:
        for url in (old.warehouse, old.owner.replace(after["newswire_owner"], before["newswire_owner"]), old.airflow):
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                connect(url, name="test")
        for url in (site.warehouse, site.owner, site.airflow):
            connect(url, name="test").close()


def test_a_new_fernet_key_opens_what_the_old_one_had_encrypted(home: Home):
    old = secrets(home)["airflow_fernet"]
    rotation.rotate(home, "fernet")
    new = secrets(home)["airflow_fernet"]
    assert new != old
    with prepared(home) as site, connect(site.airflow, name="test") as conn:
        (known,) = [one for one in airflow_tables.connections(conn) if one.conn_id == "my_wire"]
    assert [Fernet(new).decrypt(text.encode()) for text in known.encrypted] == [b"s3cret"]
    with pytest.raises(InvalidToken):
        Fernet(old).decrypt(known.encrypted[0].encode())


def test_keys_and_login_are_new_and_private(home: Home):
    names = {"airflow_secret_key", "airflow_jwt", "airflow_admin", "airflow_logins.json"}
    before = secrets(home)
    rotation.rotate(home, "keys")
    rotation.rotate(home, "login")
    Site.embedded(home)
    after = secrets(home)
    assert {name for name in after if after[name] != before[name]} == names
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in home.secrets.iterdir())


def test_a_lease_of_a_hub_is_followed_by_one_with_another_secret(home: Home):
    with prepared(home) as site, connect(site.warehouse, name="test") as conn:
        conn.execute("INSERT INTO news.publishers (domain) VALUES ('a.example')")
        conn.execute(
            "INSERT INTO news.feeds (feed_key, url, host, publisher_id, interval_s, hub_url, topic_url)"
            " SELECT 'x', 'https://a.example/f', 'a.example', publisher_id, 900, 'https://hub.example/', 'https://a.example/f'"
            " FROM news.publishers"
        )
        conn.execute(
            "INSERT INTO ops.hub_subscriptions (feed_id, hub_url, topic_url, state, created_at, verified_at, lease_until)"
            " SELECT feed_id, hub_url, topic_url, 'verified', now() - interval '2 h', now() - interval '2 h', now() + interval '9 d'"
            " FROM news.feeds"
        )
    assert rotation.rotate(home, "websub").startswith("1 hubs")
    with prepared(home) as site, connect(site.warehouse, name="test") as conn:
        row = conn.execute("SELECT lease_until <= now() + interval '1 hour' FROM ops.hub_subscriptions").fetchone()
        assert row == (True,)


def test_every_kind_that_the_command_offers_is_known():
    from newswire.commands import operating

    assert {*rotation.KINDS, operating.ALL} == set(operating._KINDS)
    assert Path(rotation.__file__).exists()
