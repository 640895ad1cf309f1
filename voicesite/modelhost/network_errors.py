"""Messages for failed requests to other machines. Pure."""

import ssl
from collections.abc import Iterator

from urllib3 import exceptions

from voicesite.texts import N_


def explain(error: BaseException, server: str, host: str, advice: str, timeout: float) -> tuple[str, bool]:
    """Return what an error of urllib3 means and what to do about it, in words, and whether it is permanent.

    server: as in “the speech server gpu:8091”. host: its name alone. advice: what to do if it can't be reached. timeout:
    of reading, in seconds.
    """
    causes = list(_causes(error))
    subject = server[0].upper() + server[1:]
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            advice = N_("Where a proxy inspects traffic, SSL_CERT_FILE names the file with its certificate.")
            return N_("{subject} could not prove who it is ({verify_message}). {advice}").format(
                subject=subject, verify_message=cause.verify_message, advice=advice
            ), True
        if "Tunnel connection failed" in str(cause) or isinstance(cause, exceptions.ProxyError):
            return N_("The proxy doesn’t allow access to {host} ({causes}). See HTTPS_PROXY.").format(
                host=host, causes=causes[-1]
            ), False
    for cause in causes:
        match cause:
            case exceptions.SSLError():
                why = N_("it could not prove who it is ({causes})").format(causes=causes[-1])
                return N_("No secure connection to {host} could be made: {why}.").format(host=host, why=why), False
            case exceptions.NameResolutionError():
                return N_("{subject} can’t be reached (its name is not known in this network). {advice}").format(
                    subject=subject, advice=advice
                ), False
            case exceptions.NewConnectionError() | exceptions.ConnectTimeoutError():
                why = getattr(causes[-1], "strerror", None) or N_("it isn’t responding")
                return N_("{subject} can’t be reached ({why}). {advice}").format(
                    subject=subject, why=why, advice=advice
                ), False
            case exceptions.ReadTimeoutError():
                return N_("{subject} said nothing for {timeout} seconds.").format(
                    subject=subject, timeout=f"{timeout:.0f}"
                ), False
    return N_("The connection to {server} broke off.").format(server=server), False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and the errors that it wraps, the outermost first."""
    while error:
        yield error
        wrapped = (value for value in reversed(error.args) if isinstance(value, BaseException))
        error = error.__cause__ or next(wrapped, None)
