"""A TCP forwarder that can be cut and mended: a server that goes away and comes back, for one client only."""
import socket
import threading


class Proxy:
    def __init__(self, host, port):
        self.target = (host, int(port))
        self.port = None
        self._pairs = []
        self.mend()

    def mend(self):
        listener = socket.create_server(("127.0.0.1", self.port or 0))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self):
        for end in [self._listener, *(end for pair in self._pairs for end in pair)]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        self._pairs = []

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
                pair = (client, socket.create_connection(self.target))
            except OSError:
                return
            self._pairs.append(pair)
            for source, sink in (pair, pair[::-1]):
                threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    @staticmethod
    def _forward(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
