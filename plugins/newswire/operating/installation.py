"""One installation of Newswire, embedded or not: where its databases, archive and secrets are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit, urlunsplit

from newswire.errors import ConfigError
from newswire.runtime.databases import OWNER
from newswire.runtime.home import Home
from newswire.runtime.system import environment

_AIRFLOWS_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What its programs are told (`env`); an embedded one has a home too."""

    env: Mapping[str, str] = field(repr=False)
    home: Home | None = None

    @classmethod
    def embedded(cls, home: Home) -> Site:
        """The system of a home; raises RuntimeTrouble where it was never up."""
        return cls(env=environment(home), home=home)

    @property
    def warehouse(self) -> str:
        """The warehouse's address as the pipeline enters it."""
        return self.required("NEWSWIRE_WAREHOUSE")

    @property
    def owner(self) -> str:
        """The same as its owner."""
        if self.home:
            return _as_role(self.warehouse, OWNER, self.home.secret(OWNER))
        if self.env.get("NEWSWIRE_OWNER"):
            return self.env["NEWSWIRE_OWNER"]
        return _as_role(self.warehouse, OWNER, self.required("NEWSWIRE_OWNER_PASSWORD"))

    @property
    def airflow(self) -> str:
        """The address of Airflow's own database, as libpq reads it."""
        parts = urlsplit(self.required(_AIRFLOWS_DATABASE))
        return urlunsplit(parts._replace(scheme="postgresql"))

    @property
    def archive(self) -> str:
        return self.required("NEWSWIRE_ARCHIVE")

    def required(self, name: str) -> str:
        """A variable that must be there. Raises ConfigError."""
        if not self.env.get(name):
            raise ConfigError(
                f"{name} is not set; in a container it comes with `docker compose run`, see docs/operations.md"
            )
        return self.env[name]


def _as_role(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{place}"))
