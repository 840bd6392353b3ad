"""Drive an installed Chromium in tests, over its DevTools protocol, with the standard library only."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


def executable() -> str | None:
    """Where the browser is, None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Chromium:
    """One browser with one page."""

    def __init__(self, folder: Path, seconds: float = 60.0):
        self.seconds, self.told, self.number, self.rest = seconds, [], 0, b""
        here = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in os.pipe()]
        theirs = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in os.pipe()]
        command = [
            executable(),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"),
            *(
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                f"--user-data-dir={folder}",
                "about:blank",
            ),
        ]

        def pipes():
            os.dup2(here[0], 3)
            os.dup2(theirs[1], 4)

        self.process = subprocess.Popen(
            command, preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(here[0])
        os.close(theirs[1])
        self.write, self.read = here[1], theirs[0]
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    session = None

    def call(self, method: str, **params):
        """One command and its answer; what is told in between is kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params} | ({"sessionId": self.session} if self.session else {})
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.told.append(answer)

    def _next(self):
        end = time.monotonic() + self.seconds
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.read], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            piece = os.read(self.read, 1 << 20)
            assert piece, "the browser has ended"
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, page: Path, width: int = 1100, height: int = 900):
        """Load a file in a window of this size."""
        self.told.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Page.navigate", url=page.as_uri())
        end = time.monotonic() + self.seconds
        while self.value("document.readyState") != "complete" or not self.value("location.href").startswith("file:"):
            assert time.monotonic() < end, "the page does not load"

    def value(self, expression: str):
        """What an expression is worth on the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, times: int = 1):
        """A key, as a keyboard sends it."""
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        for _ in range(times):
            self.call("Input.dispatchKeyEvent", type="keyDown", **code, **text)
            self.call("Input.dispatchKeyEvent", type="keyUp", **code)

    def type(self, text: str):
        """Words into what has the focus."""
        for letter in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=letter)

    def place(self, selector: str):
        """The middle of an element in the window, scrolled into view."""
        box = f"document.querySelector({json.dumps(selector)})"
        self.value(f"{box}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        return self.value(f"(() => {{ const r = {box}.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()")

    def point(self, selector: str, *, click: bool = False):
        """Move the mouse over an element, and press its button on request."""
        x, y = self.place(selector)
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased") if click else ():
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, path: Path, *, whole: bool = True) -> Path:
        """The page as a PNG."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **(self._clip() if whole else {}))["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def _clip(self):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}

    def requests(self) -> list[str]:
        """Addresses that the page asked for, those of its own file and of data in it left out."""
        urls = [each["params"]["request"]["url"] for each in self._heard("Network.requestWillBeSent")]
        return [url for url in urls if not url.startswith(("file:", "data:"))]

    def complaints(self) -> list[str]:
        """Errors, warnings and refusals of the security policy."""
        self.value("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        entries = [each["params"]["entry"]["text"] for each in self._heard("Log.entryAdded")]
        calls = [str(each["params"]["args"]) for each in self._heard("Runtime.consoleAPICalled")]
        return [*entries, *calls, *(str(each["params"]) for each in self._heard("Runtime.exceptionThrown"))]

    def _heard(self, method: str):
        return [each for each in self.told if each.get("method") == method]

    def close(self):
        """End the browser that was started here."""
        os.close(self.write)
        os.close(self.read)
        self.process.terminate()
        self.process.wait(timeout=20)
