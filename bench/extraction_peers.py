"""Other extractors, in an environment of their own: pages as JSON lines in, what each read as JSON lines out.

`extraction.py --peers` runs it. A page that one of them cannot read is empty: that is part of what is measured.
"""

import json
import logging
import re
import sys
import time

import newspaper
from readability import Document
from resiliparse.extract.html2text import extract_plain_text

NOTHING = {"text": "", "title": None, "authors": [], "published": None}


def main():
    logging.disable(logging.CRITICAL)
    extractors = {"readability-lxml": readability, "newspaper4k": newspaper4k, "resiliparse": resiliparse}
    for number, line in enumerate(sys.stdin):
        page = json.loads(line)
        for extract in extractors.values() if number == 0 else ():
            timed(extract, page)  # models and tables are loaded on first use
        print(json.dumps({name: timed(extract, page) for name, extract in extractors.items()}), flush=True)


def timed(extract, page):
    started = time.process_time()
    try:
        read = NOTHING | extract(page["html"], page["url"] or "https://page.invalid/")
    except Exception:  # noqa: BLE001 - whatever a peer raises, it has read nothing
        read = NOTHING
    return read | {"seconds": time.process_time() - started}


def readability(html, url):
    document = Document(html, url=url)
    summary = document.summary(html_partial=True)
    text = re.sub(r"<(?:p|div|li|h\d|br|tr|blockquote)\b[^>]*>", "\n", summary)
    plain = extract_plain_text(text.replace("\n", "<br>"), main_content=False)
    return {"text": plain, "title": document.short_title()}


def newspaper4k(html, url):
    article = newspaper.article(url, input_html=html, fetch_images=False)  # by default it asks the web for each image
    published = article.publish_date
    moment = published.isoformat() if hasattr(published, "isoformat") else None
    return {"text": article.text, "title": article.title, "authors": article.authors, "published": moment}


def resiliparse(html, url):  # noqa: ARG001 - all are called alike
    return {"text": extract_plain_text(html, main_content=True, alt_texts=False, links=False, preserve_formatting=True)}


if __name__ == "__main__":
    main()
