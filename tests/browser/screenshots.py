"""Takes the pictures of reports that the documents show.

    python tests/browser/screenshots.py

They are of the sample chat and of the group chat beside this file, as the model at hand judges them.
"""

import os
import tempfile
from pathlib import Path

from browsing import Browser

from sextortion_detect import classify, read_chat

HERE = Path(__file__).parent
SAMPLE = "datasets/samples/whatsapp_android_arabic.txt"
GROUP = "tests/browser/group.txt"

PICTURES = {
    "report-arabic": (SAMPLE, {"lang": "ar"}, False),
    "report-english": (SAMPLE, {"lang": "en"}, False),
    "report-arabic-dark": (SAMPLE, {"lang": "ar"}, True),
    "group-arabic-redacted": (GROUP, {"lang": "ar", "redact": True}, False),
    "timeline-arabic": (GROUP, {"lang": "ar"}, False),
}
ONLY_TIMELINE = (
    "document.querySelectorAll('h1, details.card, main > section.card:not(:last-of-type)').forEach(one => one.remove())"
)


def main():
    os.chdir(HERE.parent.parent)
    browser = Browser(width=820)
    with tempfile.TemporaryDirectory() as folder:
        for name, (chat, options, dark) in PICTURES.items():
            page = Path(folder) / f"{name}.html"
            page.write_text(classify(read_chat(chat)).to_html(**options), encoding="utf-8")
            browser.open(page, dark=dark)
            if name.startswith("timeline"):
                browser.run(ONLY_TIMELINE)
            browser.picture(HERE / "screenshots" / f"{name}.png", height=1500)
    browser.close()


if __name__ == "__main__":
    main()
