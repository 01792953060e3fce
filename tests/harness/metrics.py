"""What a worker serves over HTTP."""
import http.client
import re

SAMPLE = re.compile(r'^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def ask(address, path, method="GET"):
    """Status, body and headers."""
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode(), dict(response.getheaders())
    finally:
        connection.close()


def address_of(worker):
    """Where a RunningWorker listens, by its log."""
    return worker.wait("listening")["address"]


class Metrics:
    """One answer of /metrics, every line of which is understood."""

    def __init__(self, text):
        self.text, self.types, self.samples = text, {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.types[name] = kind
            elif not line.startswith("# HELP "):
                sample = SAMPLE.match(line)
                assert sample, f"not a line of the text format: {line}"
                labels = tuple(sorted(LABEL.findall(sample["labels"] or "")))
                assert (sample["name"], labels) not in self.samples, f"given twice: {line}"
                self.samples[sample["name"], labels] = float(sample["value"])

    def value(self, name, **labels):
        """None if there is no such sample."""
        return self.samples.get((name, tuple(sorted(labels.items()))))


def metrics_of(address):
    status, text, headers = ask(address, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), (status, headers)
    return Metrics(text)
