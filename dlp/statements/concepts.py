"""What words are about: a thesaurus of records, by topic, so that what is fitted to one word helps another that says the same.

Takes the tokens of a sentence, gives the topics of each: marks, standing, money, health and so on, what mail is about
besides, and words that deny, suppose or ask. Written from the language, not from letters: a topic is no verdict, only a
feature. Words of the table stand for their plain inflections too. Never fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

_SHAPES: Mapping[str, str] = {
    "XMONEY": "SUM", "XSCORE": "FIGURE", "XPERCENT": "FIGURE", "XLETTER": "FIGURE", "XPOINTS": "POINTS", "XID": "ID",
    "XCOURSE": "COURSE", "STU": "STU", "EMP": "EMP", "PRO": "PRO", "PROS": "PRO", "KIN": "KIN",
}  # fmt: skip
_WORDS = {
    "WORK": "grade mark score midterm mid-term final exam examination quiz test paper essay pset problem-set homework"
    " assignment coursework lab practical viva oral curve point percentage result resit module transcript"
    " gradebook subject course class project report presentation portfolio attempt section thesis dissertation"
    " qualifier prelim quals generals comps",
    "DID-WELL": "ace pass top excel nail shine outdid distinction honors honours highest best first-class straight-a"
    " comfortably perfect flawless full-marks aced sailed breezed crushed cruised outperformed ahead strong solid"
    " excellent superb outstanding impressive remarkable stellar lead shone thrive thrived clever unbeaten whisker"
    " superbly",
    "DID-BADLY": "fail failure flunk bomb tank scrape botch blew sank sunk collapse poor poorly weak weakest lowest bottom"
    " worst disastrous disaster borderline squeak incomplete unsatisfactory disappointing bad badly below"
    " unfinished retook resat retake resit rewrite redo stumble fell fall dismal abysmal crash muddled shaky"
    " patchy slump zero nothing blank unsuccessful lousy mediocre lacklustre lackluster shortfall tumble slip"
    " slipped wobble faint-hearted",
    "RANK": "gpa average cumulative cum rank ranking quartile quintile decile percentile quarter third fifth tenth"
    " overall valedictorian salutatorian place cohort",
    "STANDING": "probation probationary suspend suspension dismiss dismissal expel expulsion warning warned warn readmit"
    " readmission reinstate reinstatement standing separate separation disqualified disqualification bar exclude"
    " exclusion petition rusticate rustication withdrew withdrawal restore lift clear removed removal out ousted"
    " reprieve return",
    "BODY": "committee board panel senate faculty dean registrar vote rule ruling decision decide uphold upheld overturn"
    " action provost appeal verdict outcome",
    "MONEY": "money bill balance owe pay paid unpaid payment tuition fee aid grant loan scholarship hold bursar cheque"
    " check bounce refund account arrears overdue outstanding collection debt stipend fafsa need-based award fund"
    " afford installment instalment plan waiver waive deposit delinquent default income means budget dollar lender"
    " pell work-study bank cash charge invoice sponsor penniless broke hardship subsidy bursary collector declined"
    " overdraft insufficient bounced garnish lien underfunded ride subsidise subsidize repay repayment reimburse",
    "HEALTH": "ill illness sick sickness unwell hospital hospitalized hospitalised surgery surgical surgeon operation"
    " operate doctor physician nurse clinic infirmary medication medicine medicated pill tablet prescription dose"
    " diagnose diagnosis diagnoses depression depressed anxiety anxious therapist therapy counsellor counselor"
    " counselling counseling psychiatrist psychiatric psychologist psychological mental pregnant pregnancy"
    " expecting miscarriage baby concussion concussed cancer tumor tumour chemo chemotherapy leukemia diabetes"
    " diabetic insulin infection infected flu influenza mono mononucleosis pneumonia covid appendicitis appendix"
    " migraine seizure epilepsy epileptic asthma asthmatic allergy allergic treatment treat recover recovery"
    " injury injure fracture ankle knee wrist leg arm back shoulder spine crutch panic suicidal suicide overdose"
    " eating disorder anorexia bulimia rehab addiction addict sober crisis er emergency ward discharge fever"
    " contagious bipolar insomnia trauma ptsd relapse heart kidney blood stomach lung liver transplant biopsy"
    " stitches symptom condition chronic crohn's lupus thyroid anemia anaemia faint bedridden self-harm cutting"
    " breakdown fragile wheezing stroke cast sling scan mri x-ray tonsils vomiting nausea dizzy virus measles"
    " mumps hepatitis sclerosis gallbladder lymphoma melanoma carcinoma arthritis sepsis meningitis tuberculosis"
    " malaria shingles eczema hernia cyst ulcer pancreatitis colitis endometriosis anaphylaxis detox hiv herpes"
    " schizophrenia psychosis mania ocd phobia grief counseling-center sprain torn dislocated rupture amputation"
    " dialysis inhaler epipen insulin-pump antidepressant antidepressants ssri lithium cough bronchitis",
    "ACCOMMODATE": "accommodation accommodate disability disabled extra extend extension time-and-a-half note-taker notetaker"
    " notetaking taker scribe dyslexia dyslexic dyscalculia dysgraphia adhd add autism autistic spectrum"
    " asperger's wheelchair deaf deafness blind vision sight impaired impairment quiet distraction"
    " distraction-free reduced low-distraction large-print enlarge print braille interpreter caption captioning"
    " screen-reader software learning dog break recorder record allowance grant ramp accessible laptop keyboard"
    " double processing lip-read magnifier tinnitus stutter stammer proctor proctored hearing-aids cane crutches"
    " stimulant eyesight lipreads tremor fidget earplugs allotted",
    "CONDUCT": "hearing sanction complaint complain theft thief stole steal stolen shoplift fight fought punch hit shove"
    " assault drunk drunken drinking alcohol beer vodka liquor intoxicated drug marijuana weed cannabis arrest"
    " police citation cite harass harassment bully stalk vandalism vandalize vandalise damage graffiti smash broke"
    " ban no-contact trespass evict eviction threaten threat noise prank incident disciplinary discipline"
    " misbehave misbehaviour misbehavior reprimand violation violate offense offence code conduct fire alarm"
    " weapon knife community-service apology restitution behaviour behavior rude hostile abusive slap spat swore"
    " kicked party hall residence dorm roommate banned barred charge charged keg fistfight brawl yell shout scream"
    " throw threw allow broken strike tantrum gambling firework airsoft knives loud",
    "INTEGRITY": "copy copied plagiarize plagiarise plagiarism cheat unauthorized unauthorised honor honour honesty dishonesty"
    " dishonest misconduct collude collusion crib lift verbatim word-for-word identical similarity match turnitin"
    " solution buy bought chatbot ai-written ghostwritten ghostwriter fabricate fabrication falsify falsification"
    " forge forgery fake answer neighbor's neighbour's classmate's friend's else's smartphone phone watch notes"
    " cheat-sheet borrow source uncited integrity case academic pasted paste same impersonate sharing stolen peek"
    " whisper leaked invent invented made-up lookup cribs sidelong glanced",
    "ATTEND": "absent absence absentee miss missing attend attendance late lateness tardy tardiness skip show shown seen"
    " turn no-show present lecture recitation tutorial seminar session left leave early excuse unexcused truant"
    " sign-in roll week meeting sleep slept vanish disappear appear came arrive empty chair seat faithful punctual"
    " punctually whereabouts ghost stayed sighting unseen attendance-sheet roll-call clicker",
    "ADVISE": "struggle behind drop overwhelm overload major change switch unsure uncertain doubt homesick lonely"
    " motivation unmotivated quit transfer pressure parent family father mother worry discourage think consider"
    " want wonder lost stuck burn burnt burnout lag progress finish graduate graduation delay path direction"
    " career stress confidence tear cry unhappy supervisor tutoring tutor difficulty trouble cope flounder adviser"
    " advisor quitting giving-up mentor divorce cried drown drowning sinking keep-up faltering wavering stall"
    " stalled floored exhausted",
    "ENROL": "register registration enrol enroll enrolment enrollment unit credit credit-hour part-time half-time"
    " full-time fulltime parttime withdraw repeat audit cross-register waitlist schedule sign take elective"
    " requirement short shy listener swap core prerequisite add dropping-form overload load deficient lacking need"
    " carry carrying nine twelve eighteen twenty-one pick picked dropped add-drop",
    "ADMIT": "admit admission apply applicant application waiting-list waiting sat act gre gmat toefl ielts lsat mcat"
    " interview interviewer reader read rating rate deny denied reject rejection legacy defer deferral offer"
    " accept file folder statement recommender round regular candidate selective decline shortlist admitted ninth"
    " list deferred ride shortlisted declined",
    "VISA": "visa status i-20 opt cpt sevis f-1 j-1 h-1b passport consulate consular overstay signature asylum asylee"
    " refugee green-card undocumented daca permit immigration immigrant embassy port entry deport deportation"
    " citizenship citizen resident residency ds-2019 i-94 terminate termination biometrics travel border uscis"
    " authorization authorisation ead nonimmigrant expire country abroad homeland",
    "PRAISE": "recommend recommendation enthusiastic enthusiastically diligent diligence brilliant bright curious curiosity"
    " thoughtful generous kind kindness patient patience reliable hardworking careful creative inventive mature"
    " honest asset pleasure privilege delight talented talent gifted leader leadership initiative warmest highly"
    " unreservedly",
    "EMPLOYED": "salary wage raise earn bonus step compensation payroll evaluation evaluate review performance appraisal"
    " improvement satisfactory exceed expectation promotion promote demote hired contract trial lives living"
    " address street avenue road home apartment lane renew renewal",
    "ELSEWHERE": "article policy regulation guideline workshop talk moderate concert game tournament play club volunteer key"
    " projector room booking parcel package delivery poster newsletter website web page lunch dinner coffee cake"
    " bike umbrella jacket jersey rehearsal orchestra choir band team captain trophy prize medal photo exhibition"
    " film theatre theater bus van printer pump server prototype dataset survey research study write edit minutes"
    " handout slide box ladder festival race marathon chess goal museum garden bake bread song piano elected"
    " election president treasurer secretary exhibit",
    "SUPPOSE": "if would could might may whether suppose hypothetical hypothetically unless imagine perhaps possibly maybe"
    " any anyone anybody whoever someone somebody generally typically usually normally each every should example"
    " instance ask question who what how why",
    "NOT": "not no never n't isn't wasn't hasn't haven't didn't doesn't won't can't cannot couldn't don't nor neither"
    " without none hardly barely aren't weren't wouldn't",
    "BETWEEN-US": "confidential confidentially private privately discreet discretion quietly sensitive",
    "TERM": "term semester year spring fall autumn winter summer freshman sophomore junior senior",
    "NOW": "now today yesterday currently still again already since yet",
    "I": "i i'm i've i'd i'll me my mine we our us we've",
    "YOU": "you your yours you're you've",
}
_PHRASES = {
    "STANDING": "required leave|medical leave|leave of|asked to leave|let back|time away|time off|come back|coming back"
    "|good standing|not return|not returning|back in|sent down|step back|take leave|kicked out|thrown out|let go"
    "|may not|term away|year away|year off|term off",
    "DID-BADLY": "not pass|didn't pass|did badly|did poorly|no credit|not enough|fell short|come up|came up|far below"
    "|well below|get past|not make|did not get|no good",
    "DID-WELL": "did well|dean's list|top of|head of|first in|with ease|full marks|got through|made it|hanging in|by mile"
    "|leads class|better time",
    "RANK": "class rank|point average|top of|bottom of|out of|upper half|lower half",
    "MONEY": "past due|payment plan|financial aid|paid up|not paid|hasn't paid|owing to|in arrears|write off|fell through",
    "HEALTH": "emergency room|mental health|panic attack|passed out|broke down|in hospital|sick leave|under treatment"
    "|called in sick|had surgery|due in|going through|taken ill|health services|lost weight",
    "ACCOMMODATE": "extra time|double time|and half|note taker|hearing aid|screen reader|separate room|quiet room|own room"
    "|service dog|large print|learning difference|hard of|student access",
    "CONDUCT": "no contact|under influence|student conduct|community service|campus police|fire alarm|moved out|kicked out"
    "|not allowed|isn't allowed|walked off|set foot|setting foot|threw out|worse for",
    "INTEGRITY": "word for|answer key|else's work|not own|own work|honor code|same mistakes|same answers|copied from"
    "|somebody else's|someone else's|used phone|made up|makes up|without saying|clicked in|clicking in"
    "|pages from",
    "ATTEND": "not seen|no show|showed up|shown up|turned up|not come|didn't come|not been|hasn't been|signed in"
    "|left early|came late|comes late|walked out|haven't seen|laid eyes|stayed away|first time|met once|sign in"
    "|signing in|never came|not shown",
    "ADVISE": "drop out|dropping out|thinking of|thinking about|change major|falling behind|fallen behind|giving up"
    "|doubts whether|under pressure|losing heart|keep up|keeping up|hard time|over head|not started|not written"
    "|hasn't written|hasn't started|no way",
    "ENROL": "signed up|part time|full time|half time|taking only|short of|one short|credit hours|dropped down"
    "|switched into|is carrying|carrying only|down to",
    "ADMIT": "waiting list|wait list|test scores|turned down|gap year|not admitted|put off|early action|early decision"
    "|full ride|on list",
    "VISA": "green card|work permit|travel signature|out of|practical training|status was|port of|work authorization",
}


def _table(source: Mapping[str, str], cut: str | None) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for topic, words in source.items():
        for word in words.split(cut):
            found.setdefault(word, []).append(topic)
    return MappingProxyType({word: tuple(dict.fromkeys(topics)) for word, topics in found.items()})


# what a sentence that tells something is about; the others say what else it may be about, or how
RECORDS = frozenset(
    (
        *(
            "WORK",
            "DID-WELL",
            "DID-BADLY",
            "RANK",
            "STANDING",
            "BODY",
            "MONEY",
            "HEALTH",
            "ACCOMMODATE",
            "CONDUCT",
            "INTEGRITY",
        ),
        *("ATTEND", "ADVISE", "ENROL", "ADMIT", "VISA", "EMPLOYED", "SUM", "FIGURE", "POINTS", "ID"),
    )
)
_OF_WORDS = _table(_WORDS, None)
_OF_PHRASES = _table(_PHRASES, "|")
_ENDINGS = (("'s", ""), ("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", "e"), ("ed", ""), ("ing", ""), ("ing", "e"))
_ILLNESS = (
    "adhd anorexia anxiety appendicitis arthritis asperger's asthma autism bipolar bronchitis bulimia cancer chemo"
    " chemotherapy colitis concussion covid crohn's depression diabetes dyscalculia dysgraphia dyslexia endometriosis"
    " epilepsy flu hepatitis hiv influenza insomnia leukaemia leukemia lupus lymphoma melanoma meningitis migraine"
    " migraines mono mononucleosis ocd pneumonia pregnancy pregnant psychosis ptsd schizophrenia sclerosis seizure"
    " seizures surgery tuberculosis tumor tumour"
)
_ILLNESSES = frozenset(_ILLNESS.split())
_SMALL = frozenset(
    ("a", "an", "the", "of", "to", "in", "on", "at", "for", "with", "by", "from", "their", "be", "is", "are", "was", "were",
     "been", "being", "has", "have", "had", "PROS")
)  # fmt: skip


def topics(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    """The topics of each token, in their order; of two words that say something together, with the second.

    >>> topics(["STU", "flunked", "twice"])
    [('STU',), ('DID-BADLY',), ()]
    """
    found = [_of(token) for token in tokens]
    said = [at for at, token in enumerate(tokens) if token not in _SMALL]
    for first, second in pairwise(said):
        more = _OF_PHRASES.get(f"{tokens[first]} {tokens[second]}")
        found[second] += more or ()
    for first, second in pairwise(range(len(tokens))):
        more = _OF_PHRASES.get(f"{tokens[first]} {tokens[second]}")
        if more and (tokens[first] in _SMALL or tokens[second] in _SMALL):
            found[second] += more
    return found


def is_of_records(tokens: Sequence[str]) -> bool:
    """Whether any word is one of records: a sentence without one tells nothing."""
    return any(not RECORDS.isdisjoint(each) for each in topics(tokens))


def names_illness(tokens: Sequence[str]) -> bool:
    """Whether a diagnosis or a treatment is named, and not only that somebody is ill."""
    return not _ILLNESSES.isdisjoint(tokens)


def _of(token: str) -> tuple[str, ...]:
    if token in _SHAPES:
        return (_SHAPES[token],)
    if token in _OF_WORDS:
        return _OF_WORDS[token]
    for ending, instead in _ENDINGS:
        if token.endswith(ending) and len(token) - len(ending) > 2:
            stem = token[: len(token) - len(ending)] + instead
            known = _OF_WORDS.get(stem) or (_OF_WORDS.get(stem[:-1], ()) if stem[-1:] == stem[-2:-1] else ())
            if known:
                return known
    return ()
