"""The report's page in a browser, where there is one: on demand, since none is needed elsewhere.

WAHEAL_BROWSER names a Chromium, WAHEAL_AXE the file axe.min.js of the npm package axe-core.
"""

import html
import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.test_summing import NOW, recipient, rows
from waheal.model import Content, State
from waheal.reckoning.summing import sum_up
from waheal.views.html import render_report

BROWSER, AXE = os.environ.get("WAHEAL_BROWSER"), os.environ.get("WAHEAL_AXE")
PATIENCE = 120.0

pytestmark = pytest.mark.skipif(
    not (BROWSER and AXE), reason="WAHEAL_BROWSER and WAHEAL_AXE name no browser and no axe"
)

# What is wrong by axe's rules, and by how much the page is wider than the window.
_ASK = """
axe.run().then(found => {
  const out = document.createElement("pre");
  out.id = "told";
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  out.textContent = JSON.stringify([over, found.violations.map(each => each.id)]);
  document.body.append(out);
});
"""


def page(*, client: bool = False) -> str:
    """Make a page that has something of everything."""
    people = [
        *rows(),
        *(recipient(row, State.FAILED, "shop-1", NOW, f"reason {row}") for row in range(9, 40)),
        *(
            recipient(row, State.READ, f"shop-{row % 40}", NOW + row, read=NOW + 3 * row)
            for row in range(40, 900)
        ),
    ]
    results = sum_up(
        "spring", people, now=NOW, column="text", value_of=lambda each: "AB"[each.row % 2]
    )
    message = Content("Hello\nReply STOP to opt out.")
    return render_report(
        replace(results, message=message, manner={"rate": "20/min"}), client=client
    )


def browse(file: Path, *more: str) -> tuple[str, str]:
    """Open a page; gives what it has become, and what was logged."""
    words = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
        "--enable-logging=stderr", "--virtual-time-budget=20000", *more, file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=PATIENCE)
    return done.stdout, done.stderr


@pytest.mark.parametrize("client", [False, True], ids=["own", "client"])
def test_the_page_complains_of_nothing(tmp_path: Path, *, client: bool) -> None:
    file = tmp_path / "page.html"
    file.write_text(page(client=client))
    dom, log = browse(file)
    assert "<svg" in dom
    assert "CONSOLE" not in log


@pytest.mark.parametrize("client", [False, True], ids=["own", "client"])
@pytest.mark.parametrize(
    "how",
    [("--window-size=1200,900",), ("--window-size=500,900",), ("--force-dark-mode",)],
    ids=["wide", "narrow", "dark"],
)
def test_axe_finds_nothing(tmp_path: Path, how: tuple[str, ...], *, client: bool) -> None:
    file = tmp_path / "page.html"
    asked = re.sub(r"<meta http-equiv.*", "", page(client=client))
    script = f"<script>{Path(str(AXE)).read_text()}</script><script>{_ASK}</script></body>"
    file.write_text(asked.replace("</body>", script))
    dom, _ = browse(file, *how)
    told = re.search(r'<pre id="told">(.*?)</pre>', dom)
    assert told is not None
    assert json.loads(html.unescape(told[1])) == [0, []]
