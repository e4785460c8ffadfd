"""Is the page a story at all? If not, what it is instead."""

from __future__ import annotations

import re

from newsbot.items import Verdict

_CHALLENGE = re.compile(
    r"just a moment|checking your browser|verify (?:that )?you are (?:a )?human|are you a robot|attention required|"
    r"access denied|enable javascript and cookies|unusual traffic|captcha",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"before you continue|we value your privacy|your privacy choices|cookie consent|accept (?:all )?cookies|"
    r"zustimmung|mit werbung weiterlesen|datenschutzeinstellungen|gérer les cookies|paramètres de confidentialité|"
    r"privacyinstellingen|configuración de privacidad|impostazioni (?:sulla )?privacy",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"\b404\b|page not found|not found|no longer available|seite (?:wurde )?nicht gefunden|page introuvable|"
    r"página no encontrada|pagina non trovata|pagina niet gevonden|страница не найдена|ページが見つかりません|"
    r"sidan (?:kunde )?inte hittas|siden ble ikke funnet|nie znaleziono strony|页面不存在|找不到页面",
    re.IGNORECASE,
)
LEAST = 120  # characters below which a page says too little to be a story, unless it declares itself one
_SHORT = 1200


def judge(title: str, text: str, links: int, *, declared: bool) -> Verdict:
    """The verdict on a page: its title, the text that was taken for the body, how many links its body has beside it,
    and whether its metadata declare an article."""
    if len(text) < _SHORT and not declared:
        if _CHALLENGE.search(title) or _CHALLENGE.search(text[:400]):
            return Verdict.CHALLENGE
        if _GONE.search(title):
            return Verdict.SOFT_404
        if _CONSENT.search(title) or _CONSENT.search(text[:400]):
            return Verdict.CONSENT
    if not text.strip() or (len(text) < LEAST and not declared):
        return Verdict.INDEX if links > 30 else Verdict.EMPTY
    return Verdict.STORY
