"""x: data sets by name and by path, each with the schema that chooses likelihood and network.

Adding a named set or a format is adding one file with one `@final` class, a `NamedSet` or a
`PathFormat`; menus and messages read this folder.
"""

from latentia.data._check import check
from latentia.data._data import Data
from latentia.data._load import fetch, formats, load, names, where
from latentia.data._places import cache
from latentia.data._schema import Kind, Layout, Schema

__all__ = [
    "Data",
    "Kind",
    "Layout",
    "Schema",
    "cache",
    "check",
    "fetch",
    "formats",
    "load",
    "names",
    "where",
]
