"""Stands in for the helper's file until it is merged."""

from enum import StrEnum

from core.mechanisms import Mechanisms


class Promise(StrEnum):
    """x."""

    EXACTLY_ONCE = "exactly once"


def promised(m: Mechanisms):
    return (Promise.EXACTLY_ONCE,) * 4
