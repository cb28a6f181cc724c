"""OneRoster exports: both versions to the same records, what is to be deleted or over is left out, deltas are refused."""

from __future__ import annotations

from datetime import date

import pytest

from dlp.campus import oneroster
from dlp.campus.records import Assignment, Contact, Enrolment, Offering, Record, Staff, Student
from dlp.campus.report import Report

TODAY = date(2026, 10, 1)
SHARED = {
    "orgs": "sourcedId,status,dateLastModified,name,type\no1,active,,Example University,school\no2,,,Mathematics,department\n",
    "academicSessions": (
        "sourcedId,status,title,type,startDate,endDate\n"
        "fa26,active,Fall 2026,term,2026-09-02,2026-12-18\nsp27,active,Spring 2027,term,2027-02-01,2027-05-20\n"
    ),
    "courses": "sourcedId,status,title,courseCode,orgSourcedId\nc1,,Linear Algebra,18.06,o2\nc2,,Reading Group,,o2\n",
    "classes": (
        "sourcedId,status,title,classCode,classType,courseSourcedId,termSourcedIds\n"
        'k1,,Linear Algebra A,18.06-A,scheduled,c1,"fa26,sp27"\nk2,,Linear Algebra B,18.06-B,scheduled,c1,fa26\n'
        "k3,,Reading Group,RG-1,scheduled,c2,fa26\nk4,tobedeleted,Old,OLD,scheduled,c1,fa26\n"
    ),
    "enrollments": (
        "sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
        "e1,,k2,o1,t1,teacher,true,,\ne2,,k2,o1,t2,teacher,false,,\ne3,,k2,o1,s1,student,,,\ne4,,k1,o1,s2,student,,,\n"
        "e5,tobedeleted,k2,o1,s2,student,,,\ne6,,k3,o1,s1,student,,2026-09-01,2026-09-15\ne7,,k2,o1,s9,student,,,\n"
        "e8,,k3,o1,s2,aide,,,\n"
    ),
    "demographics": "sourcedId,birthDate\ns1,2007-01-01\n",
}
VERSION_1_1 = SHARED | {
    "users": (
        "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier,email,phone,agentSourcedIds\n"
        's1,active,true,"o1,o2",student,amori,Aiko,Mori,912345671,a.mori@campus.example,,p1\n'
        "s2,active,true,o1,student,bo,Bo,Lindqvist,912345672,,555-0102,\n"
        "s3,tobedeleted,true,o1,student,cy,Cy,Adeyemi,912345673,,,\n"
        "t1,active,true,o2,teacher,eva,Eva,Okafor,,e.okafor@campus.example,,\n"
        "t2,active,true,o2,teacher,fay,Fay,Silva,,f.silva@campus.example,,\n"
        "p1,active,true,o1,parent,pat,Pat,Mori,,pat@freemail.example,,s1\n"
    ),
}
VERSION_1_2 = SHARED | {
    "roles": (
        "sourcedId,status,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
        "r1,,s1,primary,student,,,o1\nr2,,s2,primary,student,,,o1\nr4,,t1,primary,teacher,,,o1\nr5,,t2,primary,teacher,,,o1\n"
        "r6,,p1,primary,parent,,,o1\nr7,,t2,secondary,student,,2020-06-01,o1\nr8,,s3,primary,student,,,o1\n"
    ),
    "users": (
        "sourcedId,status,enabledUser,username,givenName,familyName,identifier,email,phone,agentSourcedIds,primaryOrgSourcedId\n"
        "s1,active,true,amori,Aiko,Mori,912345671,a.mori@campus.example,,p1,o2\n"
        "s2,active,true,bo,Bo,Lindqvist,912345672,,555-0102,,o1\n"
        "s3,tobedeleted,true,cy,Cy,Adeyemi,912345673,,,,o1\n"
        "t1,active,true,eva,Eva,Okafor,,e.okafor@campus.example,,,o2\n"
        "t2,active,true,fay,Fay,Silva,,f.silva@campus.example,,,o2\n"
        "p1,active,true,pat,Pat,Mori,,pat@freemail.example,,,o1\n"
    ),
}


