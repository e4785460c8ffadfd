"""Tells people: a ping that says that newsbot lives, a webhook, e-mail. Each within a bound of time, whatever the other
side does; no message of an error names more of an address than its host, for the rest of it is often the secret."""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from threading import Thread
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from newsbot.config import Settings
from newsbot.errors import NewsbotError
from newsbot.health import Incident

WAIT = 10.0
"""Seconds that the other side may be silent."""
LONGEST = 30.0
"""Seconds that telling may take in all."""
_SHOWN = 20  # incidents that a subject's text lists


class NotSent(NewsbotError):
    """Somebody could not be told."""


class Channel(Protocol):
    """A way of notifying."""

    name: str

    def send(self, begun: Sequence[Incident], over: Sequence[Incident]) -> None:
        """Tell what began and what is over, in one message. Raises NotSent."""


def channels(settings: Settings) -> Iterator[Channel]:
    """Those that are set up."""
    if settings.webhook_url:
        yield Webhook(settings)
    if settings.mail_to:
        yield Mail(settings)


def ping(settings: Settings) -> None:
    """Give the sign of life. Raises NotSent."""
    _within(lambda: _fetch(Request(settings.ping_url, headers=_headers(settings))), "ping_url", settings.ping_url)  # noqa: S310


class Webhook:
    """A POST of JSON: `text` is what a chat shows; `begun` and `over` have the incidents, whole."""

    name = "webhook"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, begun: Sequence[Incident], over: Sequence[Incident]) -> None:
        """See Channel."""
        said = {
            "text": f"{subject(begun, over)}\n\n{body(begun, over)}",
            "host": socket.gethostname(),
            "begun": [_plain(each) for each in begun],
            "over": [_plain(each) for each in over],
        }
        headers = _headers(self._settings) | {"Content-Type": "application/json"}
        request = Request(self._settings.webhook_url, json.dumps(said).encode(), headers, method="POST")  # noqa: S310
        _within(lambda: _fetch(request), "webhook_url", self._settings.webhook_url)


class Mail:
    """An e-mail through the SMTP server of `smtp_url`. A password goes there through TLS only."""

    name = "mail"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, begun: Sequence[Incident], over: Sequence[Incident]) -> None:
        """See Channel."""
        message = EmailMessage()
        sender = self._settings.mail_from or f"newsbot@{socket.gethostname()}"
        message["From"] = sender
        message["To"] = ", ".join(self._settings.mail_to)
        message["Subject"] = subject(begun, over)
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid("newsbot", domain=sender.rpartition("@")[2].rstrip(">"))
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(body(begun, over))
        url = self._settings.smtp_url
        _within(lambda: _deliver(url, message), "smtp_url", url)


def subject(begun: Sequence[Incident], over: Sequence[Incident]) -> str:
    """One line that says what began and what is over."""
    parts = []
    for word, incidents in (("", begun), ("over: ", over)):
        if incidents:
            first = f"{incidents[0].site or 'newsbot'}: {incidents[0].kind}"
            parts.append(word + first + (f" and {len(incidents) - 1} more" if len(incidents) > 1 else ""))
    return "newsbot: " + "; ".join(parts)


def body(begun: Sequence[Incident], over: Sequence[Incident]) -> str:
    """All of it in plain text."""
    lines: list[str] = []
    for incident in begun[:_SHOWN]:
        lines += [
            f"{incident.level.upper()}  {incident.site or 'this installation'}: {incident.kind}",
            f"  since {incident.since:%Y-%m-%d %H:%M} UTC: {incident.evidence}",
            f"  {incident.advice}",
            "",
        ]
    for incident in over[:_SHOWN]:
        until = f"{incident.until:%Y-%m-%d %H:%M} UTC" if incident.until else "now"
        since = f"{incident.since:%Y-%m-%d %H:%M}"
        lines.append(f"OVER  {incident.site or 'this installation'}: {incident.kind}, from {since} to {until}")
    left = max(0, len(begun) - _SHOWN) + max(0, len(over) - _SHOWN)
    if left:
        lines.append(f"and {left} more")
    return "\n".join([*lines, "", "`newsbot health` shows how it stands."])


def _plain(incident: Incident) -> dict[str, Any]:
    values = asdict(incident)
    wanted = ("kind", "site", "level", "since", "until", "evidence", "advice")
    return {name: v.isoformat() if hasattr(v := values[name], "isoformat") else v for name in wanted}


def _headers(settings: Settings) -> dict[str, str]:
    return {"User-Agent": settings.user_agent}


def _fetch(request: Request) -> None:
    with urlopen(request, timeout=WAIT) as answer:  # noqa: S310 - the setting takes http and https only
        answer.read(1000)


def _deliver(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=WAIT, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or (587 if parts.username else 25), timeout=WAIT)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif parts.scheme == "smtp" and parts.username:
            raise smtplib.SMTPNotSupportedError("it offers no STARTTLS, and a password is not sent in the clear")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _within(do: Callable[[], None], setting: str, url: str) -> None:
    """Do it in a thread of its own: each read has a timeout, but a server that sends a byte now and then has as many
    of them as it likes. Raises NotSent."""
    failed: list[Exception] = []

    def doing() -> None:
        try:
            do()
        except Exception as error:  # of whatever kind: who was not told must not count as told
            failed.append(error)

    thread = Thread(target=doing, daemon=True)
    thread.start()
    thread.join(LONGEST)
    where = f"{setting}: {urlsplit(url).hostname}"
    if thread.is_alive():
        raise NotSent(f"{where} has not answered within {LONGEST:.0f} seconds; it is told again next time")
    if failed:
        raise NotSent(f"{where} could not be told: {_words(failed[0])}; next time it is tried again") from failed[0]


def _words(error: Exception) -> str:
    """What went wrong, on one line, without the address: smtplib's errors hold the server's bytes."""
    code = getattr(error, "smtp_code", None) or getattr(error, "code", None)
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    if code:
        return f"it answers {code}"
    said = str(reason) if reason else str(error) or type(error).__name__
    return " ".join(said.split())[:200]
