"""The values for Airflow's official chart, read without Helm: what they repeat is what holds elsewhere, and nothing secret stands in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from newswire.runtime.container import PASSWORDS, environment
from newswire.runtime.home import CHECKOUT

VALUES: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker" / "kubernetes" / "values.yaml").read_text())
SETTINGS = {one["name"]: one["value"] for one in VALUES["env"]}
SECRETS = ("NEWSWIRE_FERNET_KEY", "NEWSWIRE_SECRET_KEY", "NEWSWIRE_JWT_SECRET", "NEWSWIRE_REDIS_PASSWORD")
IN_CONTAINERS = environment(dict.fromkeys([*PASSWORDS.values(), *SECRETS], "x"))
OWN_LOGIN = "AIRFLOW__CORE__AUTH_MANAGER"  # a cluster is shared


@pytest.mark.parametrize("name", [name for name in SETTINGS if name.startswith("AIRFLOW__") and name != OWN_LOGIN])
def test_a_setting_of_airflow_is_the_one_of_the_containers(name: str):
    assert SETTINGS[name] == IN_CONTAINERS[name].replace(str(CHECKOUT), "/opt/newswire")


def test_nobody_gets_in_with_a_password_that_everybody_knows():
    assert SETTINGS[OWN_LOGIN].endswith("FabAuthManager")
    assert VALUES["createUserJob"] == {"enabled": False}  # the chart's is admin, admin


def test_passwords_come_from_secrets_alone():
    assert not [name for name in SETTINGS if "PASSWORD" in name or "SECRET" in name or "KEY" in name]
    assert all(one.keys() == {"envName", "secretName", "secretKey"} for one in VALUES["secret"])
    assert set(VALUES["data"]) == {"metadataSecretName", "brokerUrlSecretName", "resultBackendSecretName"}


@pytest.mark.parametrize("program", ["scheduler", "dagProcessor", "triggerer"])
def test_no_sidecar_runs_a_script_that_the_image_lacks(program: str):
    assert VALUES[program]["logGroomerSidecar"] == {"enabled": False}
    assert VALUES["workers"]["celery"]["logGroomerSidecar"] == {"enabled": False}


def test_a_worker_has_the_time_that_drains_need_to_leave():
    compose = yaml.safe_load(Path(CHECKOUT, "docker-compose.yml").read_text())
    grace = VALUES["workers"]["celery"]["terminationGracePeriodSeconds"]
    assert f"{grace}s" == compose["x-worker"]["stop_grace_period"]
