"""TLS with the system's certificate authorities. Pure."""

import os
import ssl
from contextlib import suppress
from functools import lru_cache
from importlib import import_module

from .protocol import ModelError


@lru_cache
def context() -> ssl.SSLContext:
    """Return a TLS context that trusts the system's authorities and those in SSL_CERT_FILE. Raises ModelError.

    Python alone does not find those on macOS. truststore and certifi do: the engines' libraries bring one of them.
    """
    try:
        trusted = import_module("truststore").SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    except ImportError:
        trusted = ssl.create_default_context()
        with suppress(ImportError):
            trusted.load_verify_locations(import_module("certifi").where())
    if named := os.environ.get("SSL_CERT_FILE"):
        try:
            trusted.load_verify_locations(named)
        except OSError as error:
            message = f"SSL_CERT_FILE is {named}, which can't be read as certificates."
            raise ModelError(message, permanent=True) from error
    return trusted
