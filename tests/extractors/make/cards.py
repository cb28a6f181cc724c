"""Makes files/cards: a meeting and a card as real writers write them, with a planted ID in every place for words.

pip install icalendar vobject && python tests/extractors/make/cards.py
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import vobject
from icalendar import Calendar, Event, vCalAddress, vText

HERE = Path(__file__).parent.parent / "files" / "cards"
ID = "912345678"
FILE = f"student ID {ID} in a file".encode()


def meeting() -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//campus.example//planted//EN")
    calendar.add("version", "2.0")
    event = Event()
    event.add("uid", "1@campus.example")
    event.add("dtstamp", datetime(2026, 9, 1, 9, tzinfo=UTC))
    event.add("dtstart", datetime(2026, 9, 2, 9, tzinfo=UTC))
    event.add("summary", f"About a student whose name and number must be known to all who come: student ID {ID}")
    event.add("description", f"First line\nabout grades, and then\nstudent ID {ID}; more")
    event.add("comment", f"comment: student ID {ID}")
    event.add("location", f"location: student ID {ID}")
    attendee = vCalAddress("mailto:t.moran@campus.example")
    attendee.params["cn"] = vText(f"attendee student ID {ID}")
    event.add("attendee", attendee)
    event.add("x-alt-desc", "<html><body>student <b>ID</b> 9123<i>45678</i> in HTML</body></html>", {"FMTTYPE": "text/html"})
    event.add("attach", FILE, {"ENCODING": "BASE64", "VALUE": "BINARY", "FMTTYPE": "text/plain"})
    calendar.add_component(event)
    return calendar.to_ical()


def card() -> bytes:
    made = vobject.vCard()
    made.add("n").value = vobject.vcard.Name(family="Moran", given="Tess")
    made.add("fn").value = f"Tess Moran, student ID {ID}"
    made.add("note").value = f"note, long enough to be folded when it is written to a file: student ID {ID}\nand more"
    photo = made.add("photo")
    photo.encoding_param, photo.type_param = "b", "JPEG"
    photo.value = b"\xff\xd8\xff\xe0" + b"face" * 40
    key = made.add("key")
    key.encoding_param = "b"
    key.value = FILE
    return made.serialize().encode()


OLD_CARD = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN:Moran;Tess\r\n"
    "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=C3=A9tudiante, student=20=\r\n"
    "ID 9123=\r\n"
    "45678 of a telephone\r\n"
    "END:VCARD\r\n"
)


def main() -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    (HERE / "meeting.ics").write_bytes(meeting())
    (HERE / "card.vcf").write_bytes(card())
    (HERE / "telephone.vcf").write_bytes(OLD_CARD.encode())  # as telephones write it; no library writes 2.1


if __name__ == "__main__":
    main()
