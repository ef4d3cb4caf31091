"""``python -m gateway.machine_code.build SCRATCH LIBRARY MODULE...``: compiles modules into ``SCRATCH/made``.

They are files below the folder that it runs in. It needs mypy, setuptools, a C compiler and Python's headers.
"""

import sys
from pathlib import Path

from mypyc.build import mypycify
from setuptools import Distribution


def main(scratch: Path, library: str, modules: list[str]) -> None:
    """Ends with what the compilers raise, and their words on standard output."""
    options = [
        "--config-file=",
        f"--cache-dir={scratch / 'cache'}",
        "--ignore-missing-imports",
        "--follow-imports=silent",
    ]
    name = library.removesuffix("__mypyc").replace("/", ".")
    code = scratch / "c"
    extensions = mypycify([*options, *modules], opt_level="3", multi_file=True, target_dir=str(code), group_name=name)
    for extension in extensions:  # mypyc writes the library's headers into its package, and does not look there
        extension.include_dirs.append(str(code / Path(library).parent))
    distribution = Distribution({"name": "livesupport", "packages": [], "py_modules": [], "ext_modules": extensions})
    command = distribution.get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(scratch / "made"), str(scratch / "objects")
    command.ensure_finalized()
    command.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
