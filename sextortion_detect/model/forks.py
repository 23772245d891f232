"""Locks that a fork cannot leave locked: a process is forked only while nobody holds one of them.

Else a child would inherit a lock that a thread of its parent held, and wait for ever, or a memory half written.
"""

import os
from threading import Lock
from typing import Final
from weakref import WeakSet

_all: "Final[WeakSet[Lock]]" = WeakSet()
_forking: Final = Lock()
_held: "Final[list[Lock]]" = []


def fork_safe_lock() -> Lock:
    """A new lock, which forks of this process wait for; its holder must not wait for another one, nor fork."""
    lock = Lock()
    _all.add(lock)
    return lock


def _hold_all() -> None:
    _forking.acquire()
    _held[:] = _all
    for lock in _held:
        lock.acquire()


def _release_all() -> None:
    for lock in _held:
        lock.release()
    _held.clear()
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold_all, after_in_parent=_release_all, after_in_child=_release_all)
