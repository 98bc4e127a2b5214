"""Signatures by the Standard Webhooks specification: libraries that check them exist in most languages."""

import hmac
from base64 import b64decode, b64encode

from articles.models.webhook import SECRET_PREFIX


def headers(secret: str, *, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What says and proves that the holder of the secret sent this body under this id at this time (of Unix)."""
    signed = f"{id}.{timestamp}.".encode() + body
    digest = hmac.digest(b64decode(secret.removeprefix(SECRET_PREFIX)), signed, "sha256")
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }
