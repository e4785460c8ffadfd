"""How it is served: where, to whom, with what bounds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address

from newsbot.errors import ConfigError

SHORTEST_TOKEN = 16
"""Characters: what is shorter could be guessed."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Serving:
    """`host` is the address to listen at, `token` what visitors have to bring, empty for nobody has to. `names` are the
    hosts' names under which it is visited besides those of loopback: a reverse proxy's. `images`: pictures of stories
    are loaded, from wherever their sites keep them, and not only named.

    Raises ConfigError for an address that others reach without a token, and for a token that is short.
    """

    host: str = "127.0.0.1"
    token: str = ""
    names: Collection[str] = ()
    images: bool = False

    def __post_init__(self) -> None:
        if not self.token and not self.is_loopback:
            raise ConfigError(
                f"{self.host} is reached from other machines, so visitors need a token: set serve_token, or give "
                "--token: a secret of your own, such as `openssl rand -hex 16` prints."
            )
        fit = len(self.token) >= SHORTEST_TOKEN and self.token.isascii() and self.token.isprintable()
        if self.token and not fit:
            raise ConfigError(
                f"the token needs at least {SHORTEST_TOKEN} characters, letters and digits and such: what is shorter "
                "can be guessed. Take what `openssl rand -hex 16` prints."
            )

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine reaches it."""
        try:
            return self.host == "localhost" or ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    def admits(self, name: str) -> bool:
        """Whether a request may call this server by that name (a Host header's, without the port).

        Who needs no token has to call it by a name of its own: else a page of a stranger's, whose name is suddenly
        that of 127.0.0.1 (DNS rebinding), could read all of it.
        """
        known = {*LOOPBACK, self.host.strip("[]"), *self.names}
        return bool(self.token and not self.is_loopback) or name.lower() in {each.lower() for each in known}
