"""Builds the virtual environment of this checkout, once: `python3 setup/install.py [--dev]`.

Standard library only and old syntax: any Python from 3.7 on can run it, find one that Newswire supports, and say what
is missing. Done before (the stamp says so), it returns at once.
"""

# ruff: noqa: INP001, S603 - a script, no package; it runs the programs that it names itself

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
STATE = Path(os.environ.get("NEWSWIRE_HOME") or CHECKOUT / ".newswire").absolute()
VENV = STATE / "venv"
PYTHON = VENV / "bin" / "python"
LOG = STATE / "setup.log"

SUPPORTED = ("3.11", "3.12", "3.13")
WHEELS = ("--only-binary", ":all:")  # nothing is compiled here: every pin has a wheel for the systems we name
NEEDED_MB = 1500  # the environment takes 500 MB, the installer's cache as much again while it unpacks
LAYERS = {
    "run": ("requirements.txt", "requirements-setup.txt"),
    "dev": ("requirements-dev.txt",),
    "checkout": ("pyproject.toml",),
}

# A machine's settings for installers may say where the registry is, not what is installed or where to.
FOREIGN_SETTINGS = re.compile(
    r"PYTHONPATH|PYTHONHOME|PYTHONDONTWRITEBYTECODE|VIRTUAL_ENV"
    r"|PIP_(TARGET|PREFIX|ROOT|PRE|NO_BINARY|REQUIREMENT|DRY_RUN|NO_COMPILE|PYTHON)"
    r"|UV_(CONSTRAINT|OVERRIDE|BUILD_CONSTRAINT|EXCLUDE_NEWER|NO_BINARY|NO_BINARY_PACKAGE|PRERELEASE|PYTHON|SYSTEM_PYTHON"
    r"|PROJECT_ENVIRONMENT|RESOLUTION|REQUIRE_HASHES|NO_BUILD_ISOLATION)"
)

UNREACHABLE = (
    "Name or service not known|Temporary failure in name resolution|nodename nor servname|dns error|timed out|from versions: none"
    "|Connection refused|Network is unreachable|Failed to establish a new connection|tcp connect error"
)
CAUSES = (
    (r"No space left on device|Disk quota exceeded", "The disk is full. Free about 1.5 GB and run the command again."),
    (UNREACHABLE, "The package registry cannot be reached. Check the network; behind a mirror or proxy set PIP_INDEX_URL or HTTPS_PROXY."),
    (r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate", "The registry's certificate is not trusted here: set PIP_CERT to your authorities' file."),
    (r"HASHES|[Hh]ash mismatch", "A package is not the one that was pinned. If a mirror serves your packages, it may have changed them."),
    (r"no wheels with a matching|[Nn]o matching distribution", "A pinned package has no build for this machine (system, processor or Python)."),
    (r"Permission denied", "A file or folder may not be written: does it belong to another user?"),
)  # fmt: skip


class SetupTrouble(Exception):
    """The environment cannot be built; the message says what to do."""


def main() -> int:
    """Brings the environment up to date; 0 when it is."""
    try:
        install(dev="--dev" in sys.argv[1:])
    except (SetupTrouble, OSError) as trouble:
        print(f"\nset-up failed: {trouble}", file=sys.stderr)
        return 1
    return 0


def install(dev: bool) -> None:  # noqa: FBT001
    """What runs first; then what tests and checks need, if asked for; this checkout itself last."""
    wanted = ["run", "dev", "checkout"] if dev else ["run", "checkout"]
    if all(map(is_done, wanted)):
        return
    with only_one():
        for layer in wanted:
            if not is_done(layer):
                INSTALL[layer]()
                stamp(layer).write_text(digest(layer))


def build_environment() -> None:
    """A fresh environment with the packages that Newswire runs on."""
    check_space()
    python = find_python()
    with step("environment, Python " + version_of(python)):
        shutil.rmtree(VENV, ignore_errors=True)
        run([python, "-m", "venv", str(VENV)])
    with step("installer"):
        run([*pip(), *WHEELS, "--require-hashes", "-r", str(installer_pin())])
    add_packages("packages", LAYERS["run"])


def add_tools() -> None:
    add_packages("test and check tools", LAYERS["dev"])


def add_packages(title: str, files: tuple[str, ...]) -> None:
    requirements = [word for name in files for word in ("-r", str(CHECKOUT / name))]
    options = [*WHEELS, "--require-hashes", *requirements]
    with step(title):
        uv_or_pip(["--compile-bytecode", *options], options)


def add_checkout() -> None:
    """Editable: the command line and Airflow's plugins folder are the same files."""
    options = ["--no-deps", "--no-build-isolation", "-e", str(CHECKOUT)]
    with step("Newswire, editable"):
        uv_or_pip(options, options)


INSTALL = {"run": build_environment, "dev": add_tools, "checkout": add_checkout}


def uv_or_pip(uv_options: list[str], pip_options: list[str]) -> None:
    """With uv: it is five times faster. With pip: it knows the machine's mirror when only pip was told of one."""
    try:
        run(
            [
                str(VENV / "bin" / "uv"),
                "pip",
                "install",
                "--python",
                str(PYTHON),
                "--no-progress",
                "--system-certs",
                *uv_options,
            ]
        )
    except SetupTrouble as trouble:
        print(f"\n  uv cannot: {trouble} Trying pip, it takes about a minute.\n{'':36}", end="", flush=True)
        run([*pip(), *pip_options])


def pip() -> list[str]:
    return [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]


def installer_pin() -> Path:
    """The lines of uv in the set-up's pins, as a file of their own: pip installs the installer, uv the rest."""
    pins = (CHECKOUT / "requirements-setup.txt").read_text()
    found = re.search(r"^uv==([^\\\n]*\\\n)*[^\\\n]*", pins, re.MULTILINE)
    if found is None:
        raise SetupTrouble("requirements-setup.txt does not pin uv: run `make pins`.")
    file = VENV / "installer.txt"
    file.write_text(found.group() + "\n")
    return file


# Which Python


def find_python() -> str:
    """The path of a supported Python that can make environments: NEWSWIRE_PYTHON, this one, or one on the path."""
    wanted = os.environ.get("NEWSWIRE_PYTHON")
    if wanted:
        problem = python_problem(wanted)
        if problem:
            raise SetupTrouble(f"NEWSWIRE_PYTHON={wanted} cannot be used: {problem}")
        return wanted
    problems = []
    for candidate in python_candidates():
        problem = python_problem(candidate)
        if not problem:
            return candidate
        problems.append(f"  {candidate}: {problem}")
    looked_at = "\n".join(problems)
    raise SetupTrouble(
        f"Newswire needs Python {SUPPORTED[0]} to {SUPPORTED[-1]}. Install one, or set NEWSWIRE_PYTHON to its path. "
        f"Looked at:\n{looked_at}"
    )


def python_candidates() -> list[str]:
    names = ["python" + version for version in SUPPORTED]
    on_path = [path for path in map(shutil.which, names) if path]
    with_pyenv = sorted(str(path) for path in Path.home().glob(".pyenv/versions/3.1[123]*/bin/python3"))
    return list(dict.fromkeys([sys.executable, *on_path, *with_pyenv]))


def python_problem(python: str) -> str | None:
    """Why this Python cannot be used; None when it can."""
    try:
        version = version_of(python)
    except (OSError, subprocess.SubprocessError):
        return "it does not run"
    if version not in SUPPORTED:
        return "it is Python " + version
    if subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True, env=clean_env()).returncode:  # noqa: PLW1510
        return f"it has no venv module (Debian and Ubuntu: apt-get install python{version}-venv)"
    return None


