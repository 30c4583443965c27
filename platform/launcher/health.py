"""Whether the web server answers: `python -m launcher.health`. Exit code 0 means yes.

The container's health check, and what `make serve` waits for.
"""

from __future__ import annotations

import http.client
import os
import sys
from urllib.parse import urlsplit

SECONDS = 4.0


def ask(host: str, port: int, *, name: str) -> str:
    """`200 OK` or why not. Asked directly: a proxy of the environment is not in the way."""
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        response = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    else:
        return f"{response.status} {response.reason}"
    finally:
        connection.close()


def main() -> int:
    port = int(os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2])
    name = urlsplit(os.environ.get("INTERNAL_URL", "")).netloc or f"127.0.0.1:{port}"
    answer = ask("127.0.0.1", port, name=name)
    print(answer)
    return 0 if answer.startswith("200") else 1


if __name__ == "__main__":
    sys.exit(main())
