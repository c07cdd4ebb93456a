"""The contract of the reads endpoint, against a server that is a process of its own."""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid1, uuid4

import pytest

from labels.house import Kind, house_code
from tests.e2e.conftest import CommandLine, Station, add_station
from tests.e2e.processes import LIMIT_S, post, post_reads, read

KEYS = {"id", "status", "item", "lot", "expires", "gtin", "pieces", "command", "message"}
CONDOMS = "5410036306703"  # ten of PRES
NOT_ON_LISTS = "3059948002413"
SESSION = {"station", "place", "channel", "day", "open", "mode", "passages", "lines"}


@pytest.fixture(scope="module")
def commands(service: CommandLine) -> dict[str, str]:
    return {row["name"]: row["code"] for row in service.json("commands")}


@pytest.fixture
def send(service: CommandLine, station: Station) -> Any:
    return lambda *reads: post_reads(service.here.port, station.name, station.token, reads)


def test_the_answers_keys_and_the_session(service: CommandLine, station: Station) -> None:
    sent = read(CONDOMS)
    status, body = post(service.here.port, station.name, station.token, {"reads": [sent]})
    assert status == 200 and body.keys() == {"results", "session"}
    (result,) = body["results"]
    assert result.keys() == KEYS
    assert (result["id"], result["status"]) == (sent["id"], "accepted")
    assert (result["item"], result["pieces"], result["gtin"]) == ("PRES", 10, "05410036306703")
    assert body["session"].keys() >= SESSION
    assert body["session"]["lines"] == [{"item": "PRES", "lot": None, "pieces": 10}]
    assert post(service.here.port, station.name, station.token, {"reads": []})[0] == 200


def test_every_status_in_the_order_of_the_reads(send: Any, commands: dict[str, str]) -> None:
    mine = read(CONDOMS)
    nobody_made_it = house_code(Kind.ITEM, 999_999)
    sent = [
        (read(commands["undo"]), "ignored"),
        (read(commands["next-person"]), "ignored"),  # no lines: nobody came by
        (mine, "accepted"),
        (read(NOT_ON_LISTS), "unknown"),
        (read("0382903814342"), "refused"),
        (read(nobody_made_it), "refused"),
        (read("2000000000008"), "refused"),  # a shop's own: somebody's loyalty card
        (read(""), "refused"),
        ({**mine, "code": NOT_ON_LISTS}, "conflict"),
        (read(commands["next-person"]), "accepted"),
    ]
    results = send(*[one for one, _ in sent])
    assert [r["status"] for r in results] == [status for _, status in sent]
    assert [r["id"] for r in results] == [one["id"] for one, _ in sent]
    assert all(r.keys() == KEYS and r["message"] for r in results)
    assert results[3]["gtin"] == "03059948002413"


def test_malformed_reads_among_good_ones(send: Any) -> None:
    now = datetime.now(UTC)
    bad: list[Any] = [
        None,
        7,
        "read",
        [],
        {},
        {"id": str(uuid4())},
        {"id": str(uuid4()), "code": CONDOMS},
        {"id": str(uuid4()), "code": 5, "at": now.isoformat()},
        read("x" * 5000),
        read(CONDOMS, id="7"),
        read(CONDOMS, id=str(uuid1())),
        read(CONDOMS, id=None),
        read(CONDOMS, id={"a": 1}),
        read(CONDOMS, at="yesterday"),
        read(CONDOMS, at=now.replace(tzinfo=None).isoformat()),
        read(CONDOMS, at=0),
        read(CONDOMS, at="9999-12-31T23:59:59Z"),
        read(CONDOMS, at="0001-01-01T00:00:00+23:59"),
    ]
    reads = [one for pair in zip(bad, [read(CONDOMS) for _ in bad], strict=True) for one in pair]
    results = send(*reads)
    assert [r["status"] for r in results] == ["refused", "accepted"] * len(bad)
    assert all(r.keys() == KEYS and r["message"] for r in results)
    for sent, result in zip(reads, results, strict=True):
        if isinstance(sent, dict) and isinstance(sent.get("id"), str):
            assert result["id"] == sent["id"]


def test_a_repeat_gives_its_first_status_and_changes_nothing(
    service: CommandLine, station: Station, send: Any, commands: dict[str, str]
) -> None:
    sent = [read(CONDOMS), read(NOT_ON_LISTS), read(commands["clear"]), read("0382903814342")]
    first = send(*sent)
    assert [r["status"] for r in first] == ["accepted", "unknown", "ignored", "refused"]
    stock = service.json("stock")
    again = send(*sent, *sent)
    assert [r["status"] for r in again] == [r["status"] for r in first] * 2
    assert [r.get("already_recorded") for r in again] == [True, True, True, None] * 2
    assert service.json("stock") == stock


def test_a_repeat_after_closing_and_in_another_batch(
    service: CommandLine, station: Station, send: Any
) -> None:
    sent = [read(CONDOMS), read(NOT_ON_LISTS)]
    assert send({**sent[0]}, {**sent[0], "code": NOT_ON_LISTS})[1]["status"] == "conflict"
    send(*sent)
    closed = service.json("shift", "close", "--station", station.name)
    assert sum(row["pieces"] for row in closed["posted"]) == 10
    again = send(*sent, {**sent[0], "code": NOT_ON_LISTS})
    # The code is no longer kept, so the third cannot be told from a repeat.
    assert [(r["status"], r["already_recorded"]) for r in again] == [
        ("accepted", True),
        ("unknown", True),
        ("accepted", True),
    ]
    assert service.json("shift", "close", "--station", station.name)["posted"] == []


