"""Write Vega, which draws the charts, into the report: one script with its licence and hash."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path

_BUNDLE = """
import sys, vl_convert
script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed; window.vegaLite = vegaLite;")
sys.stdout.reconfigure(encoding="utf-8", newline="")
sys.stdout.write(script)
"""


def write_charts(assets: Path) -> None:
    """Write the chart library: what the installation made once, else make it now."""
    made = installed_charts()
    if (made / "vega.txt").exists():
        for name in ("vega.js", "vega.txt"):
            shutil.copyfile(made / name, assets / name)
    else:
        make_charts(assets)


def installed_charts() -> Path:
    """Return the folder of this installation that may have the chart library.

    Its name changes with the library that brings Vega and with this module, so it is never stale.
    """
    ours = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    name = f"vega-{version('vl-convert-python')}-{ours}"
    return Path(sys.prefix) / "share" / "persona-access" / name


def make_charts(assets: Path) -> None:
    """Make the chart library, with its versions and licence."""
    # 85 MB, which an image does without.
    import vl_convert

    library = chart_library()
    (assets / "vega.js").write_text(library, "utf-8")
    digest = hashlib.sha256(library.encode()).hexdigest()
    (assets / "vega.txt").write_text(
        f"vega.js holds Vega {vl_convert.get_vega_version()}, Vega-Lite "
        f"{vl_convert.get_vegalite_versions()[-1]} and Vega-Embed "
        f"{vl_convert.get_vega_embed_version()}, as vl-convert-python "
        f"{version('vl-convert-python')} brings them.\n"
        f"sha256 {digest}\n\n{_licence()}",
        "utf-8",
    )


@cache
def chart_library() -> str:
    """Return Vega as one script; this takes seconds, and the result is the same for every report.

    A separate process creates it, because it would block the progress display of this one.
    """
    bundled = subprocess.run(  # noqa: S603 - text of ours alone
        [sys.executable, "-I", "-c", _BUNDLE], check=True, capture_output=True, encoding="utf-8"
    )
    return f"(() => {{{bundled.stdout}\n}})();\n"


def _licence() -> str:
    brought = distribution("vl-convert-python").files or []
    (licence,) = [file for file in brought if file.name == "LICENSE"]
    return licence.read_text("utf-8")
