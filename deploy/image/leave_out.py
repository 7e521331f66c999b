"""Delete from the image's packages what no command of the project loads.

    python3 leave_out.py .venv/lib/python3.11/site-packages

A pattern that matches nothing is an error: the package changed, so look again.
"""

import shutil
import struct
import sys
from pathlib import Path

KEPT_DATA_OF_AWS = {"rds", "sso", "sso-oidc", "sts", "signin"}
KEPT_LANGUAGES = {"root.dat", "en.dat", "en_US.dat", "en_001.dat", "en_150.dat", "en_GB.dat"}
LEFT_OUT = [
    # Tests, and what only a compiler or a type checker reads.
    "numpy/**/tests",
    "networkx/**/tests",
    "pyarrow/tests",
    "pyarrow/include",
    "numpy/_core/include",
    "numpy/_core/_*_tests.*.so",
    "numpy/_core/_simd.*.so",
    "numpy/**/*.a",
    "**/*.pyi",
    "fontTools/**/*.c",
    "pyarrow/src",
    "pyarrow/*.py[xd]",
    "pyarrow/*.pxi",
    "pyarrow/includes",
    # Arrow: its network service, and stores that obstore and DuckDB read here.
    "pyarrow/*flight*",
    "pyarrow/libarrow_s3.*",
    "pyarrow/_s3fs.*",
    "pyarrow/_gcsfs.*",
    "pyarrow/_azurefs.*",
    "pyarrow/_hdfs.*",
    "pyarrow/_orc.*",
    "pyarrow/_dataset_orc.*",
    "pyarrow/_pyarrow_cpp_tests.*",
    # The library is loaded as libarrow_python.so.<major>; the others are copies of it.
    "pyarrow/libarrow_python*.so",
    "pyarrow/libarrow_python*.so.*.*.*",
    # Pictures: no PDF of ours has one, and fpdf2 runs without.
    "PIL",
    "pillow.libs",
    "apprise/i18n",
    # Drew no more than Vega's own script, which is made by now (scripts/install_charts.py).
    "vl_convert/*.so",
]


def main() -> int:
    """Delete; print what became of the size; return the exit code."""
    packages = Path(sys.argv[1])
    before = size(packages)
    found = left_out(packages)
    for what, paths in found.items():
        if not paths:
            sys.stderr.write(f"leave_out.py: {what} is in no package any more: look again.\n")
            return 1
    for path in (path for paths in found.values() for path in paths):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for library in packages.glob("**/*.so*"):
        # Tableau's licence lets nobody change its programs.
        if "tableauhyperapi" not in library.parts:
            cut_symbols(library)
    sys.stdout.write(f"Packages: {before} MB, {size(packages)} MB without what nothing loads.\n")
    return 0


def left_out(packages: Path) -> dict[str, list[Path]]:
    """Return what is left out, by pattern."""
    found = {pattern: list(packages.glob(pattern)) for pattern in LEFT_OUT}
    found["botocore/data of other services"] = [
        folder
        for folder in (packages / "botocore/data").iterdir()
        if folder.is_dir() and folder.name not in KEPT_DATA_OF_AWS
    ]
    found["babel/locale-data of other languages"] = [
        file
        for file in (packages / "babel/locale-data").glob("*.dat")
        if file.name not in KEPT_LANGUAGES
    ]
    return found


def cut_symbols(library: Path) -> None:
    """Cut off what follows the last segment of a library: symbols for debuggers, which none loads.

    As `strip` does, which a base without a compiler does not have.
    """
    content = bytearray(library.read_bytes())
    if content[:6] != b"\x7fELF\x02\x01":
        return
    (first,) = struct.unpack_from("<Q", content, 32)
    each, n_segments = struct.unpack_from("<HH", content, 54)
    end = first + each * n_segments
    for segment in range(n_segments):
        offset, _, _, length = struct.unpack_from("<QQQQ", content, first + each * segment + 8)
        end = max(end, offset + length)
    struct.pack_into("<Q", content, 40, 0)
    struct.pack_into("<HH", content, 60, 0, 0)
    library.write_bytes(content[:end])


def size(folder: Path) -> int:
    """Return the size of the files below a folder, in MB."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
