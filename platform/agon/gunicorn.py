"""gunicorn's configuration: `gunicorn --config python:agon.gunicorn agon.wsgi`.

Threads, because pages wait for the database more than they compute. Each worker has a listening
socket of its own (`reuse_port`): with a shared one, kept-alive connections were seen to pile up on
one worker while the other stood idle.
"""

import os
from pathlib import Path

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
reuse_port = True

timeout = 60
graceful_timeout = 8
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60

# Nobody manages the server from inside it; and its heartbeat files belong in memory.
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (gunicorn makes its own names in it)

accesslog = os.environ.get("ACCESS_LOG") or None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "info")
