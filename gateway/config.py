"""The configuration file: a TOML text into Settings, or every mistake in it with its place.

The file is read in three steps, and each reports all it can: the text (``tomllib``), the types (``gateway.decode``),
and what several values together break (``actors.faults``) or what this machine lacks: files and environment.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path as FilePath
from typing import NamedTuple

from msgspec.structs import replace

from actors.assistant.engine import unfit
from actors.faults import Fault, faults
from actors.settings import Settings
from gateway.decode import Decoder
from gateway.demo import demo
from gateway.environment import variables
from gateway.places import Path, lines

__all__ = ["ConfigError", "Mistake", "demo", "load", "mistakes"]

SYNTAX_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Mistake(NamedTuple):
    """``place`` is a path such as ``bots[0].routing.offer_seconds``, ``line`` counts from 1. A warning keeps nobody."""

    place: str
    message: str
    line: int
    warning: bool = False


class ConfigError(Exception):
    """The file cannot be used; ``mistakes`` says why."""

    def __init__(self, path: FilePath, mistakes: list[Mistake]) -> None:
        self.path = path
        self.mistakes = [mistake for mistake in mistakes if not mistake.warning]
        super().__init__("\n".join(f"{path}:{each.line}: {each.place}: {each.message}" for each in self.mistakes))


def load(path: FilePath | str) -> Settings:
    """The settings of a file, with paths made absolute; raises ConfigError unless it is free of mistakes."""
    path = FilePath(path)
    settings, found = _read(path)
    if settings is None or any(not mistake.warning for mistake in found):
        raise ConfigError(path, found)
    return _anchored(settings, path.resolve().parent)


def mistakes(path: FilePath | str) -> list[Mistake]:
    """Every mistake and warning of a file, in the order of its lines; empty when it is fit to use."""
    return _read(FilePath(path))[1]


def _read(path: FilePath) -> tuple[Settings | None, list[Mistake]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return None, [Mistake("file", f"cannot be read: {error.strerror}", 1)]
    except UnicodeDecodeError as error:
        return None, [Mistake("encoding", "this is not UTF-8 text", error.object.count(b"\n", 0, error.start) + 1)]
    try:
        table = tomllib.loads(text)
    except RecursionError:
        return None, [Mistake("syntax", "this is nested too deeply", 1)]
    except ValueError as error:  # what it says of its syntax, and of numbers without end
        return None, [_syntax_mistake(str(error), text)]
    return _checked(table, lines(text), path.resolve().parent)


def _checked(table: object, places: Mapping[Path, int], folder: FilePath) -> tuple[Settings, list[Mistake]]:
    decoder = Decoder()
    settings: Settings = decoder.struct(Settings, table, ())
    found = [Mistake(_written(path), message, _line(path, places)) for path, message in decoder.mistakes]
    refused = {mistake.place for mistake in found}
    checks = (
        faults(settings),
        _unfit_engines(settings),
        _missing_files(settings, folder),
        _missing_environment(settings),
    )
    for fault in chain(*checks):
        # A value that was refused stands in the settings as a default: what that breaks is not the author's mistake.
        if fault.place not in refused:
            found.append(Mistake(fault.place, fault.message, _line(_parsed(fault.place), places), fault.warning))
    return settings, sorted(found, key=lambda mistake: (mistake.line, mistake.place))


def _syntax_mistake(message: str, text: str) -> Mistake:
    match = SYNTAX_PLACE.search(message)
    if match is None or match[1] is None:
        return Mistake("syntax", message, text.count("\n") + 1)
    return Mistake("syntax", f"{message[: match.start()]} (column {match[2]})", int(match[1]))


def _unfit_engines(settings: Settings) -> Iterator[Fault]:
    for index, bot in enumerate(settings.bots):
        if (found := unfit(bot.assistant.kind, bot.assistant)) is not None:
            yield Fault(f"bots[{index}].assistant.{found[0]}", found[1])


def _missing_files(settings: Settings, folder: FilePath) -> Iterator[Fault]:
    database = settings.server.geoip_database
    if database and not (folder / database).is_file():
        yield Fault("server.geoip_database", f'there is no file "{database}"')
    for index, bot in enumerate(settings.bots):
        for number, path in enumerate(bot.assistant.paths):
            if not (folder / path).exists():
                yield Fault(f"bots[{index}].assistant.paths[{number}]", f'there is no file "{path}"')


def _missing_environment(settings: Settings) -> Iterator[Fault]:
    for index, bot in enumerate(settings.bots):
        for place, name in variables(bot):
            if name and name not in os.environ:
                yield Fault(f"bots[{index}].{place}", f"the environment variable {name} is not set", True)


def _anchored(settings: Settings, folder: FilePath) -> Settings:
    """The same settings with every path taken from the file's folder."""
    database = settings.server.geoip_database
    server = replace(settings.server, geoip_database=str(folder / database) if database else "")
    bots = [
        replace(bot, assistant=replace(bot.assistant, paths=[str(folder / path) for path in bot.assistant.paths]))
        for bot in settings.bots
    ]
    return replace(settings, server=server, bots=bots)


def _line(path: Path, places: Mapping[Path, int]) -> int:
    """The line of a path, or of the nearest table around it that stands in the file."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, 1)


def _written(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _parsed(place: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", place))
