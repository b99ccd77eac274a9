# SPDX-License-Identifier: Apache-2.0
"""Drives `skoop top` in a terminal as people do, and sees what they see by a terminal emulator that is not ours.

usage: test-top.py FOLDER-OF-EXECUTABLES WORK-FOLDER
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import urllib.request

import jsonschema
import pyte

PROGRAMS, WORK = sys.argv[1:]
TITLES = ["RX/s", "TX/s", "ESTAB", "NEW/s", "RETR/s", "DROP/s", "RST/s", "LSTN/s", "DNSF/s", "UDPE/s", "FINDING"]
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?25h\x1b[?1049l"


class Agent:
    """A real agent on a port that stays the same."""

    def __init__(self):
        self.address = "127.0.0.1:0"
        self.start()

    def start(self):
        path = f"{WORK}/top.yaml"
        with open(path, "w") as file:
            file.write(f"node: n1\naddress: {self.address}\nadmin: none\nmetrics: {{deadline: 20s}}\n")
        self.log = open(f"{WORK}/top.log", "w+")
        self.process = subprocess.Popen([f"{PROGRAMS}/skoop-agent", "--config", path], stderr=self.log)
        for _ in range(600):
            found = re.search(r"serving node .* on http://([^ ,/]+)|serving node .* on ([^ ,]+),", open(self.log.name).read())
            if found:
                self.address = found.group(1) or found.group(2)
                return
            time.sleep(0.1)
        sys.exit("the agent does not start: " + open(self.log.name).read())

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, *arguments, columns=80, lines=24, **environment):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            time.sleep(0.2)
            # Swift's report of a crash expects that what was only sent as a signal happens again.
            os.environ.update({"TERM": "xterm-256color", "LANG": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"}, **environment)
            os.execv(f"{PROGRAMS}/skoop", ["skoop", "top", "--interval", "300ms", *arguments])
        self.size(columns, lines)
        self.settings = termios.tcgetattr(self.fd)

    def size(self, columns, lines):
        self.screen.resize(lines, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def read(self, seconds=0.1):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.raw += data.decode(errors="replace")
        self.stream.feed(data)
        return bool(data)

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, what, *texts, without=()):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            if all(text in self.text for text in texts) and not any(text in self.text for text in without):
                return
            self.read()
        sys.exit(f"{what}: expected {texts} without {without}, the terminal shows\n{self.text}\n{self.raw[-300:]!r}")

    def waits(self, options=0):
        """The state of the process, which ends or stops."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG | options)
            if pid:
                while self.read():
                    pass
                return status
            self.read()
        os.kill(self.pid, signal.SIGKILL)
        sys.exit(f"the program neither ends nor stops; the terminal shows\n{self.text}")

    def is_given_back(self, why):
        now = termios.tcgetattr(self.fd)
        check(now == self.settings, f"{why}: the settings of the terminal are not what they were")
        check(self.raw.rstrip().endswith(LEAVE) or LEAVE in self.raw[-400:], f"{why}: the screen is not left: {self.raw[-80:]!r}")


def check(isRight, what):
    if not isRight:
        sys.exit(what)


def keys(url):
    terminal = Terminal("--agent", url)
    terminal.until("the table", "(node) n1", "POD", "vRX/s", "q quit", f"agent at {url}")
    check(ENTER in terminal.raw, "the other screen is not used")
    check(termios.tcgetattr(terminal.fd) != terminal.settings, "keys are not taken one by one")
    check(all(len(line.rstrip()) <= 80 for line in terminal.screen.display), terminal.text)
    check("UDPE/s" not in terminal.text, terminal.text)
    # Rates need two readings.
    terminal.until("rates", "skoop top")
    end = time.monotonic() + 60
    while not re.search(r"\(node\) n1 +[0-9<.]+[kMG]? +[0-9<.]+[kMG]? ", terminal.text):
        check(time.monotonic() < end, f"no rates: {terminal.text}")
        terminal.read()
    terminal.press("n")
    terminal.until("sorted by name", "PODv")
    terminal.press("r")
    terminal.until("reversed", "POD^")
    terminal.press("\x1b[C")
    terminal.until("the arrow", "vRX/s")
    terminal.press("/")
    terminal.until("a filter is asked for", "\n/")
    terminal.press("no such pod")
    terminal.until("the filter is used at once", "/no such pod", "the filter lets nothing through")
    terminal.press("\r")
    terminal.until("the filter stays", "filter no such pod", "q quit")
    terminal.press("\x1b")
    terminal.until("Escape alone", "(node) n1", without=["filter no"])
    terminal.press("?")
    terminal.until("help", "Keys", "Columns", "Esc back")
    terminal.press("\x1b")
    terminal.until("back", "POD")
    terminal.press("0g\r")
    terminal.until("one entity", "COUNTERS THAT MOVE", "GREW BY", "kubeskoop_", without=["none since"])
    terminal.press("q")
    terminal.until("back again", "q quit")
    terminal.press("p")
    terminal.until("paused", "paused")
    terminal.press("p")
    terminal.until("not paused", "skoop top", without=["paused"])
    terminal.size(160, 50)
    terminal.until("all columns", *TITLES)
    check("q quit" in terminal.screen.display[49], f"the last line: {terminal.text}")
    terminal.size(30, 8)
    terminal.until("a small one", "POD", "q quit")
    terminal.size(80, 24)
    terminal.until("as before", "POD", "FINDING")
    terminal.press("q")
    check(terminal.waits() == 0, "q does not end it with 0")
    terminal.is_given_back("q")


