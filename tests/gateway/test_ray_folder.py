"""Of the folders that Ray makes at each start, a data directory has one; no other folder is ever removed."""

from pathlib import Path

from gateway.ray_folder import succeed


def session(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / "ray" / name
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "raylet.out").touch()
    return folder


def test_the_last_one_stays_and_the_one_before_goes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    first, others, second = (session(tmp_path, f"session_{name}") for name in "abc")
    succeed(data, first)
    assert first.exists()
    succeed(data, second)
    assert [first.exists(), others.exists(), second.exists()] == [False, True, True]
    succeed(data, second)
    assert second.exists()


def test_a_note_that_names_anything_else_removes_nothing(tmp_path: Path) -> None:
    own = session(tmp_path, "session_a")
    kept = [session(tmp_path, "mine"), session(tmp_path / "elsewhere", "session_b")]
    for folder in kept:
        (tmp_path / "ray-folder").write_text(str(folder))
        succeed(tmp_path, own)
    assert all(folder.exists() for folder in kept)
    assert own.exists()
