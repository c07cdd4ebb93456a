"""From the scanner to the eye: a code at the pty of a station process -> its picture changed on the page.

The station process, `serve` and Chromium as they run at a counter, on one machine with one clock.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from inventory.counter.commands import BY_NAME
from labels.house import Kind, house_code
from tests.bench import data
from tests.e2e.processes import Here, Process, free_port
from tests.e2e.streams import Browser
from tests.web.counter import CHROMIUM, FLAGS, ready

MOVES = 10_000
READS = 200
WARM_UP = 24
BEFORE_NEXT = 6
AIM_MS = 150

STEPS = ("pty → outbox", "outbox → server", "server", "server → page", "page → paint")

# Tells when a read came by the stream, and when what it changed among the pictures was painted.
WATCH = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  let came = 0, told = null;
  const Stream = window.EventSource;
  window.EventSource = class extends Stream {
    constructor(address) {
      super(address);
      this.addEventListener("read", () => { came = now(); });
    }
  };
  const painted = (done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done([came, now()]);
    port2.postMessage(null);
  });
  window.bench = { arm() { this.done = new Promise((done) => { told = done; }); } };
  document.addEventListener("DOMContentLoaded", () => {
    const pictures = document.querySelector("#pictures");
    if (!pictures) return;
    new MutationObserver(() => { if (told) { painted(told); told = null; } }).observe(
      pictures, { subtree: true, childList: true, characterData: true, attributes: true },
    );
  });
})()
"""


class Timed(Here):
    """The product's commands, with their steps written down."""

    @property
    def steps(self) -> Path:
        return self.data / "steps"

    @contextmanager
    def start(self, *arguments: str, terminal: int | None = None) -> Iterator[Process]:
        command = [sys.executable, "-m", "tests.bench.timed", str(self.steps), *arguments]
        started = Process(
            subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        )
        try:
            yield started
        finally:
            started.kill()


@contextmanager
def counter(here: Timed, token: str) -> Iterator[tuple[Page, int]]:
    """A counter at work: its page, and the line its scanner writes to."""
    with ExitStack() as stack:
        stack.enter_context(here.serving())
        master, slave = os.openpty()
        stack.callback(os.close, master)
        stack.callback(os.close, slave)
        tty.setraw(slave)
        arguments = ["station", "run", "CLIP", "--token", token, "--scanner", os.ttyname(slave)]
        stack.enter_context(here.start(*arguments)).wait_for("ready")
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        address = f"http://127.0.0.1:{here.port}"
        name, _, secret = Browser.signed_in(here.port).cookie.partition("=")
        context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=address)
        context.add_cookies([{"name": name, "value": secret, "url": address}])
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto("/stations/CLIP")
        ready(page)
        yield page, master


def read(page: Page, scanner: int, code: str) -> tuple[float, float, float]:
    """When a code was at the pty, came to the page and was painted there; in milliseconds."""
    page.evaluate("bench.arm()")
    at = time.time_ns() / 1e6
    os.write(scanner, f"{code}\r".encode())
    came, painted = page.evaluate("bench.done")
    return at, came, painted


def measure(reads: int) -> tuple[list[float], list[list[float]]]:
    """The whole way of each read, and its part in each step; in milliseconds."""
    next_person = house_code(Kind.COMMAND, BY_NAME["next-person"].number)
    marks: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        here = Timed(Path(folder), free_port())
        database = data.make(here.data, MOVES)
        token, codes = data.station_and_codes(database)
        database.close()
        with counter(here, token) as (page, scanner):
            for n in range(WARM_UP + reads):
                if n % BEFORE_NEXT == 0 and n:
                    read(page, scanner, next_person)
                time.sleep(random.uniform(0.0, 0.05))  # no read keeps step with the screen
                mark = read(page, scanner, codes[n % len(codes)])
                if n >= WARM_UP:
                    marks.append(mark)
        steps = here.steps.read_text().splitlines()
    return [painted - at for at, _, painted in marks], [parts(steps, *mark) for mark in marks]


def parts(steps: list[str], at: float, came: float, painted: float) -> list[float]:
    """The time of a read in each step: those of its processes happened between its own moments."""
    moments = {}
    for line in steps:
        name, moment = line.split()
        if at <= int(moment) / 1e6 <= came + 1:
            moments[name] = int(moment) / 1e6
    there = [at, moments["kept"], moments["asked"], moments["recorded"], came, painted]
    return [after - before for before, after in pairwise(there)]


def quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def main(reads: int = READS) -> None:
    """Print p50 and p99 of the whole way and of each step."""
    whole, each = measure(reads)
    print(f"\nread at the pty → picture changed on the page ({len(whole)} reads)")
    print(f"{'':18} {'p50 ms':>7} {'p99':>7}")
    for n, step in enumerate(STEPS):
        of_step = [one[n] for one in each]
        print(f"{step:18} {quantile(of_step, 50):7.1f} {quantile(of_step, 99):7.1f}")
    verdict = "within" if quantile(whole, 99) < AIM_MS else "beyond"
    print(
        f"{'in all':18} {quantile(whole, 50):7.1f} {quantile(whole, 99):7.1f}"
        f"  {verdict} the aim of {AIM_MS} ms"
    )


if __name__ == "__main__":
    main()
