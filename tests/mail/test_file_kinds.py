"""Names of one file that are opened as different things are told; spellings of one name, as programs write it, are not."""

from __future__ import annotations

import pytest

from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.values import PartStatus

TYPE = "Content-Type: application/octet-stream"
ATTACHED = "Content-Disposition: attachment"
DIFFERENT = {
    "name and filename": f"{TYPE}; name=a.pdf\n{ATTACHED}; filename=a.exe\n",
    "filename twice": f"{TYPE}\n{ATTACHED}; filename=a.txt; filename=a.xlsx\n",
    "two fields": f"{TYPE}\n{ATTACHED}; filename=a.txt\n{ATTACHED}; filename=a.html\n",
    "with and without a charset": f"{TYPE}\n{ATTACHED}; filename=a.jpg; filename*=utf-8''a%2Ejs\n",
    "encoded word and charset": f"{TYPE}\n{ATTACHED}; filename=\"=?utf-8?B?YS5wZGY=?=\"; filename*=utf-8''a.exe\n",
    "whole and in sections": f'{TYPE}\n{ATTACHED}; filename=a.pdf; filename*0="a.pdf"; filename*1=".zip"\n',
    "a section is missing": f'{TYPE}\n{ATTACHED}; filename*0="a.pdf"; filename*2=".exe"\n',
    "in the other field's parameter": f"{TYPE}; filename=a.vbs\n{ATTACHED}; filename=a.pdf\n",
    "behind the quote": f'{TYPE}\n{ATTACHED}; filename="a.pdf".exe\n',
    "behind a quote in quotes": f'{TYPE}\n{ATTACHED}; filename="a.pdf\\".exe"; filename=a.pdf\n',
    "two words without quotes": f"{TYPE}\n{ATTACHED}; filename=a.pdf b.exe\n",
    "in a comment": f"{TYPE}\n{ATTACHED}; filename=a.exe (b.pdf\n",
    "cut at a NUL": f"{TYPE}\n{ATTACHED}; filename*=utf-8''a.exe%00.pdf\n",
    "turned by an override": f"{TYPE}\n{ATTACHED}; filename*=utf-8''a%E2%80%AEfdp.exe\n",
}
ALIKE = {
    "Outlook, an encoded word and a charset": (
        f'{TYPE}; name="=?iso-8859-1?Q?=DCbersicht.docx?="\n{ATTACHED}; filename="=?iso-8859-1?Q?=DCbersicht.docx?="\n'
    ),
    "Thunderbird, in sections": (
        f'{TYPE}; name="=?UTF-8?Q?=C3=9Cbersicht_2026=2Expdf?="\n{ATTACHED};\n'
        " filename*0*=UTF-8''%C3%9Cbersicht%20; filename*1*=%32%30%32%36%2E%78%70%64%66\n"
    ),
    "Apple Mail, a letter and its mark": (
        f'{TYPE}; x-unix-mode=0644; name="U\u0308b.pdf"\n' + f"{ATTACHED}; filename*=utf-8''%C3%9Cb.pdf\n"
    ),
    "Thunderbird, a signature": f'{TYPE}; name="OpenPGP_signature.asc"\n{ATTACHED}; filename="OpenPGP_signature"\n',
    "Gmail": f'{TYPE}; name="Fall Term.xlsx"\n{ATTACHED}; filename="Fall Term.xlsx"\nX-Attachment-Id: f_1\n',
    "without quotes": f"{TYPE}; name=Fall Term v2.xlsx\n{ATTACHED}; filename=Fall Term v2.xlsx\n",
    "a comment": f'{TYPE}; name="a.pdf" (Quarter (first))\n{ATTACHED}; filename="a.pdf"\n',
    "cut short": f'{TYPE}; name="A very long report of the te.pd"\n' + f"{ATTACHED}; filename*=utf-8''A%20very%20long.pdf\n",
    "short and long endings": f"{TYPE}; name=GRADES~1.DOC\n{ATTACHED}; filename=Grades.docx\n",
    "pictures": f"{TYPE}; name=a.jpeg\n{ATTACHED}; filename=image001.PNG\n",
    "no ending": f"{TYPE}; name=attachment\n{ATTACHED}; filename=a.pdf\n",
    "a table, saved for Excel": f"{TYPE}; name=a.csv\n{ATTACHED}; filename=a.xls\n",
    "a table, saved for an editor": f"{TYPE}; name=a.csv\n{ATTACHED}; filename=a.txt\n",
    "a dot at the end": f"{TYPE}; name=a.pdf.\n{ATTACHED}; filename='a.pdf'\n",
    "endings nobody knows": f"{TYPE}; name=a.v2\n{ATTACHED}; filename=a.v3\n",
}


def _texts(part: str) -> tuple[tuple[str, ...], list[PartStatus]]:
    raw = f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\n{part}\nx\n--b--\n".encode()
    texts = read(raw, Limits())
    return texts.ambiguities, [each.status for each in texts.parts if each.section == "2"]


@pytest.mark.parametrize("part", DIFFERENT.values(), ids=DIFFERENT)
def test_names_opened_as_different_things_are_ambiguous(part: str) -> None:
    assert _texts(part) == (("file-name",), [PartStatus.AMBIGUOUS])


@pytest.mark.parametrize("part", ALIKE.values(), ids=ALIKE)
def test_spellings_of_one_name_are_not(part: str) -> None:
    assert _texts(part) == ((), [PartStatus.UNSUPPORTED])
