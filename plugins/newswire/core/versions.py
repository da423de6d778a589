"""What made a result, stage by stage: the version of the code whose change makes a failure worth another try."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from newswire import __version__
from newswire.core.articles import EXTRACTOR
from newswire.core.fingerprints import SIGNATURE_VERSION
from newswire.core.topics import ENGINE_VERSION
from newswire.records import Stage

MADE_BY: Mapping[Stage, str] = MappingProxyType(
    {
        "poll": f"newswire-{__version__}",
        "push": f"newswire-{__version__}",
        "fetch": f"newswire-{__version__}",
        "extract": EXTRACTOR,
        "group": SIGNATURE_VERSION,
        "tag": f"topics-{ENGINE_VERSION}",
        "publish": f"newswire-{__version__}",
        "alert": f"newswire-{__version__}",
        "send": f"newswire-{__version__}",
    }
)
