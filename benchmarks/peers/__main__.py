"""Which peers are installed, and the command that installs each of the others: `python -m benchmarks.peers`."""

import sys

from benchmarks.peers.registry import PEERS, missing


def main() -> int:
    """A line for each; 1 if one is missing."""
    absent = missing(PEERS)
    for name, (kind, _) in PEERS.items():
        if name in absent:
            print(f"{name:20} {absent[name]}")
        else:
            versions = ", ".join(f"{package} {version}" for package, version in kind.versions().items())
            print(f"{name:20} installed: {versions}")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
