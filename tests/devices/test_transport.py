"""A job arrives whole, or an error says whether paper may have come out."""

import errno
import os
import re
import select
import socket
import struct
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.errors import (
    PrinterError,
    PrinterPortError,
    PrinterRefused,
    PrinterReset,
    PrinterTimeout,
    PrinterUnreachable,
    PrinterUrlError,
)
from devices.transport import FileTransport, SerialTransport, TcpTransport, open_transport
from devices.ways import way_to

XON, XOFF = b"\x11", b"\x13"
JOB = bytes(range(256)) * 800  # more than one segment, every byte value


@contextmanager
def listener(serve: Callable[[socket.socket], None]) -> Iterator[tuple[str, threading.Thread]]:
    """A printer that serves one connection as told, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def one() -> None:
            peer, _ = server.accept()
            with peer:
                serve(peer)

        thread = threading.Thread(target=one, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}", thread


def read_all(peer: socket.socket) -> bytes:
    return b"".join(iter(lambda: peer.recv(65536), b""))


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def test_a_whole_job_arrives_over_tcp() -> None:
    got: list[bytes] = []
    with listener(lambda peer: got.append(read_all(peer))) as (url, thread):
        open_transport(url).send(JOB, 5)
        thread.join(5)
    assert got == [JOB]


def test_a_bare_host_and_port_will_do() -> None:
    got: list[bytes] = []
    with listener(lambda peer: got.append(read_all(peer))) as (url, thread):
        open_transport(url.removeprefix("tcp://")).send(b"hello", 5)
        thread.join(5)
    assert got == [b"hello"]


def test_a_printer_that_never_closes_its_side_is_well_once_it_has_everything() -> None:
    got: list[bytes] = []
    done = threading.Event()

    def serve(peer: socket.socket) -> None:
        got.append(read_all(peer))
        done.wait(5)

    with listener(serve) as (url, thread):
        transport = open_transport(url)
        assert isinstance(transport, TcpTransport)
        TcpTransport(url, transport.host, transport.port, linger_s=0.05).send(JOB, 5)
        done.set()
        thread.join(5)
    assert got == [JOB]


def test_a_reset_in_mid_job_is_an_error_and_may_have_printed() -> None:
    def serve(peer: socket.socket) -> None:
        peer.recv(1000)
        reset(peer)

    with listener(serve) as (url, _), pytest.raises(PrinterReset) as raised:
        open_transport(url).send(JOB * 20, 5)
    assert raised.value.may_have_printed
    assert raised.value.code == "printer-reset"
    assert url in str(raised.value)


def test_a_small_job_to_a_printer_that_closed_at_once_is_not_lost_in_silence() -> None:
    """The writes go into the kernel's buffer without error; only reading on tells."""
    with listener(lambda peer: peer.close()) as (url, _), pytest.raises(PrinterReset):
        open_transport(url).send(b"small", 5)


def test_a_job_thrown_away_after_the_last_write_is_noticed() -> None:
    """Every write succeeded, our side is closed, and only then the peer resets."""

    def serve(peer: socket.socket) -> None:
        poll = select.poll()
        poll.register(peer, select.POLLRDHUP)
        poll.poll(5000)
        threading.Event().wait(0.1)  # how this printer is, not how long we wait for it
        reset(peer)

    with listener(serve) as (url, _), pytest.raises(PrinterReset):
        open_transport(url).send(b"small", 5)


def test_a_job_that_the_other_side_never_acknowledges_is_a_timeout() -> None:
    done = threading.Event()

    def serve(peer: socket.socket) -> None:
        done.wait(10)

    with listener(serve) as (url, thread):
        transport = open_transport(url)
        assert isinstance(transport, TcpTransport)
        size = 3_000_000  # fits into our buffer, not into a peer's that does not read
        with pytest.raises(PrinterTimeout):
            TcpTransport(url, transport.host, transport.port, linger_s=0.05).send(b"x" * size, 0.5)
        done.set()
        thread.join(5)


def test_a_printer_that_takes_no_more_is_a_timeout() -> None:
    done = threading.Event()

    def serve(peer: socket.socket) -> None:
        done.wait(10)

    with listener(serve) as (url, thread):
        with pytest.raises(PrinterTimeout) as raised:
            open_transport(url).send(JOB * 100, 0.3)
        done.set()
        thread.join(5)
    assert raised.value.may_have_printed


def test_nobody_listening_is_refused_and_safe_to_send_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PrinterRefused) as raised:
        open_transport(f"127.0.0.1:{port}").send(b"x", 5)
    assert not raised.value.may_have_printed


def test_a_printer_that_does_not_answer_the_call_is_unreachable() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for caller in waiting:  # fill the backlog: the next call gets no answer at all
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        with pytest.raises(PrinterUnreachable) as raised:
            open_transport(f"tcp://127.0.0.1:{server.getsockname()[1]}").send(b"x", 0.3)
        for caller in waiting:
            caller.close()
    assert not raised.value.may_have_printed


