"""The command line: each command's work lives in its own module, imported when it is called."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from persona_access import __version__
from persona_access.errors import EXIT_ENVIRONMENT, PersonaAccessError


class _Sentences(TyperGroup):
    """Turn the project's errors into one sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except PersonaAccessError as error:
            typer.echo(f"persona-access: {error}", err=True)
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            typer.echo(
                f"persona-access: the system refused a file operation: {error.strerror or error}"
                f"{where}; see that the disk has space and the folder can be written.",
                err=True,
            )
            raise typer.Exit(EXIT_ENVIRONMENT) from error


app = typer.Typer(
    cls=_Sentences,
    name="persona-access",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Weekly reconciliation of who holds which application against what they should hold.",
    epilog="Exit codes: 0 fine, 1 something was refused or a check failed, "
    "2 wrong usage or settings, 3 the machine is in the way (disk full, folder unwritable, lock).",
)


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
