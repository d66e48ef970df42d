"""A 1 kHz probe of a server that these measurements start themselves; bench/slow-flush and
bench/rewrite-probe share it."""
import contextlib
import os
import signal
import socket
import sys
import time

PORT = 7390
SET = b"*3\r\n$3\r\nSET\r\n$5\r\nprobe\r\n$1\r\nx\r\n"


@contextlib.contextmanager
def awake():
    """Keeps each core busy with a thread of the idle class, which yields to everybody at once. A core
    of a virtual machine that has nothing to do is taken from it, and its host returns it when it
    likes: up to 20 ms later, which any server's longest answers then show."""
    spinners = []
    for core in os.sched_getaffinity(0):
        child = os.fork()
        if child == 0:
            os.sched_setaffinity(0, {core})
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            while os.getppid() != 1:
                for _ in range(1_000_000):
                    pass
            os._exit(0)
        spinners.append(child)
    try:
        yield
    finally:
        for child in spinners:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def call(sock, *words):
    sock.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words))
    return sock.recv(1 << 16)


def connect(port=PORT):
    sock = socket.create_connection(("127.0.0.1", port), timeout=60)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def ready(port=PORT):
    for _ in range(600):
        try:
            sock = connect(port)
            if call(sock, "PING").startswith(b"+PONG"):
                return sock
            sock.close()
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("the server does not answer")


def field(sock, section, name):
    """What INFO tells."""
    for line in call(sock, "INFO", section).decode().splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1]
    sys.exit(f"INFO {section} has no {name}")


def probe(sock, seconds):
    """Milliseconds of each request, ascending; those due when the time is up are left out. Each SET
    is timed from the moment that it was due, if the answer before it was late; if the client itself
    has slept too long, from when it was sent."""
    taken, due = [], time.perf_counter()
    end = due + seconds
    while time.perf_counter() < end:
        due += 0.001
        wait = due - time.perf_counter()
        begin = due
        if wait > 0:
            time.sleep(wait)
            begin = time.perf_counter()
        sock.sendall(SET)
        sock.recv(64)
        taken.append((time.perf_counter() - begin) * 1000)
    return sorted(taken)


def at(taken, share):
    return taken[min(len(taken) - 1, int(len(taken) * share))]
