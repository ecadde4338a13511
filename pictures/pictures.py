# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures of the documentation: make pictures.

It makes rehearsals at terminals of their own, and pictures of these terminals and of the reports. With a folder, it
takes all pictures that you should look at after a change of the output: terminals with 80 and 120 columns; reports on a
screen, in the dark, on a phone and on paper. A second picture of each shows what people see who cannot tell red from
green. A table counts the lines that say something.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from ansible_collections.jira_cloud.federation.tests.integration.browser import chromium
from camera import Camera, View
from counting import Count, count, table
from markdown_it import MarkdownIt
from rehearsals import ROWS, Rehearsal, report_in
from terminal import Row, lines, page, rows, while_it_runs

CHECKOUT = Path(__file__).resolve().parents[1]
IMAGES = CHECKOUT / "docs" / "images"
#: What is seen of a page without scrolling.
SCREEN = View(1280, 900)
TERMINAL = View(1600, 2400)
#: Rows at the beginning and at the end of a run that a picture shows.
SOME = 120
REPORT = {
    "light": View(1280, 2000),
    "dark": View(1280, 2000, scheme="dark"),
    "phone": View(390, 1700),
    # A4 across, less the margins.
    "paper": View(1046, 1500, media="print"),
}
#: A report of many sites is longer than what its pictures show.
PARTS = ("1", "2", "3")
OF_ONE_JOB = {"rehearsal_fail": ["eu -> us"], "rehearsal_retry": ["us -> ap"]}
OF_A_SITE = [f"retail-ap -> {unit}-uk" for unit in ("retail", "bank", "travel", "media", "energy")]
SHOWN = Rehearsal(4, "failure", OF_ONE_JOB)
#: All of them, each at terminals of these widths.
ALL = [
    (SHOWN, (80, 120)),
    (Rehearsal(4, "success"), (80, 120)),
    (Rehearsal(4, "refused", {"rehearsal_not_admin": ["eu"], "rehearsal_linking_off": ["us"]}), (80,)),
    (Rehearsal(12, "success"), (80, 120)),
    (Rehearsal(12, "failure", {"rehearsal_fail": ["berlin -> boston", "oslo -> paris", "tokyo -> lima"]}), (80, 120)),
    (Rehearsal(30, "failure", {"rehearsal_fail": ["bank-eu -> bank-us", *OF_A_SITE]}), (80, 120)),
]
#: Much like what GitHub does to a README.
_README = """<!doctype html><meta charset="utf-8"><base href="{base}/"><style>
body {{ max-width: 830px; margin: 32px auto; font: 16px/1.5 "Noto Sans", "DejaVu Sans", sans-serif; color: #1f2328 }}
h1, h2 {{ border-bottom: 1px solid #d1d9e0; padding-bottom: .3em }}
a {{ color: #0969da }}
img {{ max-width: 100% }}
code {{ font: 85% "DejaVu Sans Mono", monospace; background: #eff1f3; padding: .2em .4em; border-radius: 6px }}
pre {{ background: #f6f8fa; padding: 16px; border-radius: 6px; overflow: auto }}
pre code {{ background: none; padding: 0 }}
table {{ border-collapse: collapse }}
td, th {{ border: 1px solid #d1d9e0; padding: 6px 13px }}
</style>{text}"""


class Studio:
    """Where rehearsals are made and pictures are taken of them."""

    def __init__(self, camera: Camera, work: Path) -> None:
        self.camera = camera
        self._work = work
        self.counts: list[tuple[str, Count]] = []

    def rehearse(self, rehearsal: Rehearsal, columns: int) -> tuple[bytes, Path]:
        """What the terminal showed of it, and its report."""
        name = f"{rehearsal.name}-{columns}"
        folder = self._work / name
        folder.mkdir()
        recording = rehearsal.record(folder, columns)
        self.counts.append((name, count(lines(recording))))
        return recording, report_in(folder)

    def take_terminal(self, shown: list[Row], view: View, picture: Path) -> None:
        """Take a picture of some rows of a terminal."""
        self._take_text(page(shown), view, picture)

    def take_readme(self, picture: Path) -> None:
        """Take a picture of README's first screen."""
        text = MarkdownIt("commonmark").enable("table").render((CHECKOUT / "README.md").read_text())
        self._take_text(_README.format(base=CHECKOUT.as_uri(), text=text), SCREEN, picture)

    def _take_text(self, text: str, view: View, picture: Path) -> None:
        written = self._work / "page.html"
        written.write_text(text)
        self.camera.take(written, view, picture)


def for_documentation(studio: Studio) -> None:
    """Take what README and the pages show."""
    recording, report = studio.rehearse(SHOWN, 80)
    studio.take_terminal(rows(recording, 80), TERMINAL, IMAGES / "terminal.png")
    studio.camera.take(report, View(1200, 620), IMAGES / "report.png")


def for_looking(studio: Studio, folder: Path, site: Path) -> None:
    """Take all that a change of the output can change."""
    for rehearsal, widths in ALL:
        for columns in widths:
            recording, report = studio.rehearse(rehearsal, columns)
            _terminals(studio, recording, columns, f"{folder}/terminal-{rehearsal.name}-{columns}")
        if report.exists():
            _reports(studio.camera, report, f"{folder}/report-{rehearsal.name}")
    studio.take_readme(folder / "readme.png")
    if (site / "index.html").exists():
        studio.camera.take(site / "index.html", SCREEN, folder / "docs.png")
    else:
        print(f"No picture of the documentation's first page: make docs builds it, to {site}.")


def _terminals(studio: Studio, recording: bytes, columns: int, name: str) -> None:
    shown = rows(recording, columns)
    moments = {
        "begin": shown[:SOME],
        "while-it-runs": rows(while_it_runs(recording), columns)[-ROWS:],
        "end": shown[SOME:][-SOME:],
    }
    for moment, some in moments.items():
        if some:
            studio.take_terminal(some, TERMINAL, Path(f"{name}-{moment}.png"))
            studio.take_terminal(some, TERMINAL.without_green(), Path(f"{name}-{moment}-deuteranopia.png"))


def _reports(camera: Camera, report: Path, name: str) -> None:
    for kind, view in REPORT.items():
        camera.take(report, view, *(Path(f"{name}-{kind}-{part}.png") for part in PARTS))
        camera.take(report, view.without_green(), *(Path(f"{name}-{kind}-{part}-deuteranopia.png") for part in PARTS))
    camera.print(report, Path(f"{name}.pdf"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="take all pictures, to this folder")
    parser.add_argument("--site", type=Path, required=True, help="where make docs has built the documentation")
    return parser.parse_args()


def main() -> None:
    """Take the pictures."""
    arguments = _arguments()
    with TemporaryDirectory() as work, TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
        studio = Studio(Camera(browser), Path(work))
        if arguments.folder:
            arguments.folder.mkdir(parents=True, exist_ok=True)
            for_looking(studio, arguments.folder, arguments.site)
        else:
            IMAGES.mkdir(exist_ok=True)
            for_documentation(studio)
    print(table(studio.counts))


if __name__ == "__main__":
    main()
