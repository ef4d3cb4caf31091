"""What `up` leaves in the data directory while it serves, for `status` to find: what runs, and where."""

from pathlib import Path

import msgspec

from gateway.files import Draft


class Marker(msgspec.Struct, frozen=True):
    """`address` is Ray's, or nothing without one; `token` lets into an embedded Ray, `namespace` names the system."""

    pid: int
    url: str
    address: str
    processes: list[str]
    namespace: str = ""
    token: str = ""


def leave(marker: Marker, data: Path) -> None:
    """Only the user of the system can read it. Raises `OSError`."""
    with Draft(data) as draft:
        draft.file.write(msgspec.json.encode(marker))
        draft.publish(_path(data))


def find(data: Path) -> Marker | None:
    """What runs with the data directory, if something does. Raises `OSError`."""
    try:
        return msgspec.json.decode(_path(data).read_bytes(), type=Marker)
    except FileNotFoundError:
        return None


def remove(data: Path) -> None:
    """Nothing runs any more."""
    _path(data).unlink(missing_ok=True)


def _path(data: Path) -> Path:
    return data / "up.json"
