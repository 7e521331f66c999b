"""Refuse YAML that expands to much more than its text: aliases of aliases, or a node in itself."""

from __future__ import annotations

import yaml

_MOST_NODES = 100_000
_DEEPEST = 50


def compose(loader: yaml.SafeLoader | yaml.CSafeLoader) -> yaml.Node | None:
    """Return the document of a loader as nodes; every alias is the node that it repeats.

    Raises YAMLError if the text is not YAML, or the document is too deep or too large.
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
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise yaml.MarkedYAMLError(
                        problem="a key is not a single word", problem_mark=key.start_mark
                    )
            waiting += [(child, depth + 1) for pair in node.value for child in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(child, depth + 1) for child in node.value]
    return root
