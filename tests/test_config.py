"""Settings: their defaults, what the file says, what the environment says, and what is wrong with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from newsbot import __version__
from newsbot.config import FILE, Settings, default_home, load, unknown_variables
from newsbot.errors import ConfigError
from tests.running import Home

KEYS = set(Settings.model_fields) - {"home"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, in an environment that says nothing else of newsbot."""
    for name in [name for name in os.environ if name.upper().startswith("NEWSBOT_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("NEWSBOT_HOME", str(folder))
    return folder


def written(home: Path, text: str) -> None:
    (home / FILE).write_text(text, "utf-8")


def test_without_a_word_everything_has_its_default(home: Path) -> None:
    settings = load()
    assert settings.home == home
    assert settings.database == f"sqlite:///{home}/newsbot.db"
    assert settings.sites_folder == home / "sites"
    assert settings.log_file == home / "log" / "newsbot.log"
    assert settings.locks_folder == home / "locks"
    assert (settings.delay, settings.timeout, settings.retries) == (1.0, 30.0, 2)
    assert settings.catalogue
    assert list(home.iterdir()) == [], "asking for the settings makes nothing"


def test_a_home_that_is_not_there_yet_is_no_fault(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBOT_HOME", str(home / "later"))
    assert load().home == home / "later"


def test_the_home_is_a_whole_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSBOT_HOME", "here")
    assert default_home() == load().home == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path / "ida"))
    monkeypatch.setenv("NEWSBOT_HOME", "~/news")
    assert default_home() == load().home == tmp_path / "ida" / "news"
    monkeypatch.setenv("NEWSBOT_HOME", "")
    assert default_home() == load().home == tmp_path / "ida" / ".newsbot"
    monkeypatch.delenv("NEWSBOT_HOME")
    assert default_home() == load().home == tmp_path / "ida" / ".newsbot"


def test_a_home_of_nobody_is_said_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBOT_HOME", "~no-such-user-here/news")
    with pytest.raises(ConfigError, match=r"~no-such-user-here/news.*Set NEWSBOT_HOME"):
        load()


def test_the_file_is_read_and_the_environment_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(home, 'delay = 5\ncontact = "mail@a.example"\ncatalogue = false\n')
    monkeypatch.setenv("NEWSBOT_DELAY", "0.5")
    monkeypatch.setenv("NEWSBOT_CONTACT", "")  # says nothing
    settings = load()
    assert (settings.delay, settings.contact, settings.catalogue) == (0.5, "mail@a.example", False)
    assert settings.user_agent == f"newsbot/{__version__} (+mail@a.example)"


def test_every_setting_can_be_said_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "database_url": "postgresql://db.example/news",
        "contact": "https://a.example/bot",
        "catalogue": "false",
        "delay": "2.5",
        "timeout": "9",
        "retries": "0",
        "sites_at_once": "3",
        "visit_seconds": "90",
        "stories_per_visit": "7",
        "workers": "1",
        "page_bytes": "20000",
        "page_seconds": "4",
        "log_bytes": "30000",
        "log_level": "DEBUG",
    }
    assert set(said) <= KEYS
    for key, value in said.items():
        monkeypatch.setenv(f"NEWSBOT_{key.upper()}", value)
    settings = load()
    for key in said:
        assert getattr(settings, key) != Settings.model_fields[key].get_default(call_default_factory=True), key
    assert settings.database == "postgresql://db.example/news"


def test_user_agents_say_that_a_contact_is_missing() -> None:
    assert "NEWSBOT_CONTACT" in load().user_agent


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("delay = -1", "delay: Input should be greater than or equal to 0, got -1"),
        ('delay = "slow"', "delay: .*got 'slow'"),
        ("delay = nan", "delay: "),
        ("timeout = 0", "timeout: Input should be greater than 0"),
        ('log_level = "LOUD"', "log_level: .*'LOUD'"),
        ("page_bytes = 1", "page_bytes: "),
        ("sites_at_once = 0", "sites_at_once: "),
        ("retries = 1.5", "retries: "),
        ("dellay = 1", "unknown key 'dellay'. Correct it, .* Known keys: .*delay"),
        ('home = "/elsewhere"', "unknown key 'home'"),
        ("[delay]", "delay: "),
        ("delay = ", "cannot be read as TOML"),
        ("delay = 1\ndelay = 2", "cannot be read as TOML"),
    ],
)
def test_a_fault_in_the_file_is_said_with_file_key_and_cure(home: Path, line: str, told: str) -> None:
    written(home, line)
    with pytest.raises(ConfigError, match=told) as caught:
        load()
    assert str(home / FILE) in str(caught.value)


def test_a_fault_in_the_environment_names_the_variable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(home, "delay = 2")
    monkeypatch.setenv("NEWSBOT_DELAY", "slow")
    with pytest.raises(ConfigError, match=r"^NEWSBOT_DELAY: .*got 'slow'"):
        load()


def test_an_empty_variable_is_not_blamed_for_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(home, "delay = -2")
    monkeypatch.setenv("NEWSBOT_DELAY", "")
    with pytest.raises(ConfigError) as caught:
        load()
    assert str(caught.value).startswith(str(home / FILE))


def test_a_variable_that_is_no_setting_is_told(home: Path) -> None:
    environment = {
        "NEWSBOT_HOME": "/x",
        "NEWSBOT_DELAY": "2",
        "NEWSBOT_DEALY": "9",
        "NEWSBOT_SPEED_LIMIT": "",
        "PATH": "/bin",
    }
    assert unknown_variables(environment) == [
        "NEWSBOT_DEALY: there is no such setting; did you mean NEWSBOT_DELAY?",
        "NEWSBOT_SPEED_LIMIT: there is no such setting",
    ]
    ended = Home(home, {"NEWSBOT_DEALY": "9"}).newsbot("sites")
    assert ended.code == 0
    assert ended.err == "newsbot: NEWSBOT_DEALY: there is no such setting; did you mean NEWSBOT_DELAY?\n"


@pytest.mark.parametrize("url", ["https://chat.example/hooks/s3 cret", "https://chat.example/s3cret\n", "s3cret"])
def test_an_address_that_cannot_be_asked_for_is_refused_and_not_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("NEWSBOT_WEBHOOK_URL", url)
    with pytest.raises(ConfigError, match=r"NEWSBOT_WEBHOOK_URL: .*is no address") as caught:
        load()
    assert "s3" not in str(caught.value)


@pytest.mark.parametrize("content", [b"contact = '\xff'", b"\x00", b"\xff\xfe"])
def test_a_file_that_is_no_text(home: Path, content: bytes) -> None:
    (home / FILE).write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read as TOML"):
        load()


def test_a_folder_where_the_file_should_be(home: Path) -> None:
    (home / FILE).mkdir()
    with pytest.raises(ConfigError, match=str(home / FILE)):
        load()


def test_a_file_where_the_home_should_be(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("NEWSBOT_HOME", str(home / "file"))
    with pytest.raises(ConfigError, match=f"{home / 'file'}: is no folder. Set NEWSBOT_HOME"):
        load()
