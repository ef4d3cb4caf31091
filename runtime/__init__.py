"""The actor runtime: pure machines, hosted many to a process, journaled, linked in batches.

It knows nothing of live support. Only `runtime.cluster` imports Ray.
"""
