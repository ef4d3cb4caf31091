"""The modules that every message passes through, as machine code: `livesupport compile` makes it from the sources.

    runtime/host.py ─┐                                      ┌─ runtime/host.<python>.so      Python imports it instead
    gateway/hub.py  ─┼─ mypyc ─> C ─> livesupport_<digest> ─┼─ gateway/hub.<python>.so       of the file beside it
    …               ─┘                                      └─ …

It is the same code: what is typed strictly need not be interpreted. It lies beside its sources, and its name tells what
they were, so that nobody runs what was made from others without being told.
"""
