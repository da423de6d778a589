"""Is the machine as Newswire needs it: Python, packages, secrets, files of config/, the archive and its disk?"""

from __future__ import annotations

import base64
import importlib.metadata
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from packaging.requirements import InvalidRequirement, Requirement

from newswire.archive import Archive
from newswire.errors import NewswireError
from newswire.operating.trouble import NotAsked, Patient, Trouble
from newswire.settings import CHECKOUT, Settings
from newswire.steps import feed_files, retain, topic_files

PYTHONS = ((3, 11), (3, 13))  # pyproject.toml: requires-python
LITTLE_MB, TOO_LITTLE_MB = 2000, 300  # a day of some thousand pages is about 200 MB of archive and rows
KEY_LENGTH = 32  # bytes of a Fernet key (its specification), and the least that HMAC-SHA-256 should have (RFC 2104, 3)
SHORTEST_PASSWORD = 12

# What examples, other projects' compose files and people in a hurry use.
DEFAULTS = frozenset(
    {"admin", "airflow", "password", "postgres", "redis", "secret", "changeme", "change_me", "newswire", "test"}
)

_KEYS = ("AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
_FERNET = "AIRFLOW__CORE__FERNET_KEY"


def python(_: Patient) -> Iterator[Trouble]:
    oldest, newest = PYTHONS
    if not oldest <= sys.version_info[:2] <= newest:
        yield Trouble(
            problem=f"this is Python {sys.version_info.major}.{sys.version_info.minor}",
            mend=f"use {_dotted(oldest)} to {_dotted(newest)}: set NEWSWIRE_PYTHON to one and run `make up`",
        )


def packages(_: Patient) -> Iterator[Trouble]:
    pins = CHECKOUT / "requirements.txt"
    if not pins.exists():
        raise NotAsked("the pins are not in this image; it was built from them")
    found = {one.metadata["Name"]: one.version for one in importlib.metadata.distributions() if one.metadata["Name"]}
    wrong = list(unmet(pins.read_text(), found))
    if wrong:
        yield Trouble(
            problem=f"packages are not those of requirements.txt: {', '.join(wrong[:8])}{' ...' if wrong[8:] else ''}",
            mend="`make up` installs the pinned ones",
        )


def unmet(pins: str, found: Mapping[str, str]) -> Iterator[str]:
    """The pins of a requirements file that what is installed does not meet."""
    installed = {_normal(name): version for name, version in found.items()}
    for wanted in _requirements(pins):
        version = installed.get(_normal(wanted.name))
        if version is None:
            yield f"{wanted.name} is missing"
        elif not wanted.specifier.contains(version, prereleases=True):
            yield f"{wanted.name} {version} instead of {wanted.specifier}"


def secrets(patient: Patient) -> Iterator[Trouble]:
    env = patient.site.env
    for name in _KEYS:
        if len(env.get(name, "")) < KEY_LENGTH:
            yield Trouble(problem=f"{name} is empty or short", mend=_new_secret(patient, "keys"))
    for key in env.get(_FERNET, "").split(","):
        if not _is_fernet_key(key):
            yield Trouble(problem="the Fernet key is empty or no such key", mend=_new_secret(patient, "fernet"))
    for place, password in _passwords(patient):
        if is_weak(password):
            yield Trouble(
                problem=f"the password {place} is empty, short or a usual one", mend=_new_secret(patient, "databases")
            )


def is_weak(password: str) -> bool:
    """Empty, short, or one that people try first."""
    return len(password) < SHORTEST_PASSWORD or password.lower() in DEFAULTS


def secret_files(patient: Patient) -> Iterator[Trouble]:
    if patient.site.home is None:
        raise NotAsked("secrets come by the environment here")
    for file in sorted(patient.site.home.secrets.iterdir()):
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Trouble(problem=f"{file} can be read by others", mend=f"chmod 600 {file}, then `newswire rotate all`")
        if not file.stat().st_size:
            yield Trouble(
                problem=f"{file} is empty", mend="remove it and run `newswire stop`, `newswire up`: it is made anew"
            )


def settings(patient: Patient) -> Iterator[Trouble]:
    try:
        Settings.from_env(patient.site.env)
    except NewswireError as error:
        yield Trouble(problem=str(error), mend="mend it where Newswire is started from, and start it again")


def topics(patient: Patient) -> Iterator[Trouble]:
    folder = _config(patient) / "topics"
    if not folder.is_dir():
        yield Trouble(problem=f"{folder} is not there", mend="set NEWSWIRE_CONFIG to the folder that has topics/")
        return
    for path in sorted(folder.glob("*.yaml")):
        try:
            topic_files.check(path)
        except NewswireError as error:
            yield Trouble(
                problem=str(error), mend=f"`newswire topics check {path}`; the last good version stays in force"
            )


def retention(patient: Patient) -> Iterator[Trouble]:
    try:
        retain.rules(_config(patient))
    except NewswireError as error:
        yield Trouble(problem=str(error), mend=f"mend {_config(patient) / retain.FILE}; until then nothing is let go")


def feed_file(patient: Patient) -> Iterator[Trouble]:
    path = _config(patient) / feed_files.AT_START
    if not path.exists():
        raise NotAsked(f"there is no {path}")
    try:
        found = feed_files.read(path)
    except NewswireError as error:
        yield Trouble(
            problem=str(error), mend="export it again, or remove it: `newswire feeds import` names wrong lines"
        )
        return
    for problem in found.problems[:5]:
        yield Trouble(problem=problem, mend="mend that line; the others are used", severity="warning")


def archive(patient: Patient) -> Iterator[Trouble]:
    place = patient.site.archive
    try:
        Archive(place).probe(uuid4().hex)
    except (OSError, NewswireError) as error:
        yield Trouble(
            problem=f"the archive {place} cannot be written: {error}",
            mend="give the folder to the user that runs Newswire, or mend NEWSWIRE_ARCHIVE and its credentials",
        )


def disk(patient: Patient) -> Iterator[Trouble]:
    places = [Path(patient.site.archive.removeprefix("file://"))]
    if patient.site.home:
        places.append(patient.site.home.postgres.resolve())
    for place in places:
        if place.is_dir():
            yield from low(place, free_mb=shutil.disk_usage(place).free // 2**20)


def low(place: Path, *, free_mb: int) -> Iterator[Trouble]:
    """Whether so little is left there that somebody must do something."""
    if free_mb < LITTLE_MB:
        yield Trouble(
            problem=f"{free_mb} MB are free under {place}",
            mend="docs/operations.md, The disk is full",
            severity="error" if free_mb < TOO_LITTLE_MB else "warning",
        )


def _config(patient: Patient) -> Path:
    return Path(patient.site.env.get("NEWSWIRE_CONFIG") or CHECKOUT / "config")


def _passwords(patient: Patient) -> Iterator[tuple[str, str]]:
    doors = {
        "of the warehouse's writer": patient.site.env.get("NEWSWIRE_WAREHOUSE"),
        "of Airflow's database": patient.site.env.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"),
        "of Redis": patient.site.env.get("AIRFLOW__CELERY__BROKER_URL"),
    }
    for place, url in doors.items():
        if url:
            yield place, unquote(urlsplit(url).password or "")


def _new_secret(patient: Patient, kind: str) -> str:
    if patient.site.home:
        return f"`newswire rotate {kind}`"
    return "docs/containers.md, Change the secrets"


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == KEY_LENGTH
    except ValueError:
        return False


def _requirements(pins: str) -> Iterator[Requirement]:
    for line in pins.splitlines():
        text = line.split(" \\")[0].strip()
        if "==" not in text or text.startswith(("#", "--")):
            continue
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        if wanted.marker is None or wanted.marker.evaluate():
            yield wanted


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
