"""XML from outside: elements only, no declarations that let a document grow or reach out."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element
from xml.parsers import expat

from feeds.base import FeedDrifted

MOST_ELEMENTS = 500_000
MOST_DEPTH = 50
MOST_ATTRIBUTE = 64 * 1024


class _Builder:
    """Builds a tree from what the parser reports, and refuses to build a monstrous one."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= MOST_DEPTH:
            raise FeedDrifted("the XML has too many elements, or too deep a nest of them")
        if any(len(value) > MOST_ATTRIBUTE for value in attributes.values()):
            raise FeedDrifted("the XML has an attribute too long to be one")
        element = Element(tag, attributes)
        if self._open:
            self._open[-1].append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        if self._open:
            self._open[-1].text = (self._open[-1].text or "") + data


def parsed(body: bytes) -> Element:
    """Return the root element of an XML document; tags are without their namespaces.

    No document type is read, so there are no entities to expand and nothing to fetch.

    Raises:
        FeedDrifted: It is not well-formed, declares a document type, or is monstrous.
    """
    builder, parser = _Builder(), expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: builder.start(_local(tag), attributes)
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, UnicodeError, ValueError, LookupError) as e:
        raise FeedDrifted("the answer is not well-formed XML") from e
    if builder.root is None:
        raise FeedDrifted("the answer is empty XML")
    return builder.root


def children(element: Element, *tags: str) -> Iterator[Element]:
    """Yield the elements that a path of tags leads to."""
    if not tags:
        yield element
        return
    for child in element:
        if child.tag == tags[0]:
            yield from children(child, *tags[1:])


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _refuse_doctype(*_: object) -> None:
    raise FeedDrifted("the XML declares a document type, which no message needs")
