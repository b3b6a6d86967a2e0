"""Pauses the garbage collection where many objects are made at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_garbage_collection() -> Iterator[None]:
    """Around what makes many objects and no cycles: each collection would traverse all objects of the program.

    At the end the new objects are moved to the oldest generation, so that they are not all traversed at once then.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()
