"""A configuration file is read whole: every mistake is named, with the line it stands in."""

from pathlib import Path

import pytest

from actors.faults import faults
from actors.settings import Settings
from gateway import config, passwords
from gateway.config import Mistake
from gateway.options import UpOptions, configured

GOOD = """\
[[bots]]
id = "acme"
[bots.assistant]
paths = ["faq.md"]

[[agents]]
id = "alice"
email = "alice@acme.example"
bots = ["acme"]
password_hash = "$argon2id$v=19$x"
"""

WHOLE = """\
[runtime]
hosts = 4
placement = { conversation = "dedicated", agent = "packed" }
[server]
public_url = "https://chat.acme.example"
trusted_proxies = ["10.0.0.0/8"]
[store]
url = "redis://localhost:6379/1"
sync = "full"
[limits]
visitor_messages = 0
[[bots]]
id = "acme"
name = "Acme"
tier = "premium"
greeting = "Hi!"
allowed_origins = ["https://acme.example"]
[bots.assistant]
kind = "openai"
base_url = "http://localhost:11434/v1"
model = "small"
timeout_seconds = 5
[bots.escalation]
phrases = ["talk to a human"]
sentiment_below = -1
[bots.routing]
strategy = "round_robin"
offer_seconds = 0
agent_greeting = "Hi {visitor.name}"
[bots.hours]
timezone = "Europe/Berlin"
monday = ["09:00-12:30", "13:30-18:00"]
closed_dates = [2026-12-25, "2026-12-26"]
[bots.telegram]
token_env = "PATH"
group = -1001234567890
mode = "webhook"
[[agents]]
id = "alice"
email = "alice@acme.example"
role = "manager"
bots = ["acme"]
telegram_user = 4242
password_hash = "$argon2id$v=19$x"
[[quick_replies]]
shortcut = "hello"
text = "Hi {visitor.name}, this is {agent.name}."
bots = ["acme"]
"""


@pytest.fixture(autouse=True)
def faq(tmp_path: Path) -> None:
    (tmp_path / "faq.md").write_text("# Questions\n")


def file(folder: Path, text: str) -> Path:
    path = folder / "live.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_has_no_mistakes(tmp_path: Path) -> None:
    assert config.mistakes(file(tmp_path, GOOD)) == []


def test_a_mark_at_the_beginning_of_the_file_is_no_mistake(tmp_path: Path) -> None:
    assert config.mistakes(file(tmp_path, "\ufeff" + GOOD)) == []


def test_every_table_of_the_protocol_is_read(tmp_path: Path) -> None:
    settings = config.load(file(tmp_path, WHOLE))
    assert config.mistakes(tmp_path / "live.toml") == []
    bot, agent = settings.bots[0], settings.agents[0]
    assert (settings.runtime.hosts, settings.runtime.placement.conversation) == (4, "dedicated")
    assert (settings.store.sync, settings.limits.visitor_messages, bot.routing.offer_seconds) == ("full", 0, 0)
    assert bot.hours is not None
    assert bot.hours.closed_dates == ["2026-12-25", "2026-12-26"]
    assert bot.telegram is not None
    assert (bot.telegram.group, agent.telegram_user, agent.role) == (-1001234567890, 4242, "manager")
    assert (bot.escalation.sentiment_below, bot.assistant.timeout_seconds) == (-1, 5)
    assert isinstance(bot.escalation.sentiment_below, float)
    assert settings.quick_replies[0].shortcut == "hello"


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = config.load(file(tmp_path, GOOD))
    assert settings.bots[0].assistant.paths == [str(tmp_path / "faq.md")]


