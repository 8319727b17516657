"""Waking the daemon through a datagram socket in the home. The ringing side loads no asyncio."""

from __future__ import annotations

from sps.adapters.wake_socket.ring import SocketWake

__all__ = ["SocketWake"]
