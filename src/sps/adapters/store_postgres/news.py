"""Hearing that another process has written: a hint, never a message. The rows are the truth."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg

from sps.adapters.store_postgres.address import Address
from sps.adapters.store_postgres.commit import CHANNEL, SENDER

_WAIT_S = 0.5  # how soon the end is noticed
_PAUSE_S = 0.3  # what comes in a burst is told once
_AGAIN_S = 1.0
_log = logging.getLogger(__name__)


class News:
    """A thread that calls `heard` after writes of other processes, from `start` to `stop`. While
    the server is away it hears nothing, and what it may have missed then is told as one."""

    def __init__(self, address: Address, heard: Callable[[], object]) -> None:
        self._address = address
        self._heard = heard
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="sps-news", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End within a second."""
        self._over.set()
        self._thread.join(2 * _WAIT_S)

    def _live(self) -> None:
        while not self._over.is_set():
            try:
                self._listen()
            except psycopg.Error as err:
                said = self._address.clean(str(err))
                _log.warning("not listening to the database", extra={"detail": said})
                self._over.wait(_AGAIN_S)

    def _listen(self) -> None:
        with self._address.connect() as connection:
            connection.execute(f"LISTEN {CHANNEL}".encode())
            self._heard()
            while not self._over.is_set():
                notices = connection.notifies(timeout=_WAIT_S, stop_after=1)
                if any(notice.payload != SENDER for notice in notices):
                    self._heard()
                    self._over.wait(_PAUSE_S)
