"""Any rows at all, for the property tests of the snapshot: few values, so that rows meet, and nasty ones among them."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from dlp.campus.records import (
    Advising,
    Assignment,
    Contact,
    Department,
    Enrolment,
    Forward,
    MailList,
    Offering,
    Record,
    Staff,
    Student,
    Waiver,
)

texts = st.text(st.characters(), max_size=8) | st.sampled_from(("", "\x1f", "\x1e", "\x1b0", "\udc80", "\x00", "\n", "ß"))
ids = st.sampled_from(("900000001", "900-00-0001", "900000002", "ab", "AB ", "", "٣")) | texts
addresses = st.sampled_from(
    ("a@campus.example", "A@Campus.example", "b@x.campus.example", "@campus.example", "@x.campus.example", "", "ß@x.example")
) | texts  # fmt: skip
words = st.sampled_from(("18.06", "18.06 ", "Media Lab", "medialab", "")) | texts
names = st.sampled_from(("Tess", "Ames", "")) | texts
days = st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1))
sets = st.frozensets(texts, max_size=3)
lists = st.lists(texts, max_size=3).map(tuple)
people = st.builds(
    Student,
    id=ids,
    given_name=names,
    family_name=names,
    full_name=names,
    email=addresses,
    alternate_emails=st.lists(addresses, max_size=2).map(tuple),
    preferred_names=lists,
    attended_from=days,
    suppress=sets,
    blank=sets,
    international=st.sampled_from((None, True, False)),
) | st.builds(
    Staff,
    email=addresses,
    given_name=names,
    family_name=names,
    full_name=names,
    purview=sets,
    started=days,
    office_exempt=st.booleans(),
    senior_officer_for=lists,
)
rows: st.SearchStrategy[Record] = st.one_of(
    people,
    st.builds(Offering, words, texts, texts, texts, days, days),
    st.builds(Assignment, words, addresses, texts, texts),
    st.builds(Enrolment, words, ids, texts),
    st.builds(Advising, addresses, ids, texts),
    st.builds(Waiver, ids, st.just(date(2026, 9, 1)) | st.just(date(2026, 9, 1) - timedelta(days=1)), texts, texts),
    st.builds(Contact, addresses, texts, ids),
    st.builds(Forward, addresses, addresses),
    st.builds(Department, words, texts, texts, lists),
    st.builds(MailList, addresses, texts, words, lists, st.booleans()),
)