def agent_goes(agent):
    terminal = Terminal("--agent", f"http://{agent.address}", columns=120)
    terminal.until("the table", "(node) n1")
    agent.stop()
    terminal.until("the agent is gone", "(node) n1", "s old")
    agent.start()
    terminal.until("it is back", "(node) n1", without=["s old"])
    terminal.press("\x03")
    check(terminal.waits() == 0, "Control-C does not end it with 0")
    terminal.is_given_back("Control-C")


def signals(url):
    for number in [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT]:
        terminal = Terminal("--agent", url)
        terminal.until("the table", "(node) n1")
        os.kill(terminal.pid, number)
        check(terminal.waits() == 0, f"{number}: another status than 0")
        terminal.is_given_back(f"{number}")
    for number in [signal.SIGSEGV, signal.SIGABRT, signal.SIGILL, signal.SIGTRAP]:
        terminal = Terminal("--agent", url)
        terminal.until("the table", "(node) n1")
        os.kill(terminal.pid, number)
        status = terminal.waits()
        check(os.WIFSIGNALED(status) and os.WTERMSIG(status) == number, f"{number}: status {status:#x}")
        terminal.is_given_back(f"{number}")


def stops(url):
    for what in ["\x1a", signal.SIGTSTP]:
        terminal = Terminal("--agent", url)
        terminal.until("the table", "(node) n1")
        for _ in range(2):
            terminal.press(what) if isinstance(what, str) else os.kill(terminal.pid, what)
            check(os.WIFSTOPPED(terminal.waits(os.WUNTRACED)), f"{what!r} does not stop it")
            terminal.is_given_back(f"{what!r}")
            terminal.screen.reset()
            before = terminal.raw.count(ENTER)
            os.kill(terminal.pid, signal.SIGCONT)
            terminal.until("it goes on", "(node) n1", "POD", "q quit")
            check(terminal.raw.count(ENTER) > before, "the other screen is not used again")
            check(termios.tcgetattr(terminal.fd) != terminal.settings, "keys are not taken one by one again")
        # Stopped by force, with a shell that changes the terminal meanwhile.
        os.kill(terminal.pid, signal.SIGSTOP)
        check(os.WIFSTOPPED(terminal.waits(os.WUNTRACED)), "SIGSTOP does not stop it")
        termios.tcsetattr(terminal.fd, termios.TCSANOW, terminal.settings)
        terminal.screen.reset()
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.until("it goes on", "(node) n1", "q quit")
        check(termios.tcgetattr(terminal.fd) != terminal.settings, "keys are not taken one by one after SIGSTOP")
        terminal.press("q")
        check(terminal.waits() == 0, "status")
        terminal.is_given_back("q")


def colours(url):
    coloured = re.compile(r"\x1b\[[0-9;]*\b(3[0-7]|9[0-7])(;[0-9]+)*m")
    for environment, isColoured in [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)]:
        terminal = Terminal("--agent", url, **environment)
        terminal.until("the table", "(node) n1", "q quit")
        check(bool(coloured.search(terminal.raw)) == isColoured, f"{environment}: {terminal.raw[-300:]!r}")
        terminal.press("q")
        terminal.waits()


def here():
    if os.getuid() != 0:
        print("not root: the probes are not run here")
        return
    terminal = Terminal("--no-agent", "--sort", "name", columns=140)
    terminal.until("the probes run here", "(node) ", "probes of this process", "PODv")
    terminal.press("q")
    check(terminal.waits() == 0, "status")
    terminal.is_given_back("q")


def scripts(url):
    def run(*arguments, **environment):
        return subprocess.run(
            [f"{PROGRAMS}/skoop", "top", "--interval", "300ms", *arguments], capture_output=True, text=True, timeout=120,
            env=dict(os.environ, **environment))

    for arguments in [[], ["--once"]]:
        out = run("--agent", url, *arguments)
        check(out.returncode == 0 and out.stdout.startswith("POD ") and "\x1b" not in out.stdout, out)
        check("\n(node) n1 " in out.stdout and all(title in out.stdout for title in TITLES), out.stdout)
    out = run("--agent", url, "--json", "--sort", "retr", "--filter", "(node)")
    page = json.loads(out.stdout)
    jsonschema.validate(page, json.load(open("Documentation/schema/top-1.json")))
    check([row["k8s_pod"] for row in page["rows"]] == [""] and page["seconds"] > 0, out.stdout)
    # The rates are those of the counters.
    check(page["rows"][0]["values"]["rx_bytes_per_second"] is not None, out.stdout)
    for bad, message in [
        (["--sort", "size"], "--sort: allowed are name, finding, rx, tx"), (["--interval", "1ms"], "--interval"),
        (["--agent", "nowhere"], "--agent"), (["--agent", "http://127.0.0.1:1", "--once"], "127.0.0.1:1"),
        (["--agent", url, "--no-agent"], "--no-agent"),
    ]:
        out = run(*bad)
        check(out.returncode != 0 and message in out.stderr and not out.stdout, f"{bad}: {out}")
    # A terminal that cannot move its cursor gets the table once.
    terminal = Terminal("--agent", url, TERM="dumb")
    check(terminal.waits() == 0 and "(node) n1" in terminal.text and "\x1b" not in terminal.raw, terminal.raw)


agent = Agent()
try:
    url = f"http://{agent.address}"
    urllib.request.urlopen(f"{url}/metrics", timeout=60).read()
    keys(url)
    signals(url)
    stops(url)
    colours(url)
    scripts(url)
    here()
    agent_goes(agent)
finally:
    agent.stop()
