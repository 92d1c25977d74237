"""A real browser without a screen and without a network, for the tests of pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_core_python
from limits import SECONDS, wait_for
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

# The number that Windows gave each, which browsers go by, and the text that it makes.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Space": (32, " "), "ArrowRight": (39, ""), "ArrowDown": (40, "")}

DRAW_ALL = """
const done = arguments[0];
const all = window.gradmarkDrawAll ? window.gradmarkDrawAll() : Promise.resolve();
all.then(() => requestAnimationFrame(() => setTimeout(done, 50)));
"""

# What ends beyond the window, and what no reader sees unless he guesses that there is more of it: a table that is not
# folded away and wider than its box. Boxes may be moved through on narrow windows; what is hidden from eyes is no part.
OVERFLOWING = """
const beyond = [], seen = document.documentElement.clientWidth;
for (const one of document.querySelectorAll('body *')) {
  const box = one.getBoundingClientRect();
  if (!box.width || !one.checkVisibility() || one.closest('caption, .skip, svg *')) continue;
  const around = one.parentElement.closest('.scroll');
  if (!around && box.right > seen + 1) beyond.push(one);
  const whole = one.scrollWidth <= one.clientWidth + 1;
  if (seen >= 1000 && one.matches(".scroll") && !one.closest("details") && !whole) beyond.push(one);
}
return beyond.map((one) => `${one.tagName} ${one.className}: ${one.textContent.slice(0, 80)}`);
"""


class Browser:
    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.seen: tuple[Path, dict[str, Any]] | None = None  # what see() has opened, if it is as it was

    def cdp(self, command: str, **arguments: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, arguments)

    def look(self, *, scheme: str = "light", media: str = "screen", width: int = 1200) -> None:
        """As which reader the next page is opened: colour scheme, screen or paper, width in CSS pixels."""
        self.seen = None
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.cdp("Emulation.setEmulatedMedia", media=media, features=features)
        self.widen(width)

    def open(self, page: Path) -> None:
        """With every request beyond the file itself refused; all charts are drawn afterwards."""
        self.seen = None
        self.cdp("Network.enable")
        self.cdp("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
        self.messages()
        self.driver.get(page.resolve().as_uri())
        self.run_async(DRAW_ALL)

    def see(self, page: Path, **look: Any) -> None:
        """As look() and open(), but what is there already is not opened again. For tests that change nothing there, or
        forget() it."""
        if self.seen != (page, look):
            self.look(**look)
            self.open(page)
            self.seen = (page, look)

    def forget(self) -> None:
        """The page is no longer as it was opened: the next see() opens it again."""
        self.seen = None

    def colour(self, scheme: str) -> None:
        """The page that is open, for a reader who prefers light or dark."""
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def widen(self, width: int) -> None:
        """Or narrow: the window, with the page that is open in it."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def run_async(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_async_script(script, *arguments)

    def press(self, key: str) -> None:
        """As on a keyboard: Tab, Space, Enter, ArrowDown, ..."""
        number, text = KEYS[key]
        down = {"type": "keyDown", "key": text or key, "code": key, "windowsVirtualKeyCode": number}
        self.cdp("Input.dispatchKeyEvent", **down, **({"text": text} if text else {}))
        self.cdp("Input.dispatchKeyEvent", **{**down, "type": "keyUp"})

    def tab_to(self, selector: str, most: int = 200) -> None:
        """Presses Tab until an element that the selector matches has the focus."""
        for _ in range(most):
            self.press("Tab")
            if self.run("return document.activeElement.matches(arguments[0])", selector):
                return
        raise AssertionError(f"{most} times Tab never reached {selector}")

    def until(self, script: str, *arguments: Any) -> Any:
        """What the script returns once that is true."""
        found = None

        def came_true() -> Any:
            nonlocal found
            found = self.run(script, *arguments)
            return found

        wait_for(came_true)
        return found

    def violations_in_both_schemes(self) -> list[str]:
        """Of the page that is open, with all that is folded away. In the dark nothing but colours is another."""
        self.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        found = self.violations()
        self.colour("dark")
        return found + self.violations("color-contrast")

    def overflowing(self, *widths: int) -> list[str]:
        """What of the page that is open cannot be seen in windows so wide, in CSS pixels."""
        found: list[str] = []
        for width in widths:
            self.widen(width)
            self.until("return document.documentElement.clientWidth == arguments[0]", width)
            self.run_async(DRAW_ALL)
            found += [f"{width}: {one}" for one in self.run(OVERFLOWING)]
        self.forget()
        return found

    def messages(self) -> list[str]:
        """What the console got since the last call: errors and warnings of any kind."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def violations(self, only: str | None = None) -> list[str]:
        """What axe-core finds serious or critical, by all its rules or by one. Its script comes from outside the page,
        past the page's policy."""
        self.cdp("Runtime.evaluate", expression=AXE)
        found = self.run_async(
            "const [only, done] = arguments;"
            "axe.run(document, only ? { runOnly: [only] } : {}).then((r) => done(r.violations));",
            only,
        )
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]


@contextmanager
def browser() -> Iterator[Browser]:
    if CHROMIUM is None or DRIVER is None:
        raise RuntimeError("there is no Chromium with its driver here")
    options = Options()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        driver.set_script_timeout(SECONDS)
        yield Browser(driver)
    finally:
        driver.quit()
