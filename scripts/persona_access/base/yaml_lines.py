"""Read YAML with the lines of its keys.

Refuse a document that expands to much more than its text, or whose second value hides the first.
"""

from __future__ import annotations

import yaml

# The keys, and numbers of items of lists, that lead to a place.
Path = tuple[str, ...]

_MOST_NODES = 100_000
_DEEPEST = 50


def compose(loader: yaml.SafeLoader | yaml.CSafeLoader) -> yaml.Node | None:
    """Return the document of a loader as nodes; every alias is the node that it repeats.

    Raises YAMLError if the text is not YAML, the document is too deep or too large, or a mapping
    has a key twice: PyYAML would keep the last value and say nothing.
    """
    try:
        root: yaml.Node | None = loader.get_single_node()
    except RecursionError as error:
        raise yaml.MarkedYAMLError(problem="it has too many levels") from error
    waiting = [(root, 0)] if root else []
    n_nodes = 0
    while waiting:
        node, depth = waiting.pop()
        n_nodes += 1
        if depth > _DEEPEST or n_nodes > _MOST_NODES:
            problem = (
                "it has too many levels" if depth > _DEEPEST else "its aliases repeat too much"
            )
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise yaml.MarkedYAMLError(
                        problem="a key is not a single word", problem_mark=key.start_mark
                    )
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"it has the key '{key.value}' a second time",
                        problem_mark=key.start_mark,
                    )
                seen.add(key.value)
            waiting += [(child, depth + 1) for pair in node.value for child in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(child, depth + 1) for child in node.value]
    return root


def lines_of(node: yaml.Node | None, path: Path = ()) -> dict[Path, int]:
    """Return the line, from 1, of each key and of each item of a list, by the path to it."""
    children: list[tuple[str, yaml.Node, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        children = [(str(key.value), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        children = [(str(number), value, value) for number, value in enumerate(node.value)]
    lines: dict[Path, int] = {}
    for name, place, value in children:
        lines[*path, name] = place.start_mark.line + 1
        lines |= lines_of(value, (*path, name))
    return lines


def line_at(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of a path, or of the nearest one above it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)
