"""Untrusted tables into typed settings, with every mistake and not the first only.

msgspec stops at the first thing that is wrong. This walks the types of the Structs instead, hands it one value at a
time, and goes on with the default where one is refused, so that what depends on several values can be checked as well.
It must not know files, or what any setting means.
"""

from collections.abc import Iterator, Sequence
from datetime import date, time
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields

from actors.faults import did_you_mean
from gateway.places import Path

KINDS: dict[object, str] = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict[str, Any]: "a table",
}
BLANKS: dict[object, object] = {str: "", int: 0, float: 0.0, bool: False}


class Decoder:
    """Collects ``mistakes`` as (path, message) while it decodes."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[Path, str]] = []

    def struct(self, kind: type[Struct], value: object, path: Path) -> Any:
        """An instance of ``kind``, whatever the value: what is missing or wrong in it is left at a default."""
        if not isinstance(value, dict):
            self._refuse(path, f"expected a table, not {_shown(value)}")
            value = {}
        known = {field.name: field for field in fields(kind)}
        for key in value.keys() - known.keys():
            self._refuse((*path, key), f"there is no such setting{did_you_mean(key, known)}")
        hints = get_type_hints(kind, include_extras=True)
        return kind(**{name: self._field(field, hints[name], value, (*path, name)) for name, field in known.items()})

    def _field(self, field: FieldInfo, hint: Any, table: dict[str, object], path: Path) -> Any:
        if field.name in table:
            return self._value(hint, table[field.name], path, _default(field, hint))
        if field.required:
            self._refuse(path, "is missing")
        return _default(field, hint)

    def _value(self, hint: Any, value: object, path: Path, default: object) -> Any:
        kind, _ = _unwrapped(hint)
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self.struct(kind, value, path)
        if get_origin(kind) is list:
            return self._list(get_args(kind)[0], value, path)
        if kind is str and type(value) in {date, time}:
            value = str(value)  # TOML has dates of its own; they may stand without quotes.
        try:
            return msgspec.convert(value, hint)
        except msgspec.ValidationError:
            self._refuse(path, f"expected {_expected(hint)}, not {_shown(value)}")
        # A value of the right kind is kept, so that what refers to it is not called unknown as well.
        return value if type(value) is kind else default

    def _list(self, hint: Any, value: object, path: Path) -> list[Any]:
        kind, _ = _unwrapped(hint)
        of_tables = isinstance(kind, type) and issubclass(kind, Struct)
        if not isinstance(value, list):
            wanted = f"an array of tables, [[{'.'.join(map(str, path))}]]" if of_tables else "an array, [...]"
            self._refuse(path, f"expected {wanted}, not {_shown(value)}")
            return []
        return [self._value(hint, item, (*path, index), BLANKS.get(kind)) for index, item in enumerate(value)]

    def _refuse(self, path: Path, message: str) -> None:
        self.mistakes.append((path, message))


def _default(field: FieldInfo, hint: Any) -> Any:
    if field.required:
        return BLANKS.get(_unwrapped(hint)[0])
    return field.default_factory() if field.default is msgspec.NODEFAULT else field.default


def _unwrapped(hint: Any) -> tuple[Any, Meta | None]:
    """The type inside ``Annotated`` and ``| None``, and what the annotation says of it."""
    if get_origin(hint) in {Union, UnionType}:
        hint = next(part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is Annotated:
        kind, *notes = get_args(hint)
        return kind, next((note for note in notes if isinstance(note, Meta)), None)
    return hint, None


def _expected(hint: Any) -> str:
    kind, meta = _unwrapped(hint)
    if get_origin(kind) is Literal:
        return _either([f'"{choice}"' for choice in get_args(kind)])
    words = KINDS[kind]
    return words if meta is None else " ".join([words, *_bounds(meta)])


def _bounds(meta: Meta) -> Iterator[str]:
    if meta.description:
        yield f"({meta.description})"
    elif meta.ge is not None and meta.le is not None:
        yield f"from {meta.ge} to {meta.le}"
    elif meta.max_length is not None:
        yield f"of {meta.min_length or 0} to {meta.max_length} characters"


def _either(choices: Sequence[str]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"


def _shown(value: object) -> str:
    """A value as its author would recognise it, and never a long one."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if len(value) <= 60 else f"{len(value)} characters"
        case dict():
            return "a table"
        case list():
            return "an array"
        case date() | time():
            return "a date"
        case _:
            return str(value)
