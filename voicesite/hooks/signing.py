"""Secrets and signatures of the Standard Webhooks specification 1.0 (https://www.standardwebhooks.com). Pure."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification wants 24 to 64


def new_secret() -> str:
    """Return a new secret: base64 of random bytes, after the prefix by which people and scanners know it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(delivery_id: str, timestamp: int, body: bytes, valid_secrets: Iterable[str]) -> dict[str, str]:
    """Return the three headers by which a receiver knows who sent `body`, and that it is no old one sent again.

    timestamp: of this try, in seconds since 1970. There is a signature for each secret, as one may be replaced.
    """
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(base64.b64decode(one.removeprefix(PREFIX)), signed, hashlib.sha256) for one in valid_secrets)
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests),
    }
