"""The table of commands for README, made from the registry: `python -m repl.cli.reference`."""

from repl import registry

_HEAD = "| command | short | what it does |\n| --- | --- | --- |"


def table() -> str:
    """Return every command as a Markdown table, in the order of help."""
    rows = [
        f"| `{_cell(declared.usage)}` | {' '.join(f'`{a}`' for a in declared.aliases)} "
        f"| {_cell(declared.summary)} |"
        for declared in registry.load().values()
    ]
    return "\n".join([_HEAD, *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(table())
