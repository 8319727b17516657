"""Where the database is, and how it is called where people can read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sps.adapters.store_postgres.text import keep_texts
from sps.model.errors import Misuse

_SCHEMES = ("postgresql://", "postgres://")
_CONNECT_S = 5
_WITH_PASSWORD = re.compile(r"//[^/@\s]*@|(?i:password)\s*=\s*\S+")
# A peer that is gone is noticed within half a minute; a program that was stopped in the middle of
# a transaction loses it, since everybody else waits for it.
_LINE = {
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
_SESSION = (
    "SET search_path = sps; SET client_encoding = UTF8; SET standard_conforming_strings = on; "
    "SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '4s'; "
    "SET synchronous_commit = on; SET TimeZone = UTC; SET application_name = sps"
)


@dataclass(frozen=True)
class Address:
    """A database by its URL. Only `url` holds the password, and nothing prints it."""

    url: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The host and the name of the database."""
        known = conninfo_to_dict(self.url)
        host = known.get("host") or known.get("hostaddr") or "local"
        port = f":{known['port']}" if known.get("port") else ""
        return f"postgresql://{host}{port}/{known.get('dbname') or ''}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password, as it is and as the URL writes it; empty when it stands elsewhere."""
        known = conninfo_to_dict(self.url).get("password")
        return () if not known else tuple({str(known), quote(str(known), safe="")})

    def clean(self, text: str) -> str:
        """Return a message without the password, in whatever form it is in there."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return _WITH_PASSWORD.sub("//***@", text)

    def connect(self) -> psycopg.Connection:
        """Open a connection with our settings, in autocommit. What the URL says about TLS and
        timeouts holds. Raises `psycopg.Error`."""
        known = {name: str(value) for name, value in conninfo_to_dict(self.url).items()}
        line = make_conninfo(**{"connect_timeout": str(_CONNECT_S), **_LINE, **known})
        connection = psycopg.connect(line, autocommit=True)
        try:
            keep_texts(connection)
            connection.execute(_SESSION)
        except BaseException:
            connection.close()
            raise
        return connection


def address_of(url: str) -> Address:
    """Check a URL. Raises `Misuse("bad-database")`, which never repeats it."""
    hint = "SPS_DATABASE=postgresql://USER@HOST/DATABASE"
    if not url.startswith(_SCHEMES):
        raise Misuse(
            "bad-database", "SPS_DATABASE is no URL that begins with postgresql://", hint=hint
        )
    try:
        conninfo_to_dict(url)
    except psycopg.Error:  # whose words quote the URL
        raise Misuse("bad-database", "SPS_DATABASE cannot be read as a URL", hint=hint) from None
    return Address(url)