def test_all_mistakes_are_reported_with_their_lines_and_not_the_first_only(tmp_path: Path) -> None:
    text = """\
[runtime]
hosts = 0
hostss = 3
placement = { conversation = "pakced" }
[[bots]]
name = "no id"
assistant.paths = ["faq.md"]
[[bots]]
id = "acme"
[bots.assistant]
paths = [
  "faq.md",  # there
  "gone.md",
  7,
]
[bots.routing]
offer_seconds = -1
[bots.hours]
monday = ["09:00-10:00", "9-5"]
[[agents]]
id = "alice"
email = "alice@acme.example"
password_hash = "$argon2id$"
bots = [
  "acme",
  "acne",
]
"""
    assert config.mistakes(file(tmp_path, text)) == [
        Mistake("runtime.hosts", "expected a whole number from 1 to 1024, not 0", 2),
        Mistake("runtime.hostss", 'there is no such setting; did you mean "hosts"?', 3),
        Mistake("runtime.placement.conversation", 'expected "packed" or "dedicated", not "pakced"', 4),
        Mistake("bots[0].id", "is missing", 5),
        Mistake("bots[1].assistant.paths[1]", 'there is no file "gone.md"', 13),
        Mistake("bots[1].assistant.paths[2]", "expected text in quotes, not 7", 14),
        Mistake("bots[1].routing.offer_seconds", "expected a whole number from 0 to 2592000, not -1", 17),
        Mistake("bots[1].hours.monday[1]", '"9-5" is not a span of time like "09:00-17:30"', 19),
        Mistake("agents[0].bots[1]", 'there is no bot "acne"; did you mean "acme"?', 26),
    ]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("limits = 3", "limits", "expected a table, not 3"),
        ('[bots]\nid = "acme"', "bots", "expected an array of tables, [[bots]], not a table"),
        ('bots = ["acme"]', "bots[0]", 'expected a table, not "acme"'),
        ("[server]\ntrusted_proxies = true", "server.trusted_proxies", "expected an array, [...], not true"),
        ('[server]\nlog_format = "xml"', "server.log_format", 'expected "text" or "json", not "xml"'),
        ("[runtime]\nhosts = 1.5", "runtime.hosts", "expected a whole number from 1 to 1024, not 1.5"),
        ("[runtime]\nhosts = true", "runtime.hosts", "expected a whole number from 1 to 1024, not true"),
        ("[runtime]\nhosts = 1979-05-27", "runtime.hosts", "expected a whole number from 1 to 1024, not a date"),
        ('["run time"]\nhosts = 1', "run time", 'there is no such setting; did you mean "runtime"?'),
    ],
)
def test_a_value_of_another_kind_is_told_what_was_expected(tmp_path: Path, text: str, place: str, message: str) -> None:
    found = {mistake.place: mistake.message for mistake in config.mistakes(file(tmp_path, text))}
    assert found[place] == message


@pytest.mark.parametrize(
    ("setting", "place", "message"),
    [
        ('kind = "oracle"', "kind", "there is no assistant of kind 'oracle'; there are: knowledge, openai"),
        ('kind = "OpenAI"', "kind", 'expected text in quotes (a word in small letters), not "OpenAI"'),
        ("retries = 11", "retries", "expected a whole number from 0 to 10, not 11"),
        ("context_tokens = 99", "context_tokens", "expected a whole number from 100 to 10000000, not 99"),
        ("answer_characters = 0", "answer_characters", "expected a whole number from 1 to 8000, not 0"),
        ("passages = 21", "passages", "expected a whole number from 0 to 20, not 21"),
        ('tools = "yes"', "tools", 'expected true or false, not "yes"'),
        ("monthly_tokens = -1", "monthly_tokens", "expected a whole number from 0 to 1000000000000000, not -1"),
        ("options = 3", "options", "expected a table, not 3"),
        ("options = { paths = 3 }", "options", "Expected `array`, got `int` - at `$.paths`"),
    ],
)
def test_what_an_assistant_cannot_be_told_is_a_mistake(tmp_path: Path, setting: str, place: str, message: str) -> None:
    text = f'[[bots]]\nid = "acme"\n[bots.assistant]\npaths = ["faq.md"]\n{setting}\n'
    found = {mistake.place: mistake for mistake in config.mistakes(file(tmp_path, text)) if not mistake.warning}
    mistake = found[f"bots[0].assistant.{place}"]
    assert (mistake.message, mistake.line) == (message, 5)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a = = 3", 1, "(column 5)"), ("[limits]\n\nframe_bytes 3\n", 3, "(column 13)"), ("a = [3,\n", 2, "at end")],
)
def test_a_syntax_error_has_its_line_and_column(tmp_path: Path, text: str, line: int, column: str) -> None:
    (mistake,) = config.mistakes(file(tmp_path, text))
    assert (mistake.place, mistake.line) == ("syntax", line)
    assert column in mistake.message


