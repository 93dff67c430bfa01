"""Where a search begins: an empty laboratory, of the same kind as the one it is asked about."""

from core.lab.lab import Lab
from core.mechanisms import Mechanisms


def empty_like(lab: Lab, mechanisms: Mechanisms | None = None) -> Lab:
    """Return an empty laboratory with the same kind of processor, on the same kind of store.

    It has the mechanisms that `lab` has now, or those that are given. A store is pretended:
    a real one cannot be tried a thousand times.
    """
    if lab.durable:
        return type(lab)()  # a store keeps every mechanism on
    now = lab.processor.mechanisms
    return type(lab)(now if mechanisms is None else mechanisms, type(lab.processor))
