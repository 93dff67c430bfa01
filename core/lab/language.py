"""The prompt's language: one line to the words of a command.

`COMMAND [ARG...] [# comment]`, with the quotes of a POSIX shell. Nothing here knows which
commands there are.
"""

import shlex

from core.errors import Mistyped


def split(line: str) -> list[str]:
    """Return the words of a line, without its comment.

    Raises Mistyped where a quote is left open or a backslash ends the line.
    """
    lexer = shlex.shlex(without_comment(line), posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError as fault:
        if "quotation" in str(fault):
            raise Mistyped("a quote is left open", 'process "two words"') from None
        text = "a backslash ends the line, with nothing behind it to take literally"
        raise Mistyped(text, "process 'a\\'") from None


def without_comment(line: str) -> str:
    """Cut off a comment: a `#` outside quotes that begins a word."""
    quote = ""
    previous = " "
    escaped = False
    for place, character in enumerate(line):
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#" and previous.isspace():
            return line[:place]
        previous = character
    return line
