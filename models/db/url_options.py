"""The connection options in the URL of a server, after its `?`: which there are, and which values they may have."""

import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from models.db.failures import CLEAR_TEXT, OLD_PASSWORD
from models.errors import Unavailable

MAX_TIMEOUT_S = 31_536_000
"""A year: the longest timeout that may be set."""

_YES, _NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_ENCRYPTED = ("require", "verify-ca", "verify-full")
"""The values of PostgreSQL's `sslmode` with which nothing is sent without TLS."""


def parse(query: str) -> dict[str, str]:
    """The options of a URL's query by name."""
    return dict(parse_qsl(query, keep_blank_values=True))


def _wrong(name: str, why: str) -> Unavailable:
    return Unavailable(f"the option “{name}” {why}")


def _not_an_option(name: str) -> Unavailable:
    return Unavailable(f"“{name}” is not a connection option")


def _tls_wish(value: str) -> bool | None:
    """What the option `ssl` says: true for TLS, None for TLS with the certificate checked, false for no TLS."""
    if value.lower() == "verify":
        return None
    if value.lower() in (*_YES, *_NO):
        return value.lower() in _YES
    raise _wrong("ssl", "must be true, false or verify")


# PostgreSQL


def postgres_options(given: Mapping[str, str]) -> dict[str, str]:
    """The options as libpq takes them; it checks their values itself, but for what would crash its driver.

    A password in clear text is refused to servers that might be anyone's: where TLS is not required. Raises Unavailable
    for what is not an option, or is set by us, and where libpq is too old to refuse that.
    """
    from psycopg import pq

    defaults = {option.keyword.decode(): option for option in pq.Conninfo.get_defaults()}
    ours = {"dbname", "client_encoding", *(name for name, option in defaults.items() if option.dispchar == b"D")}
    options = {name: value for name, value in given.items() if name != "ssl"}
    for name, value in options.items():
        if name not in defaults or name in ours:
            raise _not_an_option(name)
        if name in _POSTGRES_COUNTS and not (value.isascii() and value.isdecimal() and int(value[:10]) < 2**31):
            raise _wrong(name, "must be a whole number")
        if name == "port" and not re.fullmatch(r"[0-9]{0,5}(,[0-9]{0,5})*", value):  # one for each of several hosts
            raise _wrong(name, "must be a port, 1 to 65535")

    def effective(name: str) -> str:
        """The value given, or else the one that a variable or the service file of a variable names."""
        inherited = None if "service" in given else defaults[name].val
        return options.get(name) or (inherited.decode() if inherited else "")

    if "ssl" in given and "sslmode" not in given:
        wanted = _tls_wish(given["ssl"])
        options["sslmode"] = "verify-full" if wanted is None else "require" if wanted else "disable"
        if wanted is None and "service" not in given:
            options |= _trusted_roots(effective("sslrootcert"))
    if effective("sslmode") not in _ENCRYPTED:
        if pq.version() < 160000:
            raise Unavailable(
                f"libpq {pq.version() // 10000} would send the password in clear text to any server that asks for it; "
                "demand TLS with ?ssl=true, or install libpq 16 or newer (pip install 'psycopg[binary]')"
            )
        options["require_auth"] = _without_clear_text(effective("require_auth"))
    return options


_POSTGRES_COUNTS = {"connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"}
_POSTGRES_COUNTS |= {"tcp_user_timeout"}


def _without_clear_text(methods: str) -> str:
    """PostgreSQL's `require_auth` without its method `password`."""
    named = [method.strip() for method in methods.split(",") if method.strip()]
    if "password" in named:
        raise _wrong("require_auth", "allows a password in clear text, which needs TLS: add ?ssl=true or ?ssl=verify")
    refused = [method for method in named if method.startswith("!")]
    return ",".join(named if (named and not refused) or "!password" in named else [*named, "!password"])


def _trusted_roots(named: str) -> dict[str, str]:
    """Where the certificates that are trusted lie: where libpq looks for them by itself, else the system's.

    psycopg's wheels bring an OpenSSL that looks for the system's in a folder of its own, where none are.
    """
    if named or Path("~/.postgresql/root.crt").expanduser().exists():
        return {}
    return {"sslrootcert": ssl.get_default_verify_paths().cafile or "system"}


# MySQL and MariaDB


def mysql_options(given: Mapping[str, str]) -> dict[str, Any]:
    """The options as PyMySQL takes them, its own for TLS as one context or none.

    Raises Unavailable for what is not an option, or is set by us, and for an invalid value.
    """
    options: dict[str, Any] = {}
    for name, value in given.items():
        if name not in _MYSQL:
            raise _not_an_option(name)
        options[name] = _MYSQL[name](name, value)
    return _mysql_tls(options) | {name: value for name, value in options.items() if not name.startswith("ssl")}