def manifest(version: str, **files: str) -> str:
    said = {f"file.{name}": "bulk" for name in (VERSION_1_1 if version == "1.1" else VERSION_1_2)} | {
        f"file.{name}": how for name, how in files.items()
    }
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    return "\n".join([*lines, *(f"{name},{how}" for name, how in said.items())]) + "\n"


def taken(files: dict[str, str]) -> tuple[list[Record], Report]:
    report = Report()
    found = oneroster.records(frozenset(files), lambda name: [files[name].encode()], report, TODAY)
    return list(found), report


@pytest.mark.parametrize(("version", "files"), [("1.1", VERSION_1_1), ("1.2", VERSION_1_2)])
def test_both_versions_give_the_same_records(version, files):
    found, report = taken(files | {"manifest": manifest(version)})
    assert not report.bad
    assert not report.unusable
    assert set(found) == {
        Offering("18.06", "fa26", "Linear Algebra", "Mathematics", date(2026, 9, 2), date(2026, 12, 18)),
        Offering("18.06", "sp27", "Linear Algebra", "Mathematics", date(2027, 2, 1), date(2027, 5, 20)),
        Offering("RG-1", "fa26", "Reading Group", "Mathematics", date(2026, 9, 2), date(2026, 12, 18)),
        Student(
            "912345671",
            "Aiko",
            "Mori",
            email="a.mori@campus.example",
            status="current",
            department="Mathematics",
            blank=frozenset({"phone"}),
        ),
        Student("912345672", "Bo", "Lindqvist", status="current", phone="555-0102", blank=frozenset({"email"})),
        Staff("e.okafor@campus.example", "", "Eva", "Okafor", role="teacher", department="Mathematics"),
        Staff("f.silva@campus.example", "", "Fay", "Silva", role="teacher", department="Mathematics"),
        Contact("pat@freemail.example", "parent", "912345671"),
        Assignment("18.06", "e.okafor@campus.example", "instructor_in_charge", "fa26"),
        Assignment("18.06", "f.silva@campus.example", "instructor", "fa26"),
        Enrolment("18.06", "912345671", "fa26"),
        Enrolment("18.06", "912345672", "fa26"),
        Enrolment("18.06", "912345672", "sp27"),
    }
    assert len(found) == len(set(found))
    assert any("2 references" in note for note in report.notes)  # a student who is not there, an aide without an address


def test_what_withheld_is_said_in_an_extension_column():
    files = VERSION_1_1 | {"manifest": manifest("1.1")}
    _, report = taken(files)
    assert oneroster.has_no_suppression(report)
    lines = files["users"].splitlines()
    files["users"] = "\n".join([lines[0] + ",metadata.suppress", lines[1] + ",phone;name", *lines[2:]]) + "\n"
    found, report = taken(files)
    assert not oneroster.has_no_suppression(report)
    students = [record for record in found if isinstance(record, Student)]
    assert [student.suppress for student in students] == [frozenset({"phone", "name"}), frozenset()]


@pytest.mark.parametrize(
    ("said", "file", "words"),
    [
        (manifest("1.1", users="delta"), "users.csv", "holds changes only"),
        (manifest("1.1", roles="bulk"), "roles.csv", "announced by manifest.csv, and not here"),
        (manifest("1.1").replace("version,1.1", "version,1.0"), "manifest.csv", "not of a OneRoster version we read"),
    ],
)
def test_what_cannot_be_read_whole_is_not_read(said, file, words):
    _, report = taken(VERSION_1_1 | {"manifest": said})
    assert [(each.file, each.what) for each in report.unusable] == [(file, words)]


def test_a_bad_row_is_told_in_the_words_of_the_export():
    files = VERSION_1_1 | {"manifest": manifest("1.1")}
    files["users"] += "s8,active,true,o1,student,di,,Costa,912345678,d.costa,,\n"
    _, report = taken(files)
    assert [(bad.file, bad.line, bad.column, bad.masked) for bad in report.bad] == [
        ("users.csv", 8, "givenName", ""),
        ("users.csv", 8, "email", "x.xxxxx"),
    ]
