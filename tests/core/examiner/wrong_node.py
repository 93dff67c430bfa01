"""A mutant behind the wire: `wrong_node.py NAME` is what a student's node might be."""

import sys

from core.mutants import MUTANTS
from core.node import Node, serve

if __name__ == "__main__":
    sys.exit(serve(Node(MUTANTS[sys.argv[1]].processor())))