def test_a_file_that_is_missing_or_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"# one\n# \xff\n")
    assert [mistake.place for mistake in config.mistakes(tmp_path / "none.toml")] == ["file"]
    assert [(mistake.place, mistake.line) for mistake in config.mistakes(tmp_path / "binary.toml")] == [("encoding", 2)]
    assert [mistake.place for mistake in config.mistakes(tmp_path)] == ["file"]


def test_a_refused_value_does_not_cause_mistakes_elsewhere(tmp_path: Path) -> None:
    text = GOOD.replace('"acme"\n[', '"ac me"\n[').replace('["acme"]', '["ac me"]')
    assert [mistake.place for mistake in config.mistakes(file(tmp_path, text))] == ["bots[0].id"]


def test_missing_environment_is_a_warning_and_keeps_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, GOOD.replace("[bots.assistant]", 'identity_secret_env = "ACME_ID"\n[bots.assistant]'))
    monkeypatch.delenv("ACME_ID", raising=False)
    assert config.mistakes(path) == [
        Mistake("bots[0].identity_secret_env", "the environment variable ACME_ID is not set", 3, warning=True)
    ]
    assert config.load(path).bots[0].identity_secret_env == "ACME_ID"
    monkeypatch.setenv("ACME_ID", "x")
    assert config.mistakes(path) == []


def test_loading_a_file_with_a_mistake_raises_all_of_them(tmp_path: Path) -> None:
    path = file(tmp_path, GOOD + "role = 'boss'\nskils = []\n")
    with pytest.raises(config.ConfigError) as caught:
        config.load(path)
    assert [mistake.line for mistake in caught.value.mistakes] == [11, 12]
    assert f"{path}:12: agents[0].skils" in str(caught.value)


def test_the_demo_is_a_good_configuration_with_a_password_for_everybody(tmp_path: Path) -> None:
    settings, words = config.demo(tmp_path)
    assert [fault for fault in faults(settings) if not fault.warning] == []
    assert [(bot.id, bot.tier) for bot in settings.bots] == [("demo", "premium"), ("demo-basic", "basic")]
    assert {agent.role for agent in settings.agents} == {"agent", "manager", "admin"}
    assert {agent.email for agent in settings.agents} == set(words)
    assert passwords.verify(settings.agents[0].password_hash, words[settings.agents[0].email])
    assert config.demo(tmp_path)[1] != words
    assert settings.quick_replies


def test_options_win_over_the_configuration(tmp_path: Path) -> None:
    path = file(tmp_path, WHOLE)
    settings, words = configured(UpOptions(config=path, hosts=7, store="sqlite:///x.db"))
    assert (settings.runtime.hosts, settings.runtime.gateways, settings.store.url) == (7, 1, "sqlite:///x.db")
    assert (settings.store.sync, words) == ("full", {})


def test_without_a_file_the_demo_starts_in_the_data_directory(tmp_path: Path) -> None:
    settings, words = configured(UpOptions(data=tmp_path))
    assert isinstance(settings, Settings)
    assert settings.store.url == f"sqlite:///{tmp_path}/live.db"
    assert "alice@demo.example" in words


@pytest.mark.parametrize(("text", "said"), [("a = " + "[" * 3_000 + "]" * 3_000, "nested"), ("a = " + "9" * 5_000, "")])
def test_what_the_parser_gives_up_on_is_a_mistake_and_no_traceback(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "live.toml"
    path.write_text(text)
    [mistake] = config.mistakes(path)
    assert mistake.place == "syntax"
    assert said in mistake.message
