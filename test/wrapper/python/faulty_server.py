"""A server of HTTP that fails as it is told: what the orchestrator does only when something is wrong."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[["_Handler"], None]


def answers(status: int, body: object) -> Reply:
    def reply(handler: "_Handler") -> None:
        text = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text)))
        handler.send_header("X-Request-Id", "seven")
        handler.end_headers()
        handler.wfile.write(text)

    return reply


def fails(status: int, code: str, retryable: bool) -> Reply:
    return answers(status, {"error": f"It is {code}.", "code": code, "retryable": retryable})


def hangs_up(handler: "_Handler") -> None:
    """Closes the connection in place of an answer."""
    handler.close_connection = True


def is_silent(handler: "_Handler") -> None:
    """Answers nothing until the caller has gone."""
    handler.connection.recv(1)
    handler.server.left.set()
    handler.close_connection = True


def trickles(handler: "_Handler") -> None:
    """Sends a byte now and then of an answer that has no end."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    try:
        while not handler.server.left.wait(0.02):
            handler.wfile.write(b" ")
    except OSError:
        handler.server.left.set()
    handler.close_connection = True


class FaultyServer(ThreadingHTTPServer):
    """Replies with each of `replies` in turn, and with the last one from then on."""

    daemon_threads = True

    def __init__(self, replies: tuple[Reply, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = replies
        self.timeouts_ms: list[int] = []
        self.called = threading.Event()
        self.left = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def calls(self) -> int:
        return len(self.timeouts_ms)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.server.replies[min(self.server.calls, len(self.server.replies) - 1)]
        self.server.timeouts_ms.append(int(self.headers["X-Request-Timeout-Ms"]))
        self.server.called.set()
        reply(self)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def faulty_server(*replies: Reply) -> Iterator[FaultyServer]:
    server = FaultyServer(replies)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.left.set()
        server.shutdown()
        thread.join()
        server.server_close()