@pytest.mark.parametrize("number", [errno.EHOSTUNREACH, errno.ENETUNREACH, socket.EAI_NONAME])
def test_no_way_there_is_unreachable(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError(number, "no way")

    monkeypatch.setattr(socket, "create_connection", fail)
    with pytest.raises(PrinterUnreachable):
        open_transport("tcp://printer.invalid:9100").send(b"x", 1)


def test_jobs_are_appended_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "paper.bin"
    open_transport(str(path)).send(b"one", 5)
    open_transport(f"file://{path}").send(b"two", 5)
    assert path.read_bytes() == b"onetwo"


def test_a_job_that_does_not_fit_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "paper.bin"
    path.write_bytes(b"before")
    write = os.write
    calls = iter([3])

    def short(fd: int, data: bytes) -> int:
        for count in calls:
            return write(fd, bytes(data)[:count])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", short)
    with pytest.raises(PrinterError):
        open_transport(str(path)).send(b"a whole job", 5)
    assert path.read_bytes() == b"before"


def test_a_folder_takes_one_file_per_job(tmp_path: Path) -> None:
    for job in (b"one", b"two", b"three"):
        open_transport(f"file://{tmp_path}/").send(job, 5)
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == ["000001.bin", "000002.bin", "000003.bin"]
    assert [f.read_bytes() for f in files] == [b"one", b"two", b"three"]


def test_jobs_of_many_threads_never_replace_each_other(tmp_path: Path) -> None:
    jobs = [f"job {n}".encode() for n in range(16)]
    threads = [
        threading.Thread(target=open_transport(str(tmp_path)).send, args=(job, 5)) for job in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(f.read_bytes() for f in tmp_path.iterdir()) == sorted(jobs)


def test_a_folder_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    for url in (f"{tmp_path}/nowhere/", f"{tmp_path}/nowhere/file"):
        with pytest.raises(PrinterUnreachable):
            open_transport(url).send(b"x", 5)


def test_a_whole_job_arrives_over_serial() -> None:
    master, slave = os.openpty()
    tty.setraw(master)
    got = bytearray()

    def drain() -> None:
        while len(got) < len(JOB):
            got.extend(os.read(master, 4096))

    thread = threading.Thread(target=drain, daemon=True)
    thread.start()
    open_transport(f"serial://{os.ttyname(slave)}?baud=115200").send(JOB, 10)
    thread.join(10)
    os.close(slave)
    os.close(master)
    assert bytes(got) == JOB


def test_a_serial_printer_that_takes_nothing_is_a_timeout() -> None:
    master, slave = os.openpty()
    with pytest.raises(PrinterTimeout):
        open_transport(f"serial://{os.ttyname(slave)}").send(JOB, 0.3)
    os.close(slave)
    os.close(master)


def test_a_serial_printer_that_is_full_is_sent_nothing() -> None:
    """It holds a few kilobytes: what came while it is full would be missing in the middle of a paper."""
    master, slave = os.openpty()
    tty.setraw(slave)
    sent = bytes(1024)
    with way_to(open_transport(f"serial://{os.ttyname(slave)}"), 5) as way:
        os.write(master, XOFF)
        for _ in range(1000):  # it may take a moment until the line knows
            taken = way.write(memoryview(sent), 0.05)
            if not taken:
                break
            assert os.read(master, len(sent)) == sent[:taken]
        assert not taken
        os.write(master, XON)
        while not way.write(memoryview(sent), 0.05):
            pass
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize(
    ("flow", "by_line"), [("", False), ("?flow=xon", False), ("?flow=rts", True)]
)
def test_how_a_serial_printer_says_that_it_is_full(flow: str, by_line: bool) -> None:
    """A line that is not wired would stop everything: only where somebody says so."""
    master, slave = os.openpty()
    transport = open_transport(f"serial://{os.ttyname(slave)}{flow}")
    assert isinstance(transport, SerialTransport)
    with transport.open() as line:
        input_, _, control, *_ = termios.tcgetattr(line.fileno())
        assert (bool(input_ & termios.IXON), bool(control & termios.CRTSCTS)) == (
            not by_line,
            by_line,
        )
    os.close(slave)
    os.close(master)


def test_a_serial_printer_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(PrinterUnreachable):
        open_transport(f"serial://{tmp_path}/ttyUSB9").send(b"x", 1)


def test_addresses() -> None:
    assert open_transport("tcp://[::1]:9100") == TcpTransport("tcp://[::1]:9100", "::1", 9100)
    assert open_transport("file:///a%20b") == FileTransport("file:///a%20b", Path("/a b"), False)
    serial = open_transport("serial:///dev/ttyUSB0?baud=19200")
    assert serial == SerialTransport("serial:///dev/ttyUSB0?baud=19200", "/dev/ttyUSB0", 19200)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tcp://host",
        "tcp://host:0",
        "tcp://host:99999",
        "host:99999",
        "tcp://:9100",
        "usb://1",
        "file://host/path",
        "serial:///dev/ttyS0?baud=fast",
        "serial:///dev/ttyS0?flow=none",
        "tcp://[::1:9100",
        "serial://ttyS0",
        "paper.bin",
        "./paper",
        "down/here",
        "file://paper",
        "/dev/bus/usb/001/004",
        "file:///dev/bus/usb/001/004",
    ],
)
def test_what_is_no_address_says_so(url: str) -> None:
    with pytest.raises(PrinterUrlError) as raised:
        open_transport(url)
    assert not raised.value.may_have_printed


@pytest.mark.parametrize(
    "url", ["192.168.1.50", "imprimante", "tcp://192.168.1.50", "printer.example", "tcp://[::1]"]
)
def test_a_printer_without_its_port_is_no_file(url: str) -> None:
    with pytest.raises(PrinterPortError, match=re.escape(f"give {url}:9100")):
        open_transport(url)
    open_transport(f"{url}:9100")


def test_what_is_not_plugged_in_is_not_made(tmp_path: Path) -> None:
    """A file in /dev would take every job, and each would seem printed."""
    byhand = tmp_path / "printer"
    byhand.symlink_to("/dev/shm/comptoir-no-such-printer")
    for url in (
        str(byhand),
        "/dev/shm/comptoir-no-such-printer",
        "file:///dev/shm/../shm/comptoir-no-such-printer",
    ):
        with pytest.raises(PrinterUnreachable):
            open_transport(url).send(b"x", 1)
        assert not byhand.exists()
    assert open_transport("/dev/shm/") == FileTransport("/dev/shm/", Path("/dev/shm"), folder=False)
