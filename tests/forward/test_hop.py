"""The text of a next hop: what is read, and what is refused with words for the administrator."""

from __future__ import annotations

import pytest

from dlp.forward import Hop, parse_hop

READ = {
    "127.0.0.1:10026": Hop("smtp", host="127.0.0.1", port=10026),
    "[::1]:25": Hop("smtp", host="::1", port=25),
    "mx.campus.example:25": Hop("smtp", host="mx.campus.example", port=25),
    "unix:/var/spool/next": Hop("smtp", path="/var/spool/next"),
    "lmtp:127.0.0.1:24": Hop("lmtp", host="127.0.0.1", port=24),
    "lmtp:[::1]:24": Hop("lmtp", host="::1", port=24),
    "lmtp:unix:/run/lmtp": Hop("lmtp", path="/run/lmtp"),
}


@pytest.mark.parametrize(("text", "hop"), READ.items(), ids=READ)
def test_a_hop_is_read_and_written_back(text, hop):
    assert parse_hop(text) == hop
    assert hop.address == text.removeprefix("lmtp:")


@pytest.mark.parametrize(
    "text",
    ["", "127.0.0.1", "::1:25", "host:", "host:0", "host:70000", "unix:relative", "unix:", "lmtp:24", "a b:25", "host:25x"],
)
def test_what_names_no_place_is_refused(text):
    with pytest.raises(ValueError, match=r"written|number"):
        parse_hop(text)
