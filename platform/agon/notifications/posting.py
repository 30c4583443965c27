"""Sends one message to an address of a host's own, and to nothing behind this site's walls.

A host may write any address. So the name is resolved here, every address that it stands for must be
a public one, and the connection goes to the very address that was checked: a name that changes its
mind between the check and the connection gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import logging
import secrets
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from django.conf import settings

logger = logging.getLogger(__name__)

SECONDS = 10.0
ANSWER_BYTES = 500
PREFIX = "whsec_"
TRANSLATING = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """The message was not sent; the argument is a key of `models.webhooks.FAULTS`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to: an answer's status, or a fault."""

    status: int | None
    fault: str
    answer: str
    seconds: float

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def new_secret() -> str:
    """As the Standard Webhooks libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def signature(*, secret: str, token: str, timestamp: int, body: str) -> str:
    """The signature of Standard Webhooks 1.0: HMAC-SHA256 of identifier, time and body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{token}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def post(*, url: str, secret: str, token: str, body: str) -> Outcome:
    """Send it once; never raises for anything that the receiver or the network does."""
    began = time.monotonic()

    def ended(*, status: int | None = None, fault: str = "", answer: str = "") -> Outcome:
        return Outcome(status, fault, answer, round(time.monotonic() - began, 3))

    try:
        status, answer = _post(url, secret, token, body)
    except Refused as refusal:
        return ended(fault=str(refusal))
    except httpx.TimeoutException:
        return ended(fault="timeout")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        if time.monotonic() - began >= SECONDS:
            return ended(fault="timeout")
        is_certificate = "CERTIFICATE" in str(error) or isinstance(error, ssl.SSLError)
        return ended(fault="certificate" if is_certificate else "connection")
    except Exception:  # the alarm closed the connection while it was being read
        if time.monotonic() - began < SECONDS:
            logger.exception("A message to a webhook ended in a way that nobody foresaw.")
        return ended(fault="timeout")
    return ended(status=status, answer=answer)


def _post(url: str, secret: str, token: str, body: str) -> tuple[int, str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    allowed = {"https", "http"} if settings.WEBHOOK_ALLOW_PRIVATE else {"https"}
    if parts.scheme not in allowed:
        raise Refused("not_https")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = checked_address(host, port)
    literal = f"[{address}]" if address.version == 6 else str(address)
    timestamp = int(time.time())
    request = httpx.Request(
        "POST",
        httpx.URL(url).copy_with(host=literal, port=port),
        content=body.encode(),
        headers={
            "Host": parts.netloc.rpartition("@")[2],
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Agon-Webhooks/1",
            "webhook-id": token,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(
                secret=secret, token=token, timestamp=timestamp, body=body
            ),
        },
        # The certificate is that of the name, though the connection goes to the number.
        extensions={
            "sni_hostname": host,
            "timeout": httpx.Timeout(SECONDS / 2).as_dict(),
        },
    )
    with httpx.Client(trust_env=False, follow_redirects=False) as client:
        # A timeout is for each read; this one is for all of them, against an answer that drips.
        alarm = threading.Timer(SECONDS, client.close)
        alarm.daemon = True
        alarm.start()
        try:
            response = client.send(request, stream=True)
            try:
                return response.status_code, _beginning(response)
            finally:
                response.close()
        finally:
            alarm.cancel()


def _beginning(response: httpx.Response) -> str:
    """The first bytes of an answer, however long it is and however slowly it drips."""
    content = b""
    until = time.monotonic() + SECONDS / 2
    try:
        for chunk in response.iter_raw(ANSWER_BYTES):
            content += chunk
            if len(content) >= ANSWER_BYTES or time.monotonic() > until:
                break
    except httpx.HTTPError:  # the status is what counts
        pass
    text = content[:ANSWER_BYTES].decode("utf-8", "replace")
    return "".join(character for character in text if character.isprintable() or character == "\n")


def checked_address(host: str, port: int) -> Address:
    """An address of this host; all that it has must be public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused("name") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise Refused("name")
    if not settings.WEBHOOK_ALLOW_PRIVATE and not all(is_public(one) for one in addresses):
        raise Refused("private")
    return addresses[0]


def is_public(address: Address) -> bool:
    """Whether it is one of the open internet, also behind what IPv6 wraps around IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in TRANSLATING:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