def test_the_same_code_scanned_five_times_counts_five(service: CommandLine, send: Any) -> None:
    at = datetime.now(UTC).isoformat()
    results = send(*[read(CONDOMS, at=at) for _ in range(5)])
    assert [(r["status"], r["pieces"]) for r in results] == [("accepted", 10)] * 5


def test_200_reads_are_taken_and_201_are_not(service: CommandLine, station: Station) -> None:
    reads = [read(CONDOMS) for _ in range(201)]
    status, _ = post(service.here.port, station.name, station.token, {"reads": reads})
    assert status == 413
    results = post_reads(service.here.port, station.name, station.token, reads[:200])
    assert [r["id"] for r in results] == [r["id"] for r in reads[:200]]
    assert not any(r.get("already_recorded") for r in results)  # nothing of the 201 was taken
    assert {r["status"] for r in results} == {"accepted"}
    closed = service.json("shift", "close", "--station", station.name)
    assert sum(row["pieces"] for row in closed["posted"]) == 2000


def test_more_than_a_megabyte_is_not_taken(service: CommandLine, station: Station) -> None:
    where, who = service.here.port, (station.name, station.token)
    longest = [read("9" * 4096) for _ in range(200)]
    assert {r["status"] for r in post_reads(where, *who, longest)} == {"refused"}
    big = json.dumps({"reads": [read("9" * 1_000_000)]}).encode()
    assert post(where, *who, None, raw=big)[0] == 413
    assert _chunked(where, *who, big) == 413  # whose length nobody announced


def _chunked(port: int, name: str, token: str, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    headers = {"Authorization": f"Bearer {token}"}
    parts = (body[n : n + 65536] for n in range(0, len(body), 65536))
    connection.request("POST", f"/api/stations/{name}/reads", parts, headers, encode_chunked=True)
    status = connection.getresponse().status
    connection.close()
    return status


def test_only_the_stations_own_token_opens_it(service: CommandLine, station: Station) -> None:
    port, other = service.here.port, add_station(service, "hand-out")
    batch = {"reads": [read(CONDOMS)]}
    for name, token in (
        (station.name, None),
        (station.name, ""),
        (station.name, "wrong"),
        (station.name, other.token),
        ("NOBODY", station.token),
        ("NOBODY", None),
    ):
        status, body = post(port, name, token, batch)
        assert (status, body.keys()) == (401, {"error"}), (name, token)
    assert (
        "already_recorded" not in post_reads(port, station.name, station.token, batch["reads"])[0]
    )
    renewed = service.json("station", "token", station.name, "--revoke")["token"]
    assert post(port, station.name, station.token, batch)[0] == 401
    assert post(port, station.name, renewed, batch)[0] == 200


def test_what_is_no_batch_is_no_server_fault(service: CommandLine, station: Station) -> None:
    for raw in (b"", b"{", b"[]", b"null", b'{"reads": {}}', b"\xff\xfe", b'{"reads": "x"}'):
        status, _ = post(service.here.port, station.name, station.token, None, raw=raw)
        assert status == 400, raw


def test_a_badge_is_never_stored_nor_echoed(service: CommandLine, station: Station) -> None:
    badge = house_code(Kind.BADGE, 4711)
    sent = [read(CONDOMS), read(badge), read(badge, id="7"), read(badge, at="?")]
    status, body = post(service.here.port, station.name, station.token, {"reads": sent})
    assert status == 200
    assert [r["status"] for r in body["results"]][:2] == ["accepted", "ignored"]
    assert badge not in json.dumps(body)
    assert badge not in service.run("read", "--station", station.name, badge).output
    again = post_reads(service.here.port, station.name, station.token, [sent[1]])[0]
    assert "already_recorded" not in again  # not even its id is known
    files = [file for file in service.here.data.rglob("*") if file.is_file()]
    assert any(sent[0]["code"].encode() in file.read_bytes() for file in files)
    for trace in (
        badge.encode(),
        sent[1]["id"].encode(),
        bytes.fromhex(sent[1]["id"].replace("-", "")),
    ):
        assert not any(trace in file.read_bytes() for file in files)


def test_a_clock_ahead_and_a_read_too_old(service: CommandLine, send: Any) -> None:
    now = datetime.now(UTC)
    ahead, old = now + timedelta(days=2), now - timedelta(days=500)
    results = send(read(CONDOMS, at=ahead.isoformat()), read(CONDOMS, at=old.isoformat()))
    assert [r["status"] for r in results] == ["accepted", "ignored"]


def test_an_unknown_code_is_kept_by_day_and_place(service: CommandLine) -> None:
    van = add_station(service, "hand-out", place="DISP")
    post_reads(
        service.here.port, van.name, van.token, [read(NOT_ON_LISTS)] * 1 + [read(NOT_ON_LISTS)]
    )
    service.run("shift", "close", "--station", van.name)
    tally = service.run("tally", "--place", "DISP").output
    assert "03059948002413" in tally
