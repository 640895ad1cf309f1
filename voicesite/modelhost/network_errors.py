"""Messages for failed requests to other machines. Pure."""

import ssl
from collections.abc import Iterator

from urllib3 import exceptions


def explain(error: BaseException, server: str, host: str, advice: str, timeout: float) -> tuple[str, bool]:
    """Return what an error of urllib3 means and what to do about it, in words, and whether it is permanent.

    server: as in “the speech server gpu:8091”. host: its name alone. advice: what to do if it can't be reached. timeout:
    of reading, in seconds.
    """
    causes = list(_causes(error))
    subject = server[0].upper() + server[1:]
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            advice = "Where a proxy inspects traffic, SSL_CERT_FILE names the file with its certificate."
            return f"{subject} could not prove who it is ({cause.verify_message}). {advice}", True
        if "Tunnel connection failed" in str(cause) or isinstance(cause, exceptions.ProxyError):
            return f"The proxy does not let us through to {host} ({causes[-1]}). See HTTPS_PROXY.", False
    for cause in causes:
        match cause:
            case exceptions.SSLError():
                why = f"it could not prove who it is ({causes[-1]})"
                return f"No secure connection to {host} could be made: {why}.", False
            case exceptions.NameResolutionError():
                return f"{subject} can’t be reached (its name is not known in this network). {advice}", False
            case exceptions.NewConnectionError() | exceptions.ConnectTimeoutError():
                why = getattr(causes[-1], "strerror", None) or "it does not answer"
                return f"{subject} can’t be reached ({why}). {advice}", False
            case exceptions.ReadTimeoutError():
                return f"{subject} said nothing for {timeout:.0f} seconds.", False
    return f"The connection to {server} broke off.", False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and the errors that it wraps, the outermost first."""
    while error:
        yield error
        wrapped = (value for value in reversed(error.args) if isinstance(value, BaseException))
        error = error.__cause__ or next(wrapped, None)
