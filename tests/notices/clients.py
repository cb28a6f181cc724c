"""Two programs people read mail with that share no code: Chromium, as the browser under webmail, and Thunderbird.

`CLIENTS[name](folder)` starts one as a context manager, without a network: `show` a letter in light or dark mode at a zoom,
`ask` the page by a script, take its `picture`. Chromium is spoken to by its DevTools pipe, Thunderbird by Marionette, both
with the standard library alone. As root they run as `nobody`. `missing(name)` says why one cannot run here; a client that
does not start, answer or obey in time is a RuntimeError with its log.
"""

from __future__ import annotations

import base64
import email
import email.policy
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.e2e.loopback import HOST

WIDTH, HEIGHT = 640, 400  # of the window, in its own pixels: zoom leaves a page 320 of them
PROGRAMS = {"chromium": ("chromium", "chromium-browser"), "thunderbird": ("thunderbird",)}
_WITHIN = 60.0
_NOWHERE = f"{HOST}:9"  # a proxy that is not there: whatever else a client wants from the network, it gets nothing
_LOADED = """
return new Promise(done => document.readyState == 'complete' ? done() : addEventListener('load', () => done()))
"""
# Thunderbird's window, the page in it that shows one message, and in that the pane with the message itself.
_PANE = """
const outer = Services.wm.getMostRecentWindow('mail:messageWindow');
const inner = outer.document.getElementById('messageBrowser').contentWindow;
const pane = inner.document.getElementById('messagepane'), document = pane.contentDocument;
const {scrollX, scrollY, devicePixelRatio} = pane.contentWindow;
"""
_SNAPSHOT = """
const area = new DOMRect(0, 0, document.documentElement.clientWidth, document.documentElement.scrollHeight);
return pane.browsingContext.currentWindowGlobal.drawSnapshot(area, devicePixelRatio, 'white').then(picture => {
  const canvas = outer.document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext('2d').drawImage(picture, 0, 0);
  return canvas.toDataURL().split(',')[1];
});
"""


def missing(name: str) -> str:
    """Why this client cannot run here; "" when it can."""
    return "" if _program(name) else f"{name} is not installed; scripts/test-packages.sh installs it"


class Client(ABC):
    """A process of its own session, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._until = time.monotonic() + _WITHIN

    def __enter__(self) -> Client:
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody")
        try:
            self.start()
        except Exception:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @abstractmethod
    def start(self) -> None:
        """Returns when it takes commands."""

    @abstractmethod
    def show(self, letter: bytes, *, dark: bool, zoom: int) -> None:
        """Open a whole message in a window of WIDTH; `zoom` in per cent."""

    @abstractmethod
    def ask(self, script: str, *arguments: object) -> Any:
        """What a function body returns, or the promise it returns keeps, in the page."""

    @abstractmethod
    def picture(self) -> bytes:
        """The whole page, as PNG."""

    def _launch(self, *command: str, piped: bool = False) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE if piped else log,
                stderr=log,
                env={"HOME": str(self._folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
                cwd=self._folder,
                user="nobody" if os.geteuid() == 0 else None,
                start_new_session=True,
            )
        return self._process

    def _stop(self) -> None:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)
        with suppress(BrokenPipeError), self._process:
            pass  # closes its pipes

    def _left(self) -> float:
        """Seconds left of this command's time."""
        left = self._until - time.monotonic()
        if left <= 0 or self._process.poll() is not None:
            raise self._failed("it ended or did not answer in time")
        return left

    def _failed(self, what: object) -> RuntimeError:
        return RuntimeError(f"{type(self).__name__}: {what}\n{(self._folder / 'log').read_text(errors='replace')[-4000:]}")


