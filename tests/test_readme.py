"""What the README says of files, commands and settings is so."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.settings import Settings
from gateway.cli import app
from gateway.decode import Decoder

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
TABLES = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL)]
EXAMPLES = {
    *("bots.id", "agents.id", "agents.email", "agents.bots", "agents.password_hash", "server.public_url"),
    *("bots.assistant.kind", "bots.assistant.paths", "bots.assistant.base_url", "bots.assistant.model"),
    *("bots.assistant.api_key_env", "bots.assistant.instructions"),
    *("bots.telegram.token_env", "bots.telegram.group", "bots.telegram.keywords"),
}
"""What a configuration has to say, or may: all other values that the README shows are the defaults."""


def shown(table: dict[str, Any], place: str = "") -> dict[str, Any]:
    """The values of a table by their dotted names; items of an array count as the table itself."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{place}{key}"
        inner = value if isinstance(value, list) and value and isinstance(value[0], dict) else [value]
        for one in inner:
            found |= shown(one, f"{name}.") if isinstance(one, dict) else {name: one}
    return found


def whole(table: dict[str, Any]) -> dict[str, Any]:
    """The table with what a bot must have, where the README shows only a part of one."""
    bots = table.get("bots", {})
    parts = [bots] if isinstance(bots, dict) else bots
    return {**table, "bots": [{"id": "acme", **part} for part in parts]}


@pytest.mark.parametrize("table", TABLES)
def test_every_setting_that_is_shown_exists_and_has_the_value_that_is_shown(table: dict[str, Any]) -> None:
    decoder = Decoder()
    settings = decoder.struct(Settings, whole(table), ())
    assert decoder.mistakes == []
    bare = {"id": "acme", "telegram": {"token_env": "T", "group": -1}}
    defaults = shown(msgspec.to_builtins(decoder.struct(Settings, {"bots": [bare]}, ())))
    told = shown(msgspec.to_builtins(settings))
    for name, value in shown(table).items():
        assert told[name] == value
        if name not in EXAMPLES:
            assert defaults[name] == value, name


def test_every_module_that_is_to_be_run_is_there() -> None:
    modules = {name for name in re.findall(r"python -m ([a-z_.]+[a-z_])", README) if name != "benchmarks"}
    assert len(modules) > 10
    assert [name for name in sorted(modules) if find_spec(name) is None] == []


def test_every_file_that_is_named_is_there() -> None:
    folders = ("runtime", "actors", "gateway", "metrics", "benchmarks", "tests")
    named = set(re.findall(rf"`((?:{'|'.join(folders)})/[\w./-]*)`", README))
    assert len(named) > 15
    assert [name for name in sorted(named) if not Path(__file__).parent.parent.joinpath(name).exists()] == []


def test_every_command_is_described() -> None:
    commands = {one.name or (one.callback.__name__ if one.callback else "") for one in app.registered_commands}
    assert commands == set(re.findall(r"^\| `livesupport ([a-z-]+)", README, re.MULTILINE))
