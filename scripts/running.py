"""What scripts share that run a release build of hookline beside the sandbox, on 127.0.0.1."""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def fail(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def binary():
    """The program: $HOOKLINE, or the release build, made if it is not there."""
    given = os.environ.get("HOOKLINE")
    if not given:
        subprocess.run(["swift", "build", "-c", "release"], cwd=ROOT, check=True)
        given = str(ROOT / ".build/release/hookline")
    return given


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A process that takes connections; it can be ended and started again."""

    def __init__(self, work, name, arguments, port):
        self.name, self.arguments, self.port = name, arguments, port
        self.log = open(work / f"{name}.log", "ab")
        self.child = None

    def start(self):
        """Starts it and gives the seconds until it takes connections."""
        begin = time.monotonic()
        self.child = subprocess.Popen(
            self.arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        while time.monotonic() < begin + 60:
            if self.child.poll() is not None:
                fail(f"{self.name} ended with {self.child.returncode}; see {self.log.name}")
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return time.monotonic() - begin
            time.sleep(0.002)
        fail(f"{self.name} took no connection within 60 s; see {self.log.name}")

    def end(self, how=signal.SIGTERM):
        """Sends a signal and waits; one that does not end within a minute is killed."""
        if not self.child or self.child.poll() is not None:
            return
        self.child.send_signal(how)
        try:
            self.child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def cpu_seconds(self):
        text = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text()
        fields = text.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def anonymous_bytes(self):
        text = pathlib.Path(f"/proc/{self.child.pid}/smaps_rollup").read_text()
        return int(re.search(r"Anonymous:\s+(\d+)", text).group(1)) * 1024


def sandbox(work, program, port, *arguments):
    """The embedded API server as a process; it writes its kubeconfig into the folder."""
    return Process(work, "sandbox", [
        program, "sandbox", "--listen", f"127.0.0.1:{port}", "--kubeconfig",
        str(work / "kubeconfig"), "--log-level", "error", *arguments], port)


def serve(work, program, name, port, admin):
    """A hookline of the hook.yaml and the kubeconfig in the folder, with a journal of its own."""
    return Process(work, name, [
        program, "serve", "--config", str(work / "hook.yaml"), "--kubeconfig",
        str(work / "kubeconfig"), "--state", str(work / f"{name}-journal"), "--listen",
        f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}", "--log-level", "error"], port)


class API:
    """The sandbox, as an operator sees it."""

    def __init__(self, work, namespace):
        kubeconfig = work / "kubeconfig"
        deadline = time.monotonic() + 30
        while not (kubeconfig.exists() and kubeconfig.stat().st_size):
            if time.monotonic() > deadline:
                fail("the sandbox wrote no kubeconfig")
            time.sleep(0.01)  # It is written when the sandbox listens.
        text = kubeconfig.read_text()
        authority = base64.b64decode(self.field(text, "certificate-authority-data")).decode()
        self.token = self.field(text, "token")
        self.context = ssl.create_default_context(cadata=authority)
        self.address = re.search(r"https://([^/\s\"]+)", text).group(1)
        self.runs_path = f"/apis/tekton.dev/v1/namespaces/{namespace}/pipelineruns"
        status, answer = self.request(
            "POST", "/api/v1/namespaces",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        if status not in (201, 409):
            fail(f"creating the namespace: {status} {answer.get('message')}")

    @staticmethod
    def field(text, name):
        found = re.search(rf"{name}:\s*\"?([^\"\s]+)", text)
        return found.group(1) if found else fail(f"the kubeconfig has no {name}")

    def request(self, method, path, body=None):
        connection = http.client.HTTPSConnection(self.address, context=self.context, timeout=300)
        with contextlib.closing(connection):
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            connection.request(method, path, body and json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def count(self):
        """How many runs there are."""
        status, page = self.request("GET", f"{self.runs_path}?limit=1")
        if status != 200:
            fail(f"listing runs: {status} {page.get('message')}")
        return len(page["items"]) + page["metadata"].get("remainingItemCount", 0)

    def runs(self):
        """The metadata of all runs."""
        token = ""
        while True:
            status, page = self.request("GET", f"{self.runs_path}?limit=500&continue={token}")
            if status != 200:
                fail(f"listing runs: {status} {page.get('message')}")
            for run in page["items"]:
                yield run["metadata"]
            token = page["metadata"].get("continue", "")
            if not token:
                return

    def delete_runs(self):
        status, answer = self.request("DELETE", self.runs_path)
        if status != 200:
            fail(f"deleting runs: {status} {answer.get('message')}")


def dead_letters(program, admin):
    """How many deliveries have failed, up to a page."""
    listed = subprocess.run(
        [program, "deliveries", "list", "--admin", f"http://127.0.0.1:{admin}", "--state",
         "failed", "--output", "json"], capture_output=True, text=True)
    if listed.returncode != 0:
        fail(f"hookline deliveries list: {listed.stderr.strip()}")
    return len(json.loads(listed.stdout)["deliveries"])
