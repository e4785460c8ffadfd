"""A machine that has cron and systemd, or seems to: programs of these names that keep a crontab in a file and write
down what they are told."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.running import Ended, Home

_CRONTAB = """#!/bin/sh
table="$FAKE/crontab"
[ -e "$FAKE/crontab.says" ] && { cat "$FAKE/crontab.says" >&2; exit 1; }
case "$1" in
-l) [ -e "$table" ] || { echo "no crontab for someone" >&2; exit 1; }; cat "$table" ;;
-) cat >"$table.new"; [ -e "$FAKE/refuses" ] && { echo "bad minute" >&2; exit 1; }; mv "$table.new" "$table" ;;
*) exit 2 ;;
esac
"""
_SYSTEMCTL = """#!/bin/sh
echo "$*" >>"$FAKE/told"
[ -e "$FAKE/systemctl.says" ] && { cat "$FAKE/systemctl.says" >&2; exit 1; }
case "$*" in *" show "*) echo ActiveState=active; echo "NextElapseUSecRealtime=Tue 2026-11-24 10:05:00 UTC" ;; esac
"""
_LOGINCTL = """#!/bin/sh
cat "$FAKE/linger"
"""


@dataclass(frozen=True)
class Machine:
    """The programs, their folder, and a home of newsbot's on it."""

    folder: Path
    home: Home

    @classmethod
    def made(cls, folder: Path, home: Path) -> Machine:
        folder.mkdir()
        for name, text in {"crontab": _CRONTAB, "systemctl": _SYSTEMCTL, "loginctl": _LOGINCTL}.items():
            program = folder / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(text)
            program.chmod(0o755)
        (folder / "linger").write_text("no\n")
        environment = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "FAKE": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        return cls(folder, Home(home, environment))

    def cron(self, *arguments: str, **environment: str) -> Ended:
        """`newsbot cron ...`"""
        return self.home.newsbot("cron", *arguments, stdin=b"", **environment)

    def says(self, program: str, what: str) -> None:
        """From now on this program fails, and says so."""
        (self.folder / f"{program}.says").write_text(what)

    @property
    def crontab(self) -> Path:
        return self.folder / "crontab"

    @property
    def units(self) -> Path:
        return self.folder / "config" / "systemd" / "user"

    @property
    def told(self) -> list[str]:
        """What systemctl was told."""
        path = self.folder / "told"
        return path.read_text().splitlines() if path.exists() else []
