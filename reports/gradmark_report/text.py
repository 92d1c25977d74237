"""Text from result files is untrusted: it reaches terminals, Markdown and pages only after it went through here."""

import os
import re
import unicodedata

LONGEST = 2_000_000  # a topology's XML is the longest text there is
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def harmless(text: str) -> str:
    """Without control characters (which steer terminals), direction overrides (which make text lie), lone surrogates
    and code points that are no characters (which no file can hold); line breaks and tabs stay."""
    text = text[:LONGEST]
    if text.isprintable():  # what nearly every text is
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if character not in "\n\t" and unicodedata.category(character) in _INVISIBLE
        else character
        for character in text
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


def shown(value: object, most: int = 80) -> str:
    """As it stands in a sentence: harmless, in one line and not long; what is longer loses its end."""
    text = one_line(harmless(str(value)[: 8 * most]))
    return text if len(text) <= most else text[: most - 1] + "…"


def shown_path(path: os.PathLike[str] | str, most: int = 100) -> str:
    """The same for the name of a file; what is longer loses its beginning, for its end says more."""
    text = one_line(harmless(os.fspath(path)))
    return text if len(text) <= most else "…" + text[1 - most :]


def markdown_code(text: str) -> str:
    """As a code span, which no backtick can leave."""
    clean = one_line(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", clean)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {clean} {fence}" if longest else f"`{clean}`"