def version_of(python: str) -> str:
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run(
        [python, "-c", probe], capture_output=True, text=True, check=True, env=clean_env()
    ).stdout.strip()


# Stamps, locks, space


def is_done(layer: str) -> bool:
    try:
        return stamp(layer).read_text() == digest(layer) and PYTHON.exists()
    except OSError:
        return False


def stamp(layer: str) -> Path:
    return VENV / f"newswire-{layer}.stamp"


def digest(layer: str) -> str:
    """Of all that decides what the layer is, and of the place: an environment cannot be moved."""
    seen = hashlib.sha256(str(VENV).encode())
    for name in LAYERS[layer]:
        seen.update((CHECKOUT / name).read_bytes())
    return seen.hexdigest()


@contextlib.contextmanager
def only_one():  # noqa: ANN201 - the type's home moved between the Pythons that run this
    """Waits while another set-up of this checkout runs."""
    STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    with open(STATE / "setup.lock", "w") as lock:  # noqa: PTH123
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_space() -> None:
    free_mb = shutil.disk_usage(STATE).free // 2**20
    if free_mb < NEEDED_MB:
        raise SetupTrouble(
            f"only {free_mb} MB are free under {STATE}, {NEEDED_MB} are needed. "
            "Free some, or set NEWSWIRE_HOME to a folder elsewhere."
        )


# Running, and saying what happens


@contextlib.contextmanager
def step(title: str):  # noqa: ANN201
    """One line: what is done, then how long it took."""
    print(f"  {title:<34}", end="", flush=True)
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:6.1f} s", flush=True)


def run(command: list[str]) -> None:
    """Runs a step of the set-up; its output goes to the log, its failure becomes a sentence."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean_env(), cwd=str(CHECKOUT))  # noqa: PLW1510  # fmt: skip
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        raise SetupTrouble(explain(done.stdout))


def explain(output: str) -> str:
    for pattern, advice in CAUSES:
        if re.search(pattern, output):
            return advice
    last = output.strip().splitlines()[-3:]
    return "\n".join([*last, f"  (all of it: {LOG})"])


def clean_env() -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not FOREIGN_SETTINGS.fullmatch(name)}
    # Not empty: pip ignores an empty value and would take the constraint of its configuration file.
    env.update(PIP_CONSTRAINT=os.devnull, PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0", PYTHONNOUSERSITE="1")
    if not has_cache_home():
        env.setdefault("UV_CACHE_DIR", str(STATE / "cache" / "uv"))
        env.setdefault("PIP_CACHE_DIR", str(STATE / "cache" / "pip"))
    return env


def has_cache_home() -> bool:
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME")
    return bool(home) and os.access(str(home), os.W_OK)


if __name__ == "__main__":
    sys.exit(main())
