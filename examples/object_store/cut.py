"""A line to the store that breaks: passes connections on until so many bytes went up, then drops what is uploaded.

    cut.py STORE_PORT BYTES        prints its own port

Behind the break only what begins with PUT is dropped: the store is there, but the upload cannot go on.
"""
import socket
import socketserver
import sys
import threading

STORE = ("127.0.0.1", int(sys.argv[1]))
left = int(sys.argv[2])
lock = threading.Lock()


def passes(data: bytes, is_put: bool) -> bool:
    """Counts what goes up; says whether it may."""
    global left
    with lock:
        if is_put:
            left -= len(data)
        return not is_put or left > 0


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Line(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        store = socket.create_connection(STORE)
        threading.Thread(target=pump, args=(store, self.request), daemon=True).start()
        is_put = False
        try:
            while data := self.request.recv(65536):
                # Requests follow each other on one connection; a body never looks like a request line here.
                head = data.split(b"\r\n", 1)[0]
                if head.endswith(b" HTTP/1.1"):
                    is_put = head.startswith(b"PUT ")
                if not passes(data, is_put):
                    break
                store.sendall(data)
        except OSError:
            pass
        finally:
            store.close()


class Lines(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Lines(("127.0.0.1", 0), Line) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
