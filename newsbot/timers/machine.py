"""crontab(1), systemctl(1) and loginctl(1), asked and told. All of them speak to the user's own crontab and manager."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from newsbot.errors import ConfigError, NewsbotError
from newsbot.timers import units

_CURE = "Mend that, and call this again."
_SECONDS = 60.0  # after which a program that should answer at once is given up


def read_crontab() -> bytes:
    """The user's crontab, to the letter; empty where there is none. Raises NewsbotError where that is not known."""
    done = _run("crontab", "-l")
    if done.returncode == 0:
        return done.stdout
    if b"no crontab for" in done.stderr:
        return b""
    raise NewsbotError(
        f"the crontab cannot be read, and nothing was written: `crontab -l` says: {_said(done)}. {_CURE}"
    )


def write_crontab(text: bytes) -> None:
    """Put this in place of the user's crontab. Raises NewsbotError where cron does not take it, as it is."""
    done = _run("crontab", "-", stdin=text)
    if done.returncode != 0:
        raise NewsbotError(f"the crontab was not written, and is as it was: `crontab -` says: {_said(done)}. {_CURE}")
    if read_crontab() != text:
        raise NewsbotError("cron holds another crontab than the one it was given: look at it with `crontab -l`.")


def units_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's own units are."""
    return Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def read_units() -> dict[str, str]:
    """File name -> text of those of newsbot's units that are there. Raises NewsbotError for one that cannot be read,
    ConfigError for one of that name that newsbot has not written."""
    found: dict[str, str] = {}
    for name in units.NAMES:
        path = units_folder() / name
        try:
            found[name] = path.read_text("utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise NewsbotError(f"{path}: cannot be read: {error}. {_CURE}") from error
        if units.home_of(found[name]) is None:
            raise ConfigError(f"{path}: is not newsbot's own, and is left as it is. Move it away, and try again.")
    return found


def write_units(texts: Mapping[str, str]) -> None:
    """Write units, for their user's eyes alone: there may be passwords in them. Raises NewsbotError."""
    folder = units_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            draft = folder / f".{name}.new"
            draft.touch(0o600)
            draft.write_text(text, "utf-8")
            draft.replace(folder / name)
    except OSError as error:
        raise NewsbotError(f"{error.filename or folder}: cannot be written: {error.strerror}. {_CURE}") from error


def delete_units(names: list[str]) -> None:
    """Delete units. Raises NewsbotError."""
    for name in names:
        path = units_folder() / name
        try:
            path.unlink()
        except OSError as error:
            raise NewsbotError(f"{path}: cannot be deleted: {error.strerror}. {_CURE}") from error


def systemctl(*words: str) -> str:
    """Tell the user's service manager something; gives what it says. Raises NewsbotError with what is wrong."""
    done = _run("systemctl", "--user", *words)
    if done.returncode != 0:
        raise NewsbotError(f"`systemctl --user {' '.join(words)}` says: {_said(done)}. {_CURE}")
    return done.stdout.decode(errors="replace")


def lingers() -> bool:
    """Whether the user's timers run while the user is not logged in; False where nobody can tell."""
    try:
        done = _run("loginctl", "show-user", getpass.getuser(), "--property=Linger", "--value")
    except (NewsbotError, OSError, KeyError):
        return False
    return done.stdout.strip() == b"yes"


def _run(*command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - the words are ours
            command, input=stdin, capture_output=True, check=False, timeout=_SECONDS, env=os.environ | {"LC_ALL": "C"}
        )
    except FileNotFoundError as error:
        cures = {"crontab": "Install cron, or take --systemd.", "systemctl": "Take cron: leave --systemd out."}
        raise NewsbotError(
            f"there is no {command[0]} on this machine. {cures.get(command[0], 'Install it.')}"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NewsbotError(f"{' '.join(command)}: {error}. {_CURE}") from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """What a program that failed has said, in one line."""
    told = " ".join((done.stderr or done.stdout).decode(errors="replace").split())
    return told or f"nothing, and ends with {done.returncode}"
