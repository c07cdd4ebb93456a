"""A page sees what is read at its station while it is read, by a stream of `comptoir serve` or by polling."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import CommandLine, Station, add_station, with_example
from tests.e2e.processes import LIMIT_S, Here, free_port, post_reads, read
from tests.e2e.streams import Browser, Stream
from web.api import MOST_STATUS_BYTES
from web.live import MOST_PER_BROWSER, MOST_STREAMS

CONDOMS = "5410036306703"  # ten of PRES
NOT_ON_LISTS = "3059948002413"


@pytest.fixture
def browser(service: CommandLine) -> Browser:
    return Browser.signed_in(service.here.port)


@pytest.fixture
def stream(browser: Browser, station: Station) -> Iterator[Stream]:
    opened = browser.listen(station.name)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def commands(service: CommandLine) -> dict[str, str]:
    return {row["name"]: row["code"] for row in service.json("commands")}


def tell(port: int, station: Station, status: Any, token: str | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    headers = {"Authorization": f"Bearer {token or station.token}"}
    connection.request("POST", f"/api/stations/{station.name}/status", json.dumps(status), headers)
    answer = connection.getresponse().status
    connection.close()
    return answer


def test_the_session_then_each_read_in_order(
    service: CommandLine, browser: Browser, station: Station, commands: dict[str, str]
) -> None:
    stream = browser.ask(f"/stations/{station.name}/live")
    assert not stream.wait_for("session")["session"]["open"]
    status = stream.wait_for("status")
    assert status["station"] == "none" and status["kept"] == 0 and status["printer"] is None
    codes = [CONDOMS, commands["next-person"], NOT_ON_LISTS, "5038483225400"] * 10
    sent = [read(code) for code in codes]
    answers, told = [], []
    for batch in (sent[:1], sent[1:2], sent[2:]):
        answers += post_reads(service.here.port, station.name, station.token, batch)
        told += [stream.wait_for("read") for _ in batch]  # the session with it is that of now
    assert [one["result"]["id"] for one in told] == [one["id"] for one in sent]
    assert [one["result"]["status"] for one in told] == [one["status"] for one in answers]
    assert told[0]["session"]["lines"] == [{"item": "PRES", "lot": None, "pieces": 10}]
    assert told[1]["session"]["passages"] == 1
    stream.close()


def test_each_page_reads_its_own_language(service: CommandLine, station: Station) -> None:
    said = {}
    for language in ("fr", "nl", "en"):
        stream = Browser.signed_in(service.here.port, language).listen(station.name)
        post_reads(service.here.port, station.name, station.token, [read("0382903814342")])
        said[language] = stream.wait_for("read")["result"]["message"]
        stream.close()
    assert len(set(said.values())) == 3 and said["en"] == "The check digit is wrong. Scan again."


def test_what_another_process_records_is_seen(
    service: CommandLine, stream: Stream, station: Station
) -> None:
    service.here.comptoir("read", "--station", station.name, CONDOMS)
    assert stream.wait_for("session")["session"]["lines"][0]["pieces"] == 10
    beside = Here(service.here.data, free_port())
    with beside.serving():
        post_reads(beside.port, station.name, station.token, [read(CONDOMS)])
        lines = stream.wait_for("session")["session"]["lines"]
        assert sum(line["pieces"] for line in lines) == 20


def test_two_pages_of_a_station_and_one_of_another(
    service: CommandLine, browser: Browser, station: Station
) -> None:
    other = add_station(service, "hand-out", place="DISP")
    pages = [browser.listen(station.name), browser.listen(station.name), browser.listen(other.name)]
    sent = [read(CONDOMS), read(CONDOMS)]
    post_reads(service.here.port, station.name, station.token, sent[:1])
    post_reads(service.here.port, other.name, other.token, sent[1:])
    ids = [page.wait_for("read")["result"]["id"] for page in pages]
    assert ids == [sent[0]["id"], sent[0]["id"], sent[1]["id"]]
    for page in pages:
        page.close()


def refused(browser: Browser, path: str) -> None:
    """No stream for this browser: it is told to poll."""
    answer = browser.ask(path)
    assert answer.response.status == 503
    assert json.loads(answer.response.read()) == {"poll": True}
    answer.close()


def test_streams_are_bounded_and_come_back_when_pages_go(
    service: CommandLine, station: Station
) -> None:
    browsers = [
        Browser.signed_in(service.here.port) for _ in range(-(-MOST_STREAMS // MOST_PER_BROWSER))
    ]
    path = f"/stations/{station.name}/live"
    opened = [browsers[0].listen(station.name) for _ in range(MOST_PER_BROWSER)]
    refused(browsers[0], path)
    opened += [
        browsers[n // MOST_PER_BROWSER].listen(station.name)
        for n in range(MOST_PER_BROWSER, MOST_STREAMS)
    ]
    late = Browser.signed_in(service.here.port)
    refused(late, path)
    # With every stream taken, reads are answered as ever.
    post_reads(service.here.port, station.name, station.token, [read(CONDOMS)])
    for one in opened:
        one.wait_for("read")
        one.close()
    late.listen(station.name).close()


def test_who_polls_sees_the_last_result(
    service: CommandLine, browser: Browser, station: Station
) -> None:
    path = f"/api/stations/{station.name}/session"
    assert browser.get(path)[1]["last"] is None
    seen = []
    for _ in range(3):
        sent = read(CONDOMS)
        post_reads(service.here.port, station.name, station.token, [sent])
        _, told = browser.get(path)
        assert told["last"]["id"] == sent["id"] and told["last"]["pieces"] == 10
        seen.append(told["last"]["n"])
    assert seen == sorted(set(seen)) and told["status"]["station"] == "none"
    service.run(
        "shift", "close", "--station", station.name
    )  # by another way, in the database alone
    assert browser.get(path)[1]["last"] is None


def test_a_station_tells_how_it_is(service: CommandLine, stream: Stream, station: Station) -> None:
    port = service.here.port
    status = {
        "scanners": [{"name": "DS9300", "state": "ready"}],
        "printer": {"state": "near-end"},
        "kept": 3,
        "dropped": 2,
        "port": 41234,
    }
    assert tell(port, station, status) == 200
    assert stream.wait_for("status").items() >= {"station": "here", **status}.items()
    faults: list[Any] = [[], {"kept": -1}, {"printer": {"state": "on fire"}}, {"scanners": [{}]}, 1]
    for wrong in faults:
        assert tell(port, station, wrong) == 400
    assert (
        tell(port, station, {"scanners": [{"name": "x" * MOST_STATUS_BYTES, "state": "lost"}]})
        == 413
    )
    assert tell(port, station, status, token="wrong") == 401
    assert tell(port, Station("NOWHERE", station.token), status) == 401
    assert tell(port, station, {**status, "kept": 0}) == 200
    assert stream.wait_for("status")["kept"] == 0


def test_whoever_is_signed_out_loses_the_stream(service: CommandLine, station: Station) -> None:
    browser = Browser.signed_in(service.here.port)
    stream = browser.listen(station.name)
    with sqlite3.connect(service.here.data / "comptoir.db") as database:
        database.execute("DELETE FROM sign_in")
    while stream.next() is not None:
        pass
    refused = browser.ask(f"/stations/{station.name}/live", accept="text/event-stream")
    assert refused.response.status == 401
    refused.close()


def test_a_stream_ends_with_the_server_and_begins_again(tmp_path: Any) -> None:
    line = CommandLine(with_example(tmp_path / "data"))
    token = line.json("station", "token", "CLIP")["token"]
    with line.here.serving() as server:
        browser = Browser.signed_in(line.here.port)
        stream = browser.listen("CLIP")
        assert server.stop() == 0
        assert stream.next() is None
        said = list(iter(server.lines.get, None))
        assert said == []  # no thread that was still running
    with line.here.serving():
        again = browser.listen("CLIP")
        post_reads(line.here.port, "CLIP", token, [read(CONDOMS)])
        assert again.wait_for("read")["result"]["item"] == "PRES"
        again.close()


def test_a_page_that_takes_nothing_holds_up_no_read(service: CommandLine, station: Station) -> None:
    lazy = Browser.signed_in(service.here.port).listen(station.name)
    keen = Browser.signed_in(service.here.port).listen(station.name)
    taken: list[str] = []
    everything = [read(NOT_ON_LISTS) for _ in range(3000)]

    def take() -> None:
        while len(taken) < 1 or taken[-1] != everything[-1]["id"]:
            taken.append(keen.wait_for("read")["result"]["id"])

    taking = threading.Thread(target=take)
    taking.start()
    for n in range(0, len(everything), 100):
        post_reads(service.here.port, station.name, station.token, everything[n : n + 100])
    taking.join(LIMIT_S)
    assert not taking.is_alive()
    lazy.close()
    keen.close()


def test_closing_erases_while_pages_listen(
    service: CommandLine, stream: Stream, station: Station, commands: dict[str, str]
) -> None:
    post_reads(service.here.port, station.name, station.token, [read(CONDOMS)])
    assert stream.wait_for("read")["session"]["open"]
    post_reads(service.here.port, station.name, station.token, [read(commands["close-shift"])])
    assert not stream.wait_for("read")["session"]["open"]
    assert (service.here.data / "comptoir.db-wal").stat().st_size == 0


def test_comments_go_by(stream: Stream) -> None:
    stream.comment()
