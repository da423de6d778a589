r"""The past of a feed: which documents lead into it, what they hold, where a walk through them goes on and ends.

feed -> archived -> archived ...    RFC 5005, section 4: complete documents of earlier times
     -> paged -> paged ...          RFC 5005, section 3, and next_url of JSON Feed: the same list, page by page
     -> wordpress -> wordpress ...  ?paged=2, where WordPress says no more
robots -> sitemap -> sitemap        an index leads to sitemaps; only those that can hold the days are asked for

`read_past` reads one document, `Walk` decides what is asked next, `remembered` what need not be asked again.
"""

from newswire.core.history.documents import read_past
from newswire.core.history.memory import remembered
from newswire.core.history.walk import Walk, after, begin

__all__ = ["Walk", "after", "begin", "read_past", "remembered"]
