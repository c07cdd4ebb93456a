"""Promise 2 on its way to the service: against a real HTTP server that misbehaves."""

import json
import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devices.errors import BatchTooLarge, ServeAway, ServeForbidden
from devices.outbox import Outbox
from devices.sender import Away, Change, HttpPost, Kept, Read, Result, Sender, Sent

AT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
WAIT_S = 10  # a limit for a broken run; every wait ends at an event

Act = Callable[["Handler", list[Read]], None]


def accept(handler: "Handler", reads: list[Read]) -> None:
    """Record what is new, by id, and answer as the contract says."""
    results = []
    for read in reads:
        again = read["id"] in handler.service.taken
        handler.service.taken[read["id"]] = read["code"]
        results.append({"id": read["id"], "status": "accepted", "already_recorded": again})
    handler.answer(200, {"results": results, "session": {}})


def status(code: int) -> Act:
    """An error is no answer, whatever its body says; nothing is recorded."""
    return lambda handler, reads: handler.answer(
        code, {"results": [{"id": r["id"], "status": "accepted"} for r in reads]}
    )


def die_before(handler: "Handler", _reads: list[Read]) -> None:
    """Close without any answer."""


def die_after_recording(handler: "Handler", reads: list[Read]) -> None:
    """The reads are durable in the service; the answer never comes."""
    handler.service.taken.update((r["id"], r["code"]) for r in reads)


