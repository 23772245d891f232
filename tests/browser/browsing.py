"""A real Chromium, driven without a window: pages from disk, what the console said, what was asked of the network."""

import base64
import json
import os
import shutil
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver") or shutil.which("chromium.chromedriver")
MISSING = None if CHROMIUM and DRIVER else "no browser: install chromium and chromium-driver (apt)"


class Browser:
    """One browser window; `open` a page, then ask what is the matter with it."""

    def __init__(self, width=900, height=1000):
        options = Options()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                         "--disable-background-networking", "--no-first-run", f"--window-size={width},{height}"):  # fmt: skip
            options.add_argument(argument)
        if hasattr(os, "geteuid") and os.geteuid() == 0:  # Chromium's sandbox refuses root
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.width = width

    def open(self, path, dark=False, media=""):
        self.emulate(dark, media)
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(Path(path).resolve().as_uri())
        # On a busy machine the driver returned from a page of 14 MB before its last line, the script, had been read.
        WebDriverWait(self.driver, 60, 0.02).until(lambda _: self.run("return document.readyState") == "complete")

    def emulate(self, dark=False, media=""):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """The addresses of all that was asked for since the page was opened, the page itself too."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def picture(self, target, height=None):
        """The page from its top, as a PNG; as high as it is unless told."""
        full = self.run("return document.documentElement.scrollHeight")
        size = {"width": self.width, "height": min(full, height or full), "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.run("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        Path(target).write_bytes(base64.b64decode(data))

    def pdf(self, target):
        data = self.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": False})
        Path(target).write_bytes(base64.b64decode(data["data"]))

    def close(self):
        self.driver.quit()
