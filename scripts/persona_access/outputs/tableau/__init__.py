"""Write extracts of the published marts, packaged data sources and a workbook for Tableau."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, indent

import duckdb

from persona_access.outputs.release.catalogue import read_catalogue
from persona_access.outputs.tableau.dashboards import SOURCES, WEEKS, Source
from persona_access.outputs.tableau.data_source import EXTRACTS, data_source
from persona_access.outputs.tableau.extracts import write_extracts
from persona_access.outputs.tableau.workbook import workbook

WORKBOOK = "persona_access.twbx"


def write_tableau(marts: Path, out: Path) -> None:
    """Write `persona_access.twbx`, and `<source>.tdsx` and `<source>.hyper` for each data source.

    `marts` is a folder of published marts with its catalogue. Raises PersonaAccessError if an
    extract, read back, differs from the rows of its mart.
    """
    catalogue = read_catalogue(marts)
    write_extracts(SOURCES, catalogue, marts, out)
    _package(out / WORKBOOK, "persona_access.twb", workbook(catalogue, _weeks(marts)), SOURCES)
    for source in SOURCES:
        described = data_source(source, catalogue)
        described.set("formatted-name", described.attrib.pop("name"))
        _package(out / f"{source.name}.tdsx", f"{source.name}.tds", described, (source,))


def _weeks(marts: Path) -> list[date]:
    """List the published weeks."""
    file = str(marts / f"{WEEKS.mart}.parquet")
    with duckdb.connect() as connection:
        found = connection.execute("select as_of_date from read_parquet(?)", [file]).fetchall()
    return [row[0] for row in found]


def _package(file: Path, name: str, document: Element, sources: tuple[Source, ...]) -> None:
    """Zip a document with the extracts that it opens; these are beside the package."""
    indent(document)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        with package.open(name, "w") as stream:
            ElementTree(document).write(stream, "utf-8", xml_declaration=True)
        for source in sources:
            extract = f"{source.name}.hyper"
            # Extracts are already compressed.
            package.write(file.parent / extract, f"{EXTRACTS}/{extract}", zipfile.ZIP_STORED)
