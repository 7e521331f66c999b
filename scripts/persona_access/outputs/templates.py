"""Create the template environment that all pages use."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def template_environment(package: str) -> Environment:
    """Read a package's templates; values are escaped, and a name without a value is an error."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
