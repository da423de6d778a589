"""Content codings: everything whole is decoded, nothing cut off is taken for whole, no bomb is inflated."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path
from zipfile import ZipFile

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from newswire.web.decoding import coding_of, decode
from newswire.web.refusal import Refusal
from newswire.web.request import KB, MB, Limits
from web.faultserver import CODERS, DOCUMENT

LIMITS = Limits(wire_bytes=1 * MB, decoded_bytes=1 * MB)
NOISE = random.Random(1).randbytes(200 * KB)


def cause_of(coding, body):
    """Why these bytes are refused; None: they are decoded."""
    try:
        decode(coding, body, LIMITS)
    except Refusal as refusal:
        return refusal.cause
    return None


def raw_deflate(data):
    coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return coder.compress(data) + coder.flush()


def zstd_stream(data):
    """Without the size of its content in the header, as servers compress on the fly."""
    coder = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return coder.compress(data) + coder.flush()


ENCODERS = [*CODERS.items(), ("deflate", raw_deflate), ("zstd", zstd_stream)]
encoders = st.sampled_from(ENCODERS)
DOCUMENTS = {"feed": DOCUMENT, "noise": NOISE, "repeated": b"a" * 200 * KB, "one byte": b"x", "empty": b""}
patiently = settings(deadline=None)  # on a busy machine


# --- Whole ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize(("coding", "encode"), ENCODERS)
def test_a_document_that_was_encoded_is_decoded(coding, encode, name):
    assert decode(coding, encode(DOCUMENTS[name]), LIMITS) == DOCUMENTS[name]


@patiently
@given(encoders, st.binary(max_size=300))
def test_any_bytes_that_were_encoded_are_decoded(encoder, data):
    coding, encode = encoder
    assert decode(coding, encode(data), LIMITS) == data


@pytest.mark.parametrize(
    ("coding", "join"), [("gzip", gzip.compress), ("zstd", zstandard.compress), ("zstd", zstd_stream)]
)
def test_members_that_follow_one_another_are_one_document(coding, join):
    assert decode(coding, join(b"one ") + join(NOISE) + join(b" three"), LIMITS) == b"one " + NOISE + b" three"


def test_skippable_zstd_frames_are_skipped():
    skippable = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
    frame = zstandard.compress(b"text")
    assert decode("zstd", skippable + frame + skippable + frame, LIMITS) == b"texttext"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
@pytest.mark.parametrize("more", [b"\0" * 512, b"<!-- served by cache 7 -->", b"\x1f"])
def test_what_follows_the_end_of_a_stream_is_ignored(coding, more):
    assert decode(coding, CODERS[coding](DOCUMENT) + more, LIMITS) == DOCUMENT


# --- Cut off ----------------------------------------------------------------------------------------------------------


@patiently
@given(encoders, st.sampled_from([*DOCUMENTS]), st.data())
def test_a_stream_cut_anywhere_is_never_taken_for_whole(encoder, name, data):
    coding, encode = encoder
    whole = encode(DOCUMENTS[name])
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert cause_of(coding, whole[:cut]) == "truncated"


@pytest.mark.parametrize(("coding", "encode"), ENCODERS)
def test_a_stream_without_its_last_byte_is_truncated_also_where_the_text_is_already_there(coding, encode):
    with pytest.raises(Refusal, match="no end"):
        decode(coding, encode(DOCUMENT)[:-1], LIMITS)


# --- Broken -----------------------------------------------------------------------------------------------------------


@patiently
@given(encoders, st.integers(0, 10_000), st.integers(1, 255))
def test_one_wrong_byte_is_refused_or_harmless(encoder, at, change):
    coding, encode = encoder
    broken = bytearray(encode(DOCUMENT))
    broken[at % len(broken)] ^= change
    assert cause_of(coding, bytes(broken)) in {None, "bad_encoding", "truncated", "too_large"}


@pytest.mark.parametrize("coding", CODERS)
@patiently
@given(data=st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(coding, data):
    assert cause_of(coding, data) in {None, "bad_encoding", "truncated", "too_large"}


# --- Too large --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("coding", "encode"), ENCODERS)
def test_a_bomb_is_left_at_the_ratio(coding, encode):
    with pytest.raises(Refusal, match="for each byte on the wire") as refused:
        decode(coding, encode(b"\0" * 900 * KB), LIMITS)
    assert refused.value.cause == "too_large"


@pytest.mark.parametrize(("coding", "encode"), ENCODERS)
def test_a_high_ratio_of_a_small_document_is_fine(coding, encode):
    assert len(decode(coding, encode(b"\0" * 256 * KB), LIMITS)) == 256 * KB


@pytest.mark.parametrize(("coding", "encode"), ENCODERS)
def test_a_document_may_be_as_long_as_the_limit_and_not_one_byte_longer(coding, encode):
    limits = Limits(wire_bytes=1 * MB, decoded_bytes=len(NOISE))
    assert decode(coding, encode(NOISE), limits) == NOISE
    with pytest.raises(Refusal, match="decoded bytes"):
        decode(coding, encode(NOISE + b"x"), limits)


@pytest.mark.parametrize(("coding", "encode"), ENCODERS)
def test_where_cutting_is_allowed_the_head_is_kept(coding, encode):
    limits = Limits(wire_bytes=1 * MB, decoded_bytes=1000, cut=True)
    assert decode(coding, encode(NOISE), limits) == NOISE[:1000]


def test_a_brotli_stream_does_not_reveal_what_follows_it():
    assert cause_of("br", brotli.compress(DOCUMENT) + b"more") == "bad_encoding"


# --- Crafted files ----------------------------------------------------------------------------------------------------

CORPUS = Path(__file__).parents[2] / "../shared/corpus/bad-input.zip"


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("bomb_10MB_1layer.gz", "too_large"),
        ("header_only.gz", "truncated"),
        ("trailing_garbage.rss.gz", None),
        ("double_gz.rss.gz.gz", None),
    ],
)
def test_a_crafted_gzip_file_is_judged_right(name, cause):
    with ZipFile(CORPUS) as corpus:
        assert cause_of("gzip", corpus.read(f"crafted/gz/{name}")) == cause


# --- The header -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "coding"),
    [
        ([], None),
        ([""], None),
        (["identity"], None),
        (["GZIP"], "gzip"),
        (["x-gzip"], "gzip"),
        (["identity, br"], "br"),
        (["", "zstd"], "zstd"),
    ],
)
def test_one_coding_is_known_by_its_names(values, coding):
    assert coding_of(values) == coding


@pytest.mark.parametrize(
    "values", [["gzip, gzip"], ["gzip", "br"], ["compress"], ["utf-8"], ["gzip;q=1"], ["aws-chunked"]]
)
def test_two_codings_or_an_unknown_one_are_refused(values):
    with pytest.raises(Refusal) as refused:
        coding_of(values)
    assert refused.value.cause == "bad_encoding"