def die_in_mid_answer(handler: "Handler", reads: list[Read]) -> None:
    handler.service.taken.update((r["id"], r["code"]) for r in reads)
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"results": [')


def answer_half(handler: "Handler", reads: list[Read]) -> None:
    accept(handler, reads[: len(reads) // 2])


def answer_twice(handler: "Handler", reads: list[Read]) -> None:
    """Every result twice, and one of a read that nobody sent."""
    handler.service.taken.update((r["id"], r["code"]) for r in reads)
    results = [{"id": r["id"], "status": "accepted"} for r in reads for _ in range(2)]
    handler.answer(200, {"results": [*results, {"id": "stranger", "status": "accepted"}]})


def answer_nonsense(body: object) -> Act:
    return lambda handler, _reads: handler.answer(200, body)


class Service(ThreadingHTTPServer):
    """A service with a script of misbehaviour; it accepts when the script is at its end."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Act] = []
        self.requests: list[list[Read]] = []
        self.clocks: list[datetime] = []
        self.headers: list[tuple[str, str | None]] = []
        self.taken: dict[str, str] = {}
        self.base = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    @property
    def service(self) -> Service:
        assert isinstance(self.server, Service)
        return self.server

    def do_POST(self) -> None:
        batch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reads = batch["reads"]
        self.service.requests.append(reads)
        self.service.clocks.append(datetime.fromisoformat(batch["sent"]))
        self.service.headers.append((self.path, self.headers["Authorization"]))
        act = self.service.script.pop(0) if self.service.script else accept
        act(self, reads)

    def answer(self, code: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join(WAIT_S)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.db") as made:
        yield made


class Loop:
    """A running sender and the changes it told."""

    def __init__(self, outbox: Outbox, post: Callable[[list[Read]], list[Result]]) -> None:
        self.changes: queue.Queue[Change] = queue.Queue()
        self.sender = Sender(outbox, post, self.changes.put, first_wait_s=0.01, longest_wait_s=0.05)
        self.thread = threading.Thread(target=self.sender.run, daemon=True)
        self.thread.start()

    def until_empty(self) -> list[Change]:
        seen: list[Change] = []
        while not (seen and isinstance(seen[-1], Sent) and seen[-1].left == 0):
            seen.append(self.changes.get(timeout=WAIT_S))
        return seen

    def stop(self) -> None:
        self.sender.stop()
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()


def post_to(service: Service) -> HttpPost:
    return HttpPost(service.base, "CLIP", "s3cret", timeout_s=WAIT_S)


def test_reads_go_out_in_order_as_the_contract_says(service: Service, outbox: Outbox) -> None:
    began = datetime.now(UTC)
    kept = [outbox.keep(f"{n:010d}", AT) for n in range(210)]
    loop = Loop(outbox, post_to(service))
    changes = loop.until_empty()
    loop.stop()
    assert [len(batch) for batch in service.requests] == [200, 10]
    sent = [read for batch in service.requests for read in batch]
    assert sent == [{"id": e.id, "code": e.code, "at": "2026-03-02T18:30:00+00:00"} for e in kept]
    assert set(service.headers) == {("/api/stations/CLIP/reads", "Bearer s3cret")}
    assert all(began <= shown <= datetime.now(UTC) for shown in service.clocks)
    assert [len(c.results) for c in changes if isinstance(c, Sent)] == [200, 10]
    assert outbox.count() == 0


MISBEHAVIOURS: list[Act] = [
    status(500),
    status(503),
    status(401),
    status(302),
    status(404),
    die_before,
    die_after_recording,
    die_in_mid_answer,
    answer_half,
    answer_twice,
    answer_nonsense([]),
    answer_nonsense({"results": [3]}),
    answer_nonsense({"results": "none"}),
    answer_nonsense({"results": [{"id": 7, "status": "accepted"}]}),
]


@pytest.mark.parametrize("act", MISBEHAVIOURS)
def test_whatever_the_service_does_nothing_is_lost_and_ids_stay(
    service: Service, outbox: Outbox, act: Act
) -> None:
    service.script = [act, act, act]
    kept = [outbox.keep(f"{n % 3}", AT) for n in range(8)]
    loop = Loop(outbox, post_to(service))
    loop.until_empty()
    loop.stop()
    assert service.taken == {e.id: e.code for e in kept}
    assert outbox.count() == 0
    order = list(dict.fromkeys(read["id"] for batch in service.requests for read in batch))
    assert order == [e.id for e in kept]


def test_a_batch_whose_answer_got_lost_is_sent_again_the_same(
    service: Service, outbox: Outbox
) -> None:
    service.script = [die_after_recording]
    outbox.keep("1", AT)
    outbox.keep("2", AT)
    loop = Loop(outbox, post_to(service))
    loop.until_empty()
    loop.stop()
    first, second = service.requests
    assert first == second


def test_away_is_told_once_and_kept_whenever_it_changes(outbox: Outbox) -> None:
    here = threading.Event()

    def post(reads: list[Read]) -> list[Result]:
        if not here.is_set():
            raise ServeAway(url="x", detail="away")
        return [{"id": r["id"], "status": "ignored"} for r in reads]

    outbox.keep("1", AT)
    loop = Loop(outbox, post)
    assert loop.changes.get(timeout=WAIT_S) == Away("serve-away")
    assert loop.changes.get(timeout=WAIT_S) == Kept(1)
    outbox.keep("2", AT)
    loop.sender.wake()
    assert loop.changes.get(timeout=WAIT_S) == Kept(2)
    here.set()
    (sent,) = loop.until_empty()
    loop.stop()
    assert isinstance(sent, Sent) and len(sent.results) == 2


def test_a_refused_token_keeps_everything(service: Service, outbox: Outbox) -> None:
    outbox.keep("1", AT)
    service.script = [status(401)] * 5
    loop = Loop(outbox, post_to(service))
    assert loop.changes.get(timeout=WAIT_S) == Away("serve-forbidden")
    assert loop.changes.get(timeout=WAIT_S) == Kept(1)
    loop.until_empty()
    loop.stop()


def test_a_service_that_is_not_there_keeps_everything(outbox: Outbox) -> None:
    with Service() as gone:
        pass
    outbox.keep("1", AT)
    loop = Loop(outbox, HttpPost(gone.base, "CLIP", "t", timeout_s=1))
    assert loop.changes.get(timeout=WAIT_S) == Away("serve-away")
    assert loop.changes.get(timeout=WAIT_S) == Kept(1)
    loop.stop()
    assert outbox.count() == 1


def test_a_new_read_wakes_the_loop_at_once(outbox: Outbox) -> None:
    seen: queue.Queue[Change] = queue.Queue()
    sender = Sender(
        outbox,
        lambda reads: [{"id": r["id"], "status": "accepted"} for r in reads],
        seen.put,
        longest_wait_s=3600,
    )
    thread = threading.Thread(target=sender.run, daemon=True)
    thread.start()
    for n in range(20):
        outbox.keep(str(n), AT)
        sender.wake()
        assert isinstance(seen.get(timeout=WAIT_S), Sent)
    sender.stop()
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_one_try_a_wake_while_away_and_no_busy_loop(outbox: Outbox) -> None:
    tries: list[int] = []
    changes: queue.Queue[Change] = queue.Queue()

    def post(reads: list[Read]) -> list[Result]:
        tries.append(len(reads))
        raise ServeAway(url="x", detail="away")

    sender = Sender(outbox, post, changes.put, first_wait_s=3600, longest_wait_s=3600)
    thread = threading.Thread(target=sender.run, daemon=True)
    outbox.keep("1", AT)
    thread.start()
    assert [changes.get(timeout=WAIT_S) for _ in range(2)] == [Away("serve-away"), Kept(1)]
    for count in (2, 3, 4):
        outbox.keep("more", AT)
        sender.wake()
        assert changes.get(timeout=WAIT_S) == Kept(count)
    sender.stop()
    thread.join(WAIT_S)
    assert tries == [1, 2, 3, 4]


def test_waits_double_up_to_the_longest_and_begin_again(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    calls = iter(range(100))

    def post(reads: list[Read]) -> list[Result]:
        if next(calls) == 8:
            return [{"id": r["id"], "status": "accepted"} for r in reads[:1]]
        raise ServeAway(url="x", detail="away")

    sender = Sender(outbox, post, lambda _change: None)

    def wait(timeout: float | None = None) -> bool:
        waits.append(timeout or 0)
        if len(waits) == 10:
            sender.stop()
        return True

    outbox.keep("1", AT)
    outbox.keep("2", AT)
    monkeypatch.setattr(sender._woken, "wait", wait)
    sender.run()
    assert waits == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 0.2, 0.4])


def test_refused_reads_are_set_aside_as_a_count(outbox: Outbox) -> None:
    answers = iter(["refused", "conflict", "accepted", "unknown", "no such status"])

    def post(reads: list[Read]) -> list[Result]:
        return [{"id": r["id"], "status": next(answers), "message": r["code"]} for r in reads]

    for n in range(5):
        outbox.keep(str(n), AT)
    told: list[Change] = []
    assert Sender(outbox, post, told.append).step()
    assert outbox.asides() == {"conflict": 1, "refused": 1}
    assert [e.code for e in outbox.pending()] == ["4"]


def test_a_batch_too_large_is_halved_and_one_read_too_large_set_aside(outbox: Outbox) -> None:
    def post(reads: list[Read]) -> list[Result]:
        if sum(len(r["code"]) for r in reads) > 100:
            raise BatchTooLarge(url="x")
        return [{"id": r["id"], "status": "accepted"} for r in reads]

    codes = ["a" * 30, "b" * 30, "c" * 30, "d" * 101, "e" * 30, "f" * 30]
    for code in codes:
        outbox.keep(code, AT)
    told: list[Change] = []
    sender = Sender(outbox, post, told.append)
    while sender.step():
        pass
    assert outbox.asides() == {"too-large": 1}
    results = [r["status"] for c in told if isinstance(c, Sent) for r in c.results]
    assert results == ["accepted"] * 3 + ["refused"] + ["accepted"] * 2


def test_a_listener_that_fails_does_not_stop_the_sending(outbox: Outbox) -> None:
    calls: list[Change] = []

    def listen(change: Change) -> None:
        calls.append(change)
        raise RuntimeError

    outbox.keep("1", AT)
    post: Any = lambda reads: [{"id": r["id"], "status": "accepted"} for r in reads]  # noqa: E731
    assert Sender(outbox, post, listen).step() is False
    assert len(calls) == 1


def test_the_service_is_named_in_its_errors(service: Service) -> None:
    reads = [{"id": "1", "code": "2", "at": "3"}]
    service.script = [status(401), status(413), status(500)]
    post = post_to(service)
    for kind in (ServeForbidden, BatchTooLarge, ServeAway):
        with pytest.raises(kind) as raised:
            post(reads)
        assert service.base in str(raised.value)
        assert "s3cret" not in str(raised.value)
    with pytest.raises(ServeAway):
        HttpPost("ftp://host", "CLIP", "t")(reads)


def test_a_path_prefix_and_a_strange_name_are_kept(service: Service) -> None:
    HttpPost(service.base + "/comptoir/", "A/B é", "t")([])
    assert service.headers[0][0] == "/comptoir/api/stations/A%2FB%20%C3%A9/reads"