class Chromium(Client):
    """By `--remote-debugging-pipe`: JSON ended by NUL, commands on descriptor 3, answers on 4."""

    def start(self) -> None:
        # The pages are our own, and containers forbid the name spaces its sandbox is made of.
        switches = ["--headless", "--no-sandbox", "--no-first-run", "--disable-background-networking", "--hide-scrollbars"]
        self._pipe = self._launch(
            *("sh", "-c", 'exec "$@" 3<&0 4>&1 </dev/null >&2', "sh", _program("chromium"), *switches),
            *(f"--proxy-server={_NOWHERE}", f"--user-data-dir={self._folder}", "--remote-debugging-pipe", "about:blank"),
            piped=True,
        )
        self._count, self._page, self._read = 0, {}, b""
        pages = self._call("Target.getTargets")["targetInfos"]
        target = next(each["targetId"] for each in pages if each["type"] == "page")
        self._page = {"sessionId": self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}

    def show(self, letter: bytes, *, dark: bool, zoom: int) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        # What its own zoom does: fewer and larger CSS pixels in the same window.
        size = {"width": WIDTH * 100 // zoom, "height": HEIGHT * 100 // zoom}
        self._call("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=zoom / 100, mobile=False)
        self._call("Page.navigate", url=_url(letter))
        self.ask(_LOADED)

    def ask(self, script: str, *arguments: object) -> Any:
        call = f"(function() {{{script}}})(...{json.dumps(arguments)})"
        answer = self._call("Runtime.evaluate", expression=call, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise self._failed(answer["exceptionDetails"])
        return answer["result"].get("value")

    def picture(self) -> bytes:
        width, height = self.ask("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        return base64.b64decode(self._call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"])

    def _call(self, method: str, **parameters: object) -> Any:
        self._until = time.monotonic() + _WITHIN
        self._count += 1
        command = {"id": self._count, "method": method, "params": parameters, **self._page}
        pipe = self._pipe.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(command).encode() + b"\0")
            pipe.flush()
        except BrokenPipeError:
            raise self._failed("it ended") from None
        while (answer := self._answer()).get("id") != self._count:
            pass  # an event
        if "error" in answer:
            raise self._failed(answer["error"])
        return answer["result"]

    def _answer(self) -> dict[str, Any]:
        assert self._pipe.stdout is not None
        pipe = self._pipe.stdout.fileno()
        while b"\0" not in self._read:
            ready, _, _ = select.select([pipe], [], [], self._left())
            self._read += os.read(pipe, 1 << 20) if ready else b""
        answer, _, self._read = self._read.partition(b"\0")
        return dict(json.loads(answer))


class Thunderbird(Client):
    """By Marionette: a loopback socket, JSON after its length and a colon. It opens each letter as a file."""

    def start(self) -> None:
        host, port = _NOWHERE.split(":")
        settings: dict[str, object] = {
            "marionette.port": 0,
            "network.proxy.type": 1,
            "mail.provider.suppress_dialog_on_startup": True,
            "mail.dark-reader.enabled": False,  # it would paint over a letter's own colours; the letter is on trial
            "mailnews.start_page.enabled": False,
            "mail.shell.checkDefaultClient": False,
        }
        for protocol in ("http", "ssl"):
            settings |= {f"network.proxy.{protocol}": host, f"network.proxy.{protocol}_port": int(port)}
        lines = (f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in settings.items())
        (self._folder / "user.js").write_text("".join(lines))
        self._count, self._opened = 0, 0
        switches = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
        self._launch(_program("thunderbird"), *switches, "--profile", str(self._folder), str(self._letter(b"\r\n")))
        told = self._folder / "MarionetteActivePort"
        while not told.exists() or not told.read_text():
            time.sleep(min(0.05, self._left()))
        self._socket = socket.create_connection((HOST, int(told.read_text())), timeout=self._left())
        self._lines = self._socket.makefile("rb")
        self._answer()  # its greeting
        self._call("WebDriver:NewSession")
        self._call("Marionette:SetContext", value="chrome")
        self._wait(f"try {{ {_PANE} return inner.msgLoaded }} catch {{ return false }}")
        self.ask("outer.resizeTo(...arguments)", WIDTH, HEIGHT)

    def _stop(self) -> None:
        super()._stop()
        if hasattr(self, "_lines"):
            self._lines.close()
            self._socket.close()

    def show(self, letter: bytes, *, dark: bool, zoom: int) -> None:
        path = self._letter(letter)
        self.ask("Services.prefs.setIntPref('ui.systemUsesDarkTheme', arguments[0])", int(dark))
        self.ask("inner.displayMessage(arguments[0])", f"file://{path}?type=application/x-message-display")
        shown = "inner.msgLoaded && pane.currentURI.spec.includes(arguments[0]) && document.readyState == 'complete'"
        self._wait(f"{_PANE} return {shown}", path.name)
        obeys = "matchMedia('(prefers-color-scheme: dark)').matches == arguments[0] && devicePixelRatio == arguments[1]"
        self._wait(f"{_PANE} pane.fullZoom = arguments[1]; return pane.contentWindow.{obeys}", dark, zoom / 100)

    def ask(self, script: str, *arguments: object) -> Any:
        return self._execute(f"{_PANE} return (function() {{{script}}})(...arguments)", *arguments)

    def picture(self) -> bytes:
        return base64.b64decode(self.ask(_SNAPSHOT))

    def _letter(self, content: bytes) -> Path:
        """The letter as a file of a name of its own."""
        self._opened += 1
        path = self._folder / f"{self._opened}.eml"
        path.write_bytes(content)
        return path

    def _wait(self, condition: str, *arguments: object) -> None:
        until = time.monotonic() + _WITHIN
        while not self._execute(condition, *arguments):
            if time.monotonic() > until:
                raise self._failed(f"it does not come to this: {condition}")
            time.sleep(0.02)

    def _execute(self, script: str, *arguments: object) -> Any:
        return self._call("WebDriver:ExecuteScript", script=script, args=list(arguments))["value"]

    def _call(self, command: str, **parameters: object) -> Any:
        self._until = time.monotonic() + _WITHIN
        self._count += 1
        written = json.dumps([0, self._count, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(written), written))
        _, _, error, result = self._answer()
        if error:
            raise self._failed(error)
        return result

    def _answer(self) -> Any:
        self._socket.settimeout(self._left())
        length = b""
        while (byte := self._lines.read(1)) not in (b":", b""):
            length += byte
        if not length:
            raise self._failed("it hung up")
        return json.loads(self._lines.read(int(length)))


CLIENTS: Mapping[str, type[Client]] = MappingProxyType({"chromium": Chromium, "thunderbird": Thunderbird})


def _program(name: str) -> str:
    return next(filter(None, map(shutil.which, PROGRAMS[name])), "")


def _url(letter: bytes) -> str:
    """The HTML of a message, as an address."""
    body = email.message_from_bytes(letter, policy=email.policy.default).get_body(("html",))
    assert body is not None
    return f"data:text/html;charset=utf-8;base64,{base64.b64encode(body.get_content().encode()).decode()}"
