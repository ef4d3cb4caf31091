"""Python runs this first where it finds it on its path. The wall clock then is behind by what a file says."""

import mmap
import os
import struct
import time

_path = os.environ.get("LIVESUPPORT_TEST_CLOCK")
if _path:
    with open(_path, "rb") as _file:
        _behind = mmap.mmap(_file.fileno(), 8, access=mmap.ACCESS_READ)
    _true_ns = time.time_ns

    def _time_ns() -> int:
        behind_ns: int = struct.unpack_from("q", _behind)[0]
        return _true_ns() - behind_ns

    time.time_ns = _time_ns
    time.time = lambda: _time_ns() / 1e9
