"""Files that are there as a whole or not at all."""

from pathlib import Path

import pytest

from gateway.files import Draft


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def half_write(folder: Path) -> None:
    with Draft(folder) as draft:
        draft.file.write(b"half of it")
        raise OSError("no room")


def test_what_is_published_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        with Draft(tmp_path) as draft:
            draft.file.write(content)
            draft.publish(tmp_path / "ab" / "file")
    assert (tmp_path / "ab" / "file").read_bytes() == b"two"
    assert names(tmp_path) == ["ab/file"]


def test_the_first_one_stays_where_only_the_first_counts(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        with Draft(tmp_path) as draft:
            draft.file.write(content)
            draft.publish_first(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"one"
    assert names(tmp_path) == ["file"]


def test_of_what_is_not_finished_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"before")
    with pytest.raises(OSError, match="no room"):
        half_write(tmp_path)
    assert (tmp_path / "file").read_bytes() == b"before"
    assert names(tmp_path) == ["file"]
