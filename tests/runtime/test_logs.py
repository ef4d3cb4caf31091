"""The file that all processes of a machine write their logs to."""

import contextlib
import logging
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.lines import Line
from runtime.logs import OURS, SharedFile, log_file, write_logs

WRITER = """
import logging, sys
from pathlib import Path
from runtime.logs import SharedFile
handler = SharedFile(Path(sys.argv[1]), bytes_max=20_000, kept=1_000)
for number in range(1_000):
    handler.emit(logging.makeLogRecord({"msg": f"{sys.argv[2]} {number} " + "x" * 60}))
"""


@pytest.fixture
def restored() -> Iterator[None]:
    """Logging as it was."""
    root = logging.getLogger()
    handlers, level, levels = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in OURS}
    yield
    for ours in set(root.handlers) - set(handlers):
        ours.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def write(handler: SharedFile, *lines: str) -> None:
    for line in lines:
        handler.emit(logging.makeLogRecord({"msg": line}))


def test_full_files_are_moved_aside_and_the_oldest_forgotten(tmp_path: Path) -> None:
    handler = SharedFile(tmp_path / "log", bytes_max=10, kept=2)
    write(handler, "a" * 9, "b" * 9, "c" * 9, "d" * 9)
    handler.close()
    names = {path.name: path.read_text()[0] for path in tmp_path.iterdir() if path.suffix != ".lock"}
    assert names == {"log": "d", "log.1": "c", "log.2": "b"}


def test_a_file_that_somebody_took_away_is_made_again(tmp_path: Path) -> None:
    handler = SharedFile(tmp_path / "log")
    write(handler, "one")
    (tmp_path / "log").unlink()
    write(handler, "two")
    handler.close()
    assert (tmp_path / "log").read_text() == "two\n"


def test_a_folder_that_somebody_took_away_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "log"
    for bytes_max in (1, 1_000):
        handler = SharedFile(path, bytes_max=bytes_max)
        write(handler, "one")
        shutil.rmtree(path.parent)
        write(handler, "two")
        handler.close()
        assert path.read_text() == "two\n"


def test_whoever_logs_goes_on_though_there_is_no_place_for_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "logs" / "log"
    handler = SharedFile(path)
    shutil.rmtree(path.parent)
    path.parent.touch()
    said = f"livesupport: lines of the log are lost: Not a directory ({path})\n"
    for _ in range(3):
        write(handler, "lost")
    assert capsys.readouterr().err in (said, said.replace("Not a directory", "File exists")), "once, without the lines"
    path.parent.unlink()
    write(handler, "kept")
    handler.close()
    assert path.read_text() == "kept\n"
    assert capsys.readouterr().err == ""


def test_on_a_full_disk_the_lines_that_are_lost_are_not_printed_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    handler = SharedFile(Path("/dev/full"))
    for _ in range(3):
        write(handler, "lost")
    said = capsys.readouterr().err
    with contextlib.suppress(OSError):  # what was not written cannot be written now
        handler.close()
    assert said == "livesupport: lines of the log are lost: No space left on device (/dev/full)\n"


def test_processes_that_share_a_file_lose_and_mix_nothing(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    lines = [line for file in path.parent.glob("log*") for line in file.read_text().splitlines()]
    expected = {f"{name} {number} " + "x" * 60 for name in "abc" for number in range(1_000)}
    assert set(lines) == expected
    assert len(lines) == len(expected)
    assert len(list(path.parent.glob("log.*"))) > 5


def test_our_lines_are_written_from_the_level_and_others_from_warnings(tmp_path: Path, restored: None) -> None:
    write_logs("host/0", tmp_path, "text", "info")
    for name in ("runtime.node", "httpx"):
        log = logging.getLogger(name)
        log.debug(Line("deep"))
        log.info(Line("usual"))
        log.warning("unusual")
    lines = [line.split(" ", 1)[1] for line in log_file(tmp_path).read_text().splitlines()]
    assert lines == [
        "INFO    host/0 usual",
        "WARNING host/0 library logger=runtime.node message=unusual",
        "WARNING host/0 library logger=httpx message=unusual",
    ]
