"""Ray makes a folder of logs and sockets each time it starts, and never removes one: a service that is restarted again
and again would fill the disk with them. Of an embedded Ray's, the last one stays: there it stands why it ended.
"""

import shutil
from pathlib import Path

from gateway.files import Draft


def succeed(data: Path, folder: Path) -> None:
    """The folder is that of the Ray that was started for this data directory just now; remove the one before it.

    Nobody else may have started one for the directory meanwhile. Raises `OSError`.
    """
    note = data / "ray-folder"
    before = Path(note.read_text()) if note.exists() else folder
    if before != folder and before.parent == folder.parent and before.name.startswith("session_"):
        shutil.rmtree(before, ignore_errors=True)
    with Draft(data) as draft:
        draft.file.write(str(folder).encode())
        draft.publish(note)