def _text(name: str, value: str) -> str:
    return value


def _word(name: str, value: str) -> str:
    if not (value.isascii() and value.replace("_", "").isalnum()):
        raise _wrong(name, "must be a name of letters, digits and _")
    return value


def _charset(name: str, value: str) -> str:
    if value != "utf8mb4":
        raise _wrong(name, "must be utf8mb4: any other loses characters on the line")
    return value


def _flag(name: str, value: str) -> bool:
    if value.lower() not in (*_YES, *_NO):
        raise _wrong(name, "must be true or false")
    return value.lower() in _YES


def _port(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and 0 < int(value[:6]) < 65536):
        raise _wrong(name, "must be a port, 1 to 65535")
    return int(value)


def _seconds(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= MAX_TIMEOUT_S:  # nor for what is not a number
        raise _wrong(name, "must be a number of seconds above 0")
    return seconds


def _file(name: str, value: str) -> str:
    try:
        path = Path(value).expanduser()
        if not path.is_file():
            raise _wrong(name, "must be an existing file")
    except (OSError, RuntimeError) as error:
        raise _wrong(name, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return str(path)


_MYSQL: dict[str, Callable[[str, str], Any]] = {
    **dict.fromkeys(("user", "password", "host", "unix_socket", "bind_address", "program_name", "sql_mode"), _text),
    **dict.fromkeys(("read_default_group", "ssl_key_password"), _text),
    **dict.fromkeys(("read_default_file", "ssl_ca", "ssl_cert", "ssl_key"), _file),
    **dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), _seconds),
    **dict.fromkeys(("ssl_disabled", "ssl_verify_cert", "ssl_verify_identity"), _flag),
    "port": _port,
    "charset": _charset,
    "collation": _word,
    "ssl": lambda _, value: _tls_wish(value),
}
"""Every option that may be given, and what makes its value of the text in the URL."""


def _mysql_tls(options: Mapping[str, Any]) -> dict[str, Any]:
    """TLS as the options ask for it; without any it is used where the server offers it, and nothing is checked."""
    wanted = options.get("ssl", True)
    named = {name: value for name, value in options.items() if name.startswith("ssl_")}
    disabled = named.pop("ssl_disabled", False if any(named.values()) else wanted is False)
    if disabled:
        return {"ssl_disabled": True}
    if "ssl" not in options and not named:
        return {}
    verify, authority = wanted is None, named.get("ssl_ca")
    trusted = named.get("ssl_verify_cert", verify or authority is not None)
    identity = named.get("ssl_verify_identity", verify and trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = identity
    if trusted or identity:
        try:
            context.load_verify_locations(authority) if authority else context.load_default_certs()
        except (OSError, ValueError):
            raise _wrong("ssl_ca", "must be a file with certificates") from None
    else:
        context.verify_mode = ssl.CERT_NONE
    if certificate := named.get("ssl_cert"):
        try:  # without a password of ours OpenSSL would ask for one
            context.load_cert_chain(certificate, named.get("ssl_key"), named.get("ssl_key_password", ""))
        except (OSError, ValueError):
            raise _wrong("ssl_cert", "does not fit ssl_key and ssl_key_password") from None
    return {"ssl": context}


def guarded_plugins() -> dict[str, type]:
    """PyMySQL's handlers of the authentication methods that reveal the password to the server."""
    handlers = {name: type(name, (_OverTls,), {"plugin": name.encode()}) for name in ("mysql_clear_password", "dialog")}
    return {**handlers, "mysql_old_password": _Never}


class _OverTls:
    """Authenticates as the driver does by itself, where the connection is encrypted."""

    plugin = b""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def authenticate(self, packet: Any) -> Any:
        if not isinstance(self._connection._sock, ssl.SSLSocket):
            raise _refusal(CLEAR_TEXT)
        return self._connection._process_auth(self.plugin, packet)


class _Never(_OverTls):
    """Refuses to authenticate: the password can be computed from what it would send."""

    def authenticate(self, packet: Any) -> Any:
        raise _refusal(OLD_PASSWORD)


def _refusal(why: str) -> Exception:
    from pymysql.constants.CR import CR_AUTH_PLUGIN_ERR
    from pymysql.err import OperationalError

    return OperationalError(CR_AUTH_PLUGIN_ERR, why)  # type: ignore[no-any-return]
