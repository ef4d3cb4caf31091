"""The command line answers at once, names every mistake with its place, and never shows a traceback for one."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner, Result

from gateway import passwords
from gateway.cli import app
from gateway.config import ConfigError, load
from gateway.options import UpOptions

GOOD = """\
[[bots]]
id = "acme"
tier = "basic"
assistant.kind = "openai"
assistant.model = "small"
"""


pytestmark = pytest.mark.usefixtures("handlers", "key")  # `up` puts some handlers of its own in place


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the model of `GOOD`."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


def file(folder: Path, text: str) -> str:
    path = folder / "live.toml"
    path.write_text(text)
    return str(path)


class Recorded(ModuleType):
    """Stands where a command's module would be, and remembers how it was called."""

    def __init__(self, name: str, code: int | None = None) -> None:
        super().__init__(name)
        self.calls: list[tuple[object, ...]] = []
        self.code = code

    def run(self, *arguments: object) -> int | None:
        self.calls.append(arguments)
        return self.code

    main = run


def standing_in(monkeypatch: pytest.MonkeyPatch, name: str, code: int | None = None) -> Recorded:
    module = Recorded(name, code)
    monkeypatch.setitem(sys.modules, name, module)
    return module


@pytest.mark.parametrize("command", ["up", "check", "hash-password", "status", "export", "bench"])
def test_every_command_explains_itself(command: str) -> None:
    assert command in run("--help").stdout
    assert run(command, "--help").exit_code == 0


def test_help_needs_none_of_the_server() -> None:
    script = (
        "import sys, gateway.cli; heavy = {'ray', 'starlette', 'uvicorn', 'argon2', 'jwt', 'actors.settings'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_good_file_is_ok(tmp_path: Path) -> None:
    result = run("check", file(tmp_path, GOOD))
    assert (result.exit_code, result.stdout) == (0, "ok: 1 bot, 0 agents, 0 quick replies, 0 warnings\n")


def test_each_mistake_is_a_line_with_file_line_and_path(tmp_path: Path) -> None:
    path = file(tmp_path, GOOD + "color = 'red'\n[bots.routing]\noffer_seconds = -1\n")
    result = run("check", path)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{path}:6: bots[0].color: there is no such setting",
        f"{path}:8: bots[0].routing.offer_seconds: expected a whole number from 0 to 2592000, not -1",
    ]


def test_a_warning_is_shown_and_is_not_a_failure(tmp_path: Path) -> None:
    path = file(tmp_path, GOOD + "identity_secret_env = 'NO_SUCH_VARIABLE'\n")
    result = run("check", path)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{path}:6: bots[0].identity_secret_env: warning: the environment variable")
    assert "ok: 1 bot" in result.stdout


def test_a_missing_file_is_a_sentence_and_no_traceback() -> None:
    result = run("check", "nowhere.toml")
    assert (result.exit_code, result.stdout) == (1, "nowhere.toml:1: file: cannot be read: No such file or directory\n")


def test_the_hash_of_a_piped_password_is_printed() -> None:
    result = run("hash-password", stdin="correct horse\n")
    assert result.exit_code == 0
    assert passwords.verify(result.stdout.strip(), "correct horse")


def test_an_empty_password_gets_a_sentence_and_no_hash() -> None:
    result = run("hash-password")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "1 to 1,024 characters" in result.stderr


def test_a_password_that_no_browser_could_send_gets_a_sentence_and_no_hash() -> None:
    result = CliRunner().invoke(app, ["hash-password"], input=b"\xff\xfe\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "a password is UTF-8 text, and this is not\n"


def test_an_output_that_takes_no_more_is_said_in_a_sentence(tmp_path: Path) -> None:
    entry = [sys.executable, "-c", "from gateway.cli import main; main()"]
    with open("/dev/full", "wb") as full:
        found = subprocess.run(
            [*entry, "check", file(tmp_path, GOOD)], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (found.returncode, found.stderr) == (1, "livesupport: standard output: No space left on device\n")


def test_up_hands_its_options_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = standing_in(monkeypatch, "gateway.up")
    assert run("up").exit_code == 0
    words = f"up --config c.toml --data {tmp_path} --host 0.0.0.0 --port 0 --store redis://r:1/0 --hosts 3 --gateways 2"
    assert run(*words.split(), "--address", "auto").exit_code == 0
    everything = UpOptions(
        config=Path("c.toml"),
        data=tmp_path,
        host="0.0.0.0",
        port=0,
        store="redis://r:1/0",
        hosts=3,
        gateways=2,
        address="auto",
    )
    assert module.calls == [(UpOptions(),), (everything,)]


@pytest.mark.parametrize("wrong", ["--port 65536", "--hosts 0", "--gateways x", "--store floppy:///a", "--colour red"])
def test_up_refuses_an_option_it_cannot_use(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    module = standing_in(monkeypatch, "gateway.up")
    result = run("up", *wrong.split())
    assert result.exit_code != 0
    assert wrong.split()[0] in result.stderr
    assert module.calls == []


def test_up_shows_the_mistakes_of_its_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(standing_in(monkeypatch, "gateway.up"), "run", lambda options: load(options.config))
    path = file(tmp_path, "[limits]\nframe_bytes = 1\n")
    result = run("up", "--config", path)
    assert result.exit_code == 1
    assert not isinstance(result.exception, ConfigError)
    assert f"{path}:2: limits.frame_bytes: expected" in result.stderr


def test_status_exits_with_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    module = standing_in(monkeypatch, "gateway.status", code=1)
    assert run("status", "--address", "auto").exit_code == 1
    assert module.calls == [("auto", Path("data"))]


def test_a_benchmark_gets_what_follows_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    module = standing_in(monkeypatch, "benchmarks.some_thing")
    monkeypatch.setattr("gateway.cli._benchmarks", lambda: ["some_thing"])
    assert run("bench", "some-thing", "--json", "--help", "3").exit_code == 0
    assert module.calls == [(["--json", "--help", "3"],)]


def test_a_benchmark_without_a_name_is_told_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli._benchmarks", lambda: ["echo", "routing"])
    result = run("bench")
    assert (result.exit_code, result.stderr) == (1, "say which: echo, routing\n")


def test_an_unknown_benchmark_is_told_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli._benchmarks", lambda: ["echo", "routing"])
    result = run("bench", "../etc")
    assert (result.exit_code, result.stderr) == (1, 'there is no benchmark "../etc"; there are: echo, routing\n')
