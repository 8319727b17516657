"""The owner's certificate and key: readable, private, and made for each other."""

from __future__ import annotations

import os
import ssl
import stat
from pathlib import Path
from typing import Any

from sps.lib import plain_file
from sps.model.errors import Misuse
from sps.model.remote import Certificate

_LIMIT = 1024 * 1024
_ANY_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME: dates are judged by our own clock
_OTHERS = stat.S_IWGRP | stat.S_IRWXO  # a group may read: that is how keys are shared with servers
_ROUNDS = 10
_AGAIN = "sps console tls CERTIFICATE KEY"


def read(certificate: Path, key: Path) -> Certificate:
    """Return what a certificate says. A whole handshake in memory proves that clients who trust it
    can talk to who has this key. Raises `Misuse`, see `sps.ports.remote`."""
    server = context(certificate, key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _ANY_TIME
    try:
        client.load_verify_locations(certificate)
        said = _handshake(server, client)
    except ssl.SSLError as err:
        says = f"{certificate} is of no use to a server: {_words(err)}"
        raise Misuse("bad-certificate", says, hint=_AGAIN) from err
    return Certificate(
        names=tuple(value for _, value in said.get("subjectAltName", ())),
        begins_at=1000 * int(ssl.cert_time_to_seconds(said["notBefore"])),
        ends_at=1000 * int(ssl.cert_time_to_seconds(said["notAfter"])),
    )


def context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Make a server's context, TLS 1.2 or newer. Raises `Misuse`, see `sps.ports.remote`."""
    if b"-----BEGIN CERTIFICATE-----" not in _content(certificate, "certificate"):
        says = f"{certificate} holds no certificate in PEM form"
        raise Misuse("bad-certificate", says, hint=_AGAIN)
    _private(key)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2

    def asked() -> str:  # else the library asks at the terminal
        raise Misuse(
            "encrypted-key", f"{key} is encrypted, and nobody is there to type its passphrase",
            hint=f"openssl pkey -in {key} -out server.key, chmod 600 server.key",
        )  # fmt: skip

    try:
        made.load_cert_chain(certificate, key, password=asked)
    except ssl.SSLError as err:
        if err.reason == "KEY_VALUES_MISMATCH":
            says = f"{key} is not the key of {certificate}"
            raise Misuse("key-mismatch", says, hint=_AGAIN) from err
        says = f"{certificate} and {key} cannot be used: {_words(err)}"
        raise Misuse("bad-certificate", says, hint=_AGAIN) from err
    return made


def _private(key: Path) -> None:
    _content(key, "key")
    mode = stat.S_IMODE(os.stat(key).st_mode)
    if mode & _OTHERS:
        says = f"others can read or change the key {key} (mode {mode:04o})"
        raise Misuse("exposed-key", says, hint=f"chmod 600 {key}")


def _content(path: Path, what: str) -> bytes:
    try:
        return plain_file.read(path, _LIMIT, follow=True)[0]
    except FileNotFoundError as err:
        raise Misuse(f"no-{what}", f"there is no {what} at {path}", hint=_AGAIN) from err
    except (OSError, plain_file.NotPlain, plain_file.TooLarge) as err:
        why = getattr(err, "strerror", None) or str(err)
        says = f"the {what} {path} cannot be read: {why}"
        raise Misuse(f"unreadable-{what}", says, hint=f"ls -l {path}") from err


def _handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> dict[str, Any]:
    """Let the two talk in memory; return the certificate that the client was shown."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)]
    open_ = list(ends)
    for _ in range(_ROUNDS):
        for end in tuple(open_):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            open_.remove(end)
        if not open_:
            break
    return dict(ends[0].getpeercert() or {})


def _words(err: ssl.SSLError) -> str:
    return str(getattr(err, "verify_message", None) or err.reason or err).lower().replace("_", " ")
