"""A storage that serves files over HTTP, as the site's does."""

import http.server
import threading

import pytest
from scoring_files import sha256_of

from scoring.contract import FileReference


class Storage:
    """Files by hash; `answers` are statuses to give before a file is given."""

    def __init__(self):
        self.files = {}
        self.answers = []
        self.requests = 0
        self.address = ""

    def put(self, content, name="mine.csv"):
        sha256 = sha256_of(content)
        self.files[sha256] = content
        return FileReference(
            url=f"{self.address}/{sha256}", name=name, sha256=sha256, size=len(content)
        )


@pytest.fixture
def storage():
    storage = Storage()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            storage.requests += 1
            content = storage.files.get(self.path[1:], b"")
            status = storage.answers.pop(0) if storage.answers else 200
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        storage.address = f"http://127.0.0.1:{server.server_port}"
        yield storage
        server.shutdown()
        thread.join()
