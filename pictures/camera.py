# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes pictures of pages, in a browser."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from selenium import webdriver


@dataclass(frozen=True)
class View:
    """How somebody looks at a page."""

    width: int
    #: A picture shows no more of a page, in CSS pixels.
    height: int
    scheme: str = "light"
    media: str = "screen"
    deficiency: str = "none"
    #: Pixels of the picture to a CSS pixel.
    scale: float = 1

    def without_green(self) -> View:
        """The same, as a deuteranope sees it."""
        return replace(self, deficiency="deuteranopia")


class Camera:
    """Takes pictures of pages."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self._browser = browser

    def take(self, page: Path, view: View, *pictures: Path) -> None:
        """Take pictures of a page from top to bottom, as many as its length needs."""
        self._open(page, view)
        measure = "const {width, height} = document.documentElement.getBoundingClientRect(); return [width, height]"
        width, height = self._browser.execute_script(measure)
        for top, picture in zip(range(0, math.ceil(height), view.height), pictures, strict=False):
            self._save((0, top, width, min(view.height, height - top)), picture)

    def print(self, page: Path, pdf: Path) -> None:
        """Print a page to a file."""
        self._open(page, View(1046, 700))
        printed = self._ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        pdf.write_bytes(base64.b64decode(printed["data"]))

    def _open(self, page: Path, view: View) -> None:
        feature = {"name": "prefers-color-scheme", "value": view.scheme}
        self._ask("Emulation.setEmulatedMedia", media=view.media, features=[feature])
        self._ask("Emulation.setEmulatedVisionDeficiency", type=view.deficiency)
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=view.width,
            height=view.height,
            deviceScaleFactor=view.scale,
            mobile=view.width < 500,
        )
        self._ask("Emulation.setScrollbarsHidden", hidden=True)
        self._browser.get(page.as_uri())

    def _save(self, area: tuple[float, float, float, float], picture: Path) -> None:
        clip = {**dict(zip(("x", "y", "width", "height"), area, strict=True)), "scale": 1}
        taken = self._ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        image = Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB")
        # These pages have few colours. A palette makes a picture small.
        image.quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)

    def _ask(self, command: str, **how: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._browser.execute_cdp_cmd(command, how)
        return answer
