"""Makes files/data: databases, property lists, JSON and XML with a planted ID in every place a person can put one.

Written by the formats' own programs: SQLite and plistlib as they come with Python.

    python tests/extractors/make/data.py
"""

from __future__ import annotations

import plistlib
import sqlite3
from pathlib import Path

HERE = Path(__file__).parent.parent / "files" / "data"
ID = "912345678"

JSON = """{"term": "F26",
 "students": [
  {"studentId": 912345678, "name": "Tess Moran", "grade": "A"},
  {"studentId": 912345699, "name": "L\\u00e9o Park", "grade": null}],
 "note": "st\\u0075dent ID 91\\u0032345678",
 "nested": {"student": {"student_id": 912345678, "present": true}},
 "table": [["Student ID", "Grade"], [912345678, "B"]],
 "student_id": 1, "student_id": 912345678}
"""
LINES = '{"student_id": 912345678, "grade": "A"}\n{"student_id": 912345699, "grade": "B"}\n'
XML = f"""<?xml version="1.0"?>
<!DOCTYPE roster [<!ENTITY planted "{ID}">]>
<roster xmlns:x="urn:x.example" note="student ID {ID}">
 <!-- student ID {ID} in a comment -->
 <?note student ID {ID} for a program?>
 <x:student id="912345678"><name>Tess Moran</name><grade>A</grade></x:student>
 <x:student id="912345699"><name>Leo Park</name><grade>B</grade></x:student>
 <remark>student <b>ID</b> 9123<i>45678</i> in pieces</remark>
 <entity>student ID &planted; declared</entity>
 <cdata><![CDATA[student ID {ID} <as is>]]></cdata>
</roster>
"""


def database(name: str, journal: str) -> None:
    file = HERE / name
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    connection.execute("pragma page_size = 512")
    connection.execute("pragma secure_delete = off")
    connection.execute(f"pragma journal_mode = {journal}")
    connection.execute(
        'create table grades("Student ID" integer primary key, name text, grade real, file blob,'
        " shouted text generated always as (upper(name)) virtual)"
    )
    rows = [(912345678, "Tess Moran", 4.5, f"student ID {ID} in a file, which is longer than a key or a digest is".encode())]
    connection.executemany('insert into grades("Student ID", name, grade, file) values (?, ?, ?, ?)', rows)
    connection.execute("create table notes(note text)")
    connection.execute("insert into notes values (?)", (f"student ID {ID} in a note",))
    connection.execute("insert into notes values (?)", (f"student ID {ID} deleted",))
    connection.execute("delete from notes where note like '%deleted'")
    connection.execute(f'create view "view of student ID {ID}" as select name from grades')
    connection.commit()
    if journal == "wal":
        connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


def main() -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    (HERE / "roster.json").write_text(JSON, encoding="utf-8")
    (HERE / "roster.ndjson").write_text(LINES, encoding="utf-8")
    (HERE / "roster.xml").write_text(XML, encoding="utf-8")
    database("grades.sqlite", "delete")
    database("wal.sqlite", "wal")
    values = {
        "Student ID": 912345678,
        "list": [{"Student ID": ID, "grade": "A"}, {"Student ID": "912345699", "grade": "B"}],
        "data": f"student ID {ID} in a file, which is longer than a key or a digest is".encode(),
    }
    (HERE / "binary.plist").write_bytes(plistlib.dumps(values, fmt=plistlib.FMT_BINARY))
    (HERE / "xml.plist").write_bytes(plistlib.dumps(values, fmt=plistlib.FMT_XML))


if __name__ == "__main__":
    main()
