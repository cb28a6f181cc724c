"""What words are about: a thesaurus of records, by topic, so that what is fitted to one word helps another that says the same.

Takes the tokens of a sentence, gives the topics of each: marks, standing, money, health and so on, what mail is about
besides, and words that deny, suppose or ask. Written from the language, not from letters: a topic is no verdict, only a
feature. Words of the table stand for their plain inflections too. Never fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

_REMEMBERED = 4_096  # words; those of all mail are much the same
_SHAPES: Mapping[str, str] = {
    "XMONEY": "SUM", "XSCORE": "FIGURE", "XPERCENT": "FIGURE", "XLETTER": "FIGURE", "XPOINTS": "POINTS", "XID": "ID",
    "XCOURSE": "COURSE", "STU": "STU", "EMP": "EMP", "PRO": "PRO", "PROS": "PRO", "KIN": "KIN",
}  # fmt: skip
_WORDS = {
    "WORK": "grade mark score midterm mid-term final exam examination quiz test paper essay pset problem-set homework"
    " assignment coursework lab practical viva oral curve point percentage result resit module transcript gradebook subject"
    " course class project report presentation portfolio attempt section thesis dissertation qualifier prelim quals generals"
    " comps assessment practicum clerkship placement rotation capstone fieldwork theses defense defence orals viva-voce osce"
    " marksheet regrade re-mark recital draft chapter submission mock supplementary sessional candidacy comprehensive a-level"
    " gcse matric write-up orgo calc chem stats econ calculus thermo pharmacology tute invigilate",
    "DID-WELL": "ace pass top excel nail shine outdid distinction honors honours highest best first-class straight-a"
    " comfortably perfect flawless full-marks aced sailed breezed crushed cruised outperformed ahead strong solid excellent"
    " superb outstanding impressive remarkable stellar lead shone thrive clever unbeaten whisker superbly exceptional"
    " exemplary faultless phenomenal terrific tremendous fantastic marvelous masterful improve rebound turnaround surpass"
    " topper medallist meritorious commendation crack laude magna summa effortless effortlessly standout prodigy impress"
    " excellence mastery succeed success successful successfully brilliantly creditable high-flyer strongest finest",
    "DID-BADLY": "fail failure flunk bomb tank scrape botch blew sank sunk collapse poor poorly weak weakest lowest bottom"
    " worst disastrous disaster borderline squeak incomplete unsatisfactory disappointing bad badly below unfinished retook"
    " resat retake resit rewrite redo stumble fell fall dismal abysmal crash muddled shaky patchy slump zero nothing blank"
    " unsuccessful lousy mediocre lacklustre lackluster shortfall tumble slip wobble faint-hearted flop plummet plunge"
    " nosedive decline deteriorate worsen underperform underachieve inadequate substandard subpar sub-par deficient deficiency"
    " ungraded dire appalling atrocious awful terrible horrible horrendous dreadful woeful pathetic miserable abject"
    " catastrophic catastrophe rock-bottom rubbish shocker plow carryover carry-over backlog repeat resubmit refer bungle"
    " choke implode sloppy careless incoherent unprepared stumped fiasco debacle unclassified non-submission declined",
    "RANK": "gpa average cumulative cum rank ranking quartile quintile decile percentile quarter third fifth tenth overall"
    " valedictorian salutatorian place cohort median upper lower fourth sixth seventh eighth ninth twentieth cgpa sgpa wam gwa"
    " weighted aggregate first-class upper-second lower-second two-one two-two tercile outrank runner-up merit-list laude"
    " summa magna top-ten topper",
    "STANDING": "probation probationary suspend suspension dismiss dismissal expel expulsion warning warn readmit readmission"
    " reinstate reinstatement standing separate separation disqualification bar exclude exclusion petition rusticate"
    " rustication withdrew withdrawal restore lift clear removed removal out ousted reprieve return terminate termination"
    " struck discontinue discontinuation debar debarment detain detention deregister disenroll unenroll deactivate intermit"
    " intermission interrupt sabbatical hiatus furlough lapse revoke revocation rescind eject loa stop-out stopout re-enrol"
    " re-entry reapply ineligible eligible disqualify downgrade ultimatum jeopardy provisional at-risk unsat involuntary"
    " involuntarily non-renewal nonrenewal withdrawn resumed",
    "BODY": "committee board panel senate faculty dean registrar vote rule ruling decision decide uphold upheld overturn"
    " action provost appeal verdict outcome tribunal subcommittee ombudsman ombuds chancellor vice-chancellor rector hod"
    " council adjudicate adjudication deliberate deliberation convene unanimous unanimously resolve resolution convener"
    " approve approval refuse refusal reverse reversal quash allege finding investigate investigation investigator penalty"
    " penalize reconsider grievance mitigating mitigation exonerate acquit guilty examiner overrule leniency clemency",
    "MONEY": "money bill balance owe pay paid unpaid payment tuition fee aid grant loan scholarship hold bursar cheque check"
    " bounce refund account arrears overdue outstanding collection debt stipend fafsa need-based award fund afford installment"
    " instalment plan waiver waive deposit delinquent default income means budget dollar lender pell work-study bank cash"
    " charge invoice sponsor penniless broke hardship subsidy bursary collector declined overdraft insufficient garnish lien"
    " underfunded ride subsidise subsidize repay repayment reimburse skint remittance remit rent bankrupt bankruptcy debtor"
    " dues ledger remission fellowship assistantship studentship sponsorship reimbursement disburse withheld nsfas helb hecs"
    " stafford unaffordable cost borrow lend lent owing defaulter guarantor cosigner food-bank pantry medicaid homeless"
    " jobless unemployed layoff pension means-tested low-income hard-up cash-strapped strapped impoverished poverty destitute"
    " indebted nonpayment non-payment fined penalty surcharge forbearance deferment naira lakh financial financially gofundme",
    "HEALTH": "ill illness sick sickness unwell hospital hospitalized hospitalised surgery surgical surgeon operation operate"
    " doctor physician nurse clinic infirmary medication medicine medicated pill tablet prescription dose diagnose diagnosis"
    " diagnoses depression depressed anxiety anxious therapist therapy counsellor counselor counselling counseling"
    " psychiatrist psychiatric psychologist psychological mental pregnant pregnancy expecting miscarriage baby concussion"
    " concussed cancer tumor tumour chemo chemotherapy leukemia diabetes diabetic insulin infection infected flu influenza"
    " mono mononucleosis pneumonia covid appendicitis appendix migraine seizure epilepsy epileptic asthma asthmatic allergy"
    " allergic treatment treat recover recovery injury injure fracture ankle knee wrist leg arm back shoulder spine crutch"
    " panic suicidal suicide overdose eating disorder anorexia bulimia rehab addiction addict sober crisis er emergency ward"
    " discharge fever contagious bipolar insomnia trauma ptsd relapse heart kidney blood stomach lung liver transplant biopsy"
    " stitches symptom condition chronic crohn's lupus thyroid anemia anaemia faint bedridden self-harm cutting breakdown"
    " fragile wheezing stroke cast sling scan mri x-ray tonsils vomiting nausea dizzy virus measles mumps hepatitis sclerosis"
    " gallbladder lymphoma melanoma carcinoma arthritis sepsis meningitis tuberculosis malaria shingles eczema hernia cyst"
    " ulcer pancreatitis colitis endometriosis anaphylaxis detox hiv herpes schizophrenia psychosis mania ocd phobia grief"
    " counseling-center sprain torn dislocated rupture amputation dialysis inhaler epipen insulin-pump antidepressant"
    " antidepressants ssri lithium cough bronchitis health medical disease ailment poorly rape miscarry abortion transition"
    " transgender dysphoria self-injury hospice palliative terminal terminally icu ambulance paramedic emt gp oncologist"
    " oncology neurologist cardiologist gynecologist midwife physio physiotherapy dental teeth shrink psych cbt in-patient"
    " outpatient sectioned hospitalization hospitalisation remission autoimmune fatigue ibs coeliac dementia sickle-cell"
    " hemophilia typhoid chickenpox strep gastroenteritis poisoning rash collapse unconscious coma paralyzed paralysis"
    " paraplegic acl ligament bleed bled haemorrhage hemorrhage stabbed gunshot broken swollen pain painkiller heroin"
    " alcoholic xanax zoloft adderall antipsychotic anaesthetic infertility postpartum maternity stillborn stillbirth cesarean"
    " sti hallucination paranoia delusional manic psychotic distressed binge anorexic bulimic apnea vaccine bereaved"
    " bereavement grieve grieving funeral death died dying hypertension transfusion appendectomy indisposed blackout",
    "ACCOMMODATE": "accommodation accommodate disability disabled extra extend extension time-and-a-half note-taker notetaker"
    " notetaking taker scribe dyslexia dyslexic dyscalculia dysgraphia adhd add autism autistic spectrum asperger's wheelchair"
    " deaf deafness blind vision sight impaired impairment quiet distraction distraction-free reduced low-distraction"
    " large-print enlarge print braille interpreter caption captioning screen-reader software learning dog break recorder"
    " record allowance grant ramp accessible laptop keyboard double processing lip-read magnifier tinnitus stutter stammer"
    " proctor hearing-aids cane crutches stimulant eyesight lipreads tremor fidget earplugs allotted adjustment iep ehcp dsa"
    " ada carer amanuensis prompter invigilator text-to-speech speech-to-text dictaphone asl bsl sign-language cochlear"
    " low-vision visually neurodivergent neuropsych dyspraxia dyspraxic asd aspergers tourette's palsy dystrophy mobility"
    " guide-dog step-free slower concentrate hyperactive spelling handwriting headphones entitled leniency accessibility"
    " audiobook color-blind assistive",
    "CONDUCT": "hearing sanction complaint complain theft thief stole steal stolen shoplift fight fought punch hit shove"
    " assault drunk drunken drinking alcohol beer vodka liquor intoxicated drug marijuana weed cannabis arrest police citation"
    " cite harass harassment bully stalk vandalism vandalize vandalise damage graffiti smash broke ban no-contact trespass"
    " evict eviction threaten threat noise prank incident disciplinary discipline misbehave misbehaviour misbehavior reprimand"
    " violation violate offense offence code conduct fire alarm weapon knife community-service apology restitution behaviour"
    " behavior rude hostile abusive slap spat swore kicked party hall residence dorm roommate barred charge charged keg"
    " fistfight brawl yell shout scream throw threw allow broken strike tantrum gambling firework airsoft knives loud rape"
    " rapist grope molest jail prison custody felony misdemeanor misdemeanour dui dwi drink-driving convict prosecute"
    " restraining warrant lawsuit rob robbery burgle burglary extort blackmail fraud sexting porn voyeur indecent lewd racist"
    " racism slur sexist homophobic transphobic hazing ragging insult abuse swear swearing disrespectful disrupt disruptive"
    " disorderly rowdy riot strangle beaten stab gun pistol firearm extinguisher vape bong stoned cocaine ecstasy underage"
    " fake-id hungover booze peed break-in curfew tamper antisocial offender complainant respondent allegation nonconsensual"
    " predator stalker inappropriate misconduct breach fined cultist belligerent violent violence aggressive intimidate mugged"
    " stabbed",
    "INTEGRITY": "copy plagiarize plagiarise plagiarism cheat unauthorized unauthorised honor honour honesty dishonesty"
    " dishonest misconduct collude collusion crib lift verbatim word-for-word identical similarity match turnitin solution buy"
    " bought chatbot ai-written ghostwritten ghostwriter fabricate fabrication falsify falsification forge forgery fake answer"
    " neighbor's neighbour's classmate's friend's else's smartphone phone watch notes cheat-sheet borrow source uncited"
    " integrity case academic paste same impersonate sharing stolen peek whisper leaked invent made-up lookup cribs sidelong"
    " glanced plagiarist cheater chatgpt ai llm contract-cheating essay-mill paraphrase quillbot unattributed citation cite"
    " self-plagiarism reuse outsource chegg quizlet earpiece smartwatch impersonation impersonator proxy malpractice tamper"
    " doctored manipulate misrepresent mislead misled deceive deceit deception lied lying bogus counterfeit smuggle snuck"
    " answer-key flag overlap suspicious suspicion unpermitted texting googled ghostwrote xerox confess",
    "ATTEND": "absent absence absentee miss missing attend attendance late lateness tardy tardiness skip show shown seen turn"
    " no-show present lecture recitation tutorial seminar session left leave early excuse unexcused truant sign-in roll week"
    " meeting sleep slept vanish disappear appear came arrive empty chair seat faithful punctual punctually whereabouts ghost"
    " stayed sighting unseen attendance-sheet roll-call clicker bunk skive wag ditch hooky truancy awol non-attendance"
    " nonattendance disengage disengagement unreachable unresponsive incommunicado login swipe check-in overslept doze nap"
    " snore latecomer punctuality absenteeism shortage condonation bailed elusive sporadic infrequent seldom rarely irregular"
    " fortnight participate participation resurface unaccounted unanswered office-hours sick-note asleep",
    "ADVISE": "struggle behind drop overwhelm overload major change switch unsure uncertain doubt homesick lonely motivation"
    " unmotivated quit transfer pressure parent family father mother worry discourage think consider want wonder lost stuck"
    " burn burnt burnout lag progress finish graduate graduation delay path direction career stress confidence tear cry"
    " unhappy supervisor tutoring tutor difficulty trouble cope flounder adviser advisor quitting giving-up mentor divorce"
    " cried drown drowning sinking keep-up faltering wavering stall floored exhausted flail drift adrift spiral overcommit"
    " overextended overworked swamped drained demoralised demoralized disheartened disillusioned despondent apathetic"
    " indecisive undecided torn reconsider dropout isolated friendless impostor imposter confide sob wept distraught ashamed"
    " embarrassed self-esteem procrastinate disorganised disorganized remedial guidance advise advisee pastoral outreach"
    " intervene bereavement bereaved estranged unproductive plateau pre-med concentration specialization boredom ill-suited"
    " concerned floundering workload well-being frustrated",
    "ENROL": "register registration enrol enroll enrolment enrollment unit credit credit-hour part-time half-time full-time"
    " fulltime parttime withdraw repeat audit cross-register waitlist schedule sign take elective requirement short shy"
    " listener swap core prerequisite add dropping-form overload load deficient lacking need carry carrying nine twelve"
    " eighteen twenty-one pick dropped add-drop underload preregister withdrawn deregister unenroll re-enrol corequisite"
    " prereq double-major joint-honours intercalate exemption waive ects courseload workload timetable oversubscribed"
    " matriculate study-abroad visiting non-degree gen-ed breadth bachelor's master's phd undergraduate undergrad postgraduate"
    " postgrad specialization unregistered pass/fail",
    "ADMIT": "admit admission apply applicant application waiting-list waiting sat act gre gmat toefl ielts lsat mcat"
    " interview interviewer reader read rating rate deny reject rejection legacy defer deferral offer accept file folder"
    " statement recommender round regular candidate selective decline shortlist ninth list ride declined ucas cao utme waec"
    " jee neet atar unconditional wait-list prospective yield acceptance intake cutoff quota entrance aptitude psat predicted"
    " baccalaureate a-level gcse recruit walk-on first-gen underrepresented denial deferment reapply rescind decommit"
    " overqualified underqualified short-list nominee nominate fulbright rhodes mmi ucat entrant admissible unplaced z-list",
    "VISA": "visa status i-20 opt cpt sevis f-1 j-1 h-1b passport consulate consular overstay signature asylum asylee refugee"
    " green-card undocumented daca permit immigration immigrant embassy port entry deport deportation citizenship citizen"
    " resident residency ds-2019 i-94 terminate termination biometrics travel border uscis authorization authorisation ead"
    " nonimmigrant expire country abroad homeland f-2 j-2 f1 j1 h1b h-4 o-1 i-765 tps dso rfe brp evisa e-visa ukvi ilr pgwp"
    " naturalize naturalise naturalization nationality noncitizen emigrate stateless removal detain detainee repatriate"
    " sponsor lapse expiry refusal unlawful unlawfully illegal illegally re-entry inadmissible fingerprint i-9 ssn affidavit"
    " apostille dependant stranded consul nonresident persecution renew overseas foreigner asylum-seeker dependents",
    "PRAISE": "recommend recommendation enthusiastic enthusiastically diligent diligence brilliant bright curious curiosity"
    " thoughtful generous kind kindness patient patience reliable hardworking careful creative inventive mature honest asset"
    " pleasure privilege delight talent gifted leader leadership initiative warmest highly unreservedly commendable endorse"
    " vouch praise admirable exemplary conscientious dedication self-motivated perceptive insightful articulate eloquent"
    " intellectual incisive rigorous meticulous thorough tenacious resilient perseverance resourceful ambitious passionate"
    " humility gracious cheerful trustworthy team-player originality imaginative analytical maturity poised inspiring"
    " wholeheartedly unhesitatingly glowing extraordinary worthy deserve astute scholarly",
    "EMPLOYED": "salary wage raise earn bonus step compensation payroll evaluation evaluate review performance appraisal"
    " improvement satisfactory exceed expectation promotion promote demote contract trial lives living address street avenue"
    " road home apartment lane renew renewal payslip paycheck pay-rise allowance overtime timesheet hourly pension"
    " superannuation provident paye w-2 pto laid-off redundancy redundant sack fired retire retirement resign resignation"
    " notice dismissal nonrenewal tenure adjunct lecturer sessional postdoc appraise grievance regrade reclassify"
    " reclassification vacancy hire fte underpaid overpaid garnishment dob birthday postcode apt reside resides next-of-kin"
    " wages",
    "ELSEWHERE": "article policy regulation guideline workshop talk moderate concert game tournament play club volunteer key"
    " projector room booking parcel package delivery poster newsletter website web page lunch dinner coffee cake bike umbrella"
    " jacket jersey rehearsal orchestra choir band team captain trophy prize medal photo exhibition film theatre theater bus"
    " van printer pump server prototype dataset survey research study write edit minutes handout slide box ladder festival"
    " race marathon chess goal museum garden bake bread song piano elected election president treasurer secretary exhibit"
    " football soccer cricket rugby hockey basketball volleyball baseball softball tennis badminton golf rowing regatta swim"
    " pool gym yoga league fixture match coach referee umpire stadium cup championship kayak climbing hike cycling violin"
    " cello flute trumpet drum guitar opera symphony quartet ensemble musical dance ballet drama comedy stage costume painting"
    " sculpture gallery pottery photography poetry novel magazine editor podcast radio pizza sandwich salad soup curry rice"
    " barbecue bbq picnic buffet catering snack chocolate cheese vegan vegetarian breakfast tea pub cafe restaurant cafeteria"
    " recipe kitchen fridge oven flight train taxi shuttle hotel hostel suitcase parking traffic trip beach mountain lake"
    " society debate debating church mosque temple choral hackathon robotics esports gaming trivia fundraiser bake-sale"
    " reception ceremony plumber plumbing boiler heating roof scaffolding carpet elevator electrician renovation asbestos"
    " maintenance janitor laundry wifi router laptop password browser firewall backup database repository script spreadsheet"
    " firmware scanner outage microscope telescope antibody enzyme protein genome mouse mice zebrafish fossil catalyst polymer"
    " laser satellite sensor drone robot algorithm simulation manuscript reviewer symposium keynote speaker abstract"
    " conference webinar librarian library archive bookstore textbook hoodie t-shirt backpack bottle charger bicycle kitten"
    " puppy flower weather snow rain puzzle robes proxy terminal login",
    "SUPPOSE": "if would could might may whether suppose hypothetical hypothetically unless imagine perhaps possibly maybe any"
    " anyone anybody whoever someone somebody generally typically usually normally each every should example instance ask"
    " question who what how why supposing assume assuming provided presumably conceivably scenario unlikely speculate"
    " fictional placeholder template lest everybody everyone whatever whichever whenever wherever whomever vignette roleplay"
    " role-play ought theoretical imaginary let's",
    "NOT": "not no never n't isn't wasn't hasn't haven't didn't doesn't won't can't cannot couldn't don't nor neither without"
    " none hardly barely aren't weren't wouldn't shouldn't hadn't mustn't needn't nobody no-one nowhere scarcely didnt doesnt"
    " isnt wasnt hasnt havent wont wouldnt couldnt arent werent",
    "COURSE": "algebra analysis anatomy anthropology archaeology astronomy biochemistry biology botany calculus chemistry"
    " combinatorics cryptography dynamics ecology economics electrodynamics electromagnetism embryology engineering"
    " entomology epidemiology ethics geography geology geometry genetics histology history hydraulics hydrology immunology"
    " kinematics latin linguistics literature logic macroeconomics math maths mathematics mechanics metallurgy metaphysics"
    " meteorology microbiology microeconomics mineralogy musicology neuroscience optics paleontology pathology pharmacology"
    " philosophy phonetics physics physiology psychology rhetoric sociology statistics theology thermo thermodynamics"
    " topology trigonometry virology zoology",
    "BETWEEN-US": "confidential confidentially private privately discreet discretion quietly sensitive",
    "TERM": "term semester year spring fall autumn winter summer freshman sophomore junior senior",
    "NOW": "now today yesterday currently still again already since yet",
    "I": "i i'm i've i'd i'll me my mine we our us we've",
    "YOU": "you your yours you're you've",
}
_PHRASES = {
    "WORK": "problem sets|problem set|answer script|external examiner|organic chemistry|linear algebra",
    "STANDING": "required leave|medical leave|leave of|let back|time away|time off|come back|coming back|good standing"
    "|not return|not returning|back in|sent down|step back|take leave|kicked out|thrown out|let go|may not|term away|year away"
    "|year off|term off|asked leave|sent home|last chance|second chance|cannot continue|not continue|not progress"
    "|not progressing|required withdraw|on notice|show cause|shown door|the boot|the axe|given boot|took leave|taking leave"
    "|taken leave|personal leave|compassionate leave|extended leave|voluntary leave|administrative leave|allowed back"
    "|welcomed back|taken back|off books|lost place|repeat year|year back|held back|degree withheld|not graduate"
    "|satisfactory progress|unsatisfactory progress|dropped from",
    "DID-BADLY": "not pass|didn't pass|did badly|did poorly|no credit|not enough|fell short|come up|came up|far below"
    "|well below|get past|not make|no good|bare pass|lower second|barely passed|only just|went wrong|gone wrong|made mess"
    "|screwed up|messed up|not cut|not passed|no pass|never passed|third attempt|last attempt|carry over|carried over|low mark"
    "|low score|not completed|gone downhill",
    "DID-WELL": "did well|dean's list|top of|head of|first in|with ease|full marks|got through|made it|hanging in|by mile"
    "|leads class|better time|flying colours|flying colors|upper second|much better|turned around|gold medal|beat curve"
    "|set curve|above average|well above|cleared all|got first|killed it",
    "RANK": "class rank|point average|top of|bottom of|out of|upper half|lower half|top half|bottom half|top ten|top five"
    "|middle of|in middle|near top|near middle|first class|first division|second division|grade point|standard deviation"
    "|joint first|tied for",
    "BODY": "turned down|threw out|found responsible|not responsible|petition denied|petition granted|special consideration"
    "|extenuating circumstances|set aside|student court",
    "MONEY": "past due|payment plan|financial aid|paid up|not paid|hasn't paid|owing to|in arrears|write off|fell through"
    "|the red|ran out|run out|can't cover|behind on|behind with|direct debit|wire transfer|food stamps|lost job|laid off"
    "|family contribution|hard up|ends meet|short of|tax return|sleeping rough",
    "HEALTH": "emergency room|mental health|panic attack|passed out|broke down|in hospital|sick leave|under treatment"
    "|had surgery|due in|going through|taken ill|health services|lost weight|sexual assault|gave birth|under weather|not well"
    "|in labor|in labour|intensive care|life support|car accident|bike accident|root canal|not sleeping|hurt herself"
    "|hurt himself|harming herself|harming himself|harmed herself|harmed himself|ended life|welfare check|got clean|on meds"
    "|cystic fibrosis|sickle cell|tested positive|in isolation|threw up|blacked out|dark place|passed away",
    "ACCOMMODATE": "extra time|double time|and half|note taker|hearing aid|screen reader|separate room|quiet room|own room"
    "|service dog|large print|learning difference|hard of|student access|special arrangements|exam arrangements"
    "|access arrangements|additional time|smaller group|testing center|access office|educational psychologist|support animal"
    "|emotional support|sign language|hearing loss|attention deficit|slow reader|reads slowly|working memory"
    "|flexible attendance",
    "CONDUCT": "no contact|under influence|student conduct|community service|campus police|fire alarm|moved out|kicked out"
    "|not allowed|isn't allowed|walked off|set foot|setting foot|threw out|worse for|protective order|court order"
    "|unwanted advances|without consent|title ix|physical altercation|beat up|came blows|hate speech|foul language|lost temper"
    "|drink driving|fake id|smoking in|caught smoking|smoke detector|quiet hours|written warning|formal warning"
    "|criminal record|on bail|found guilty|pleaded guilty|stay away|exposed himself|peeping tom|acted out",
    "INTEGRITY": "word for|answer key|else's work|not own|own work|honor code|same mistakes|same answers|copied from"
    "|somebody else's|someone else's|used phone|made up|makes up|without saying|clicked in|clicking in|pages from|unfair means"
    "|essay mill|paper mill|paid someone|sat exam|under desk|generated by|too similar|without attribution|without credit"
    "|without quotation|no quotation|own words|passed off|looked over|over shoulder|fudged data|altered grade",
    "ATTEND": "not seen|no show|showed up|shown up|turned up|not come|didn't come|not been|hasn't been|signed in|left early"
    "|came late|comes late|walked out|haven't seen|laid eyes|stayed away|first time|met once|sign in|signing in|never came"
    "|not shown|stopped coming|cutting class|cut class|strolled in|slipped out|off radar|gone quiet|went quiet|gone silent"
    "|went silent|no sign|no word|no reply|no response|not replied|not responded|not heard|hasn't replied|hasn't responded"
    "|doesn't reply|lost contact|lost touch|last logged|never logged|not logged|not engaged|not engaging",
    "ADVISE": "drop out|dropping out|thinking of|thinking about|change major|falling behind|fallen behind|giving up"
    "|doubts whether|under pressure|losing heart|keep up|keeping up|hard time|over head|not started|not written|hasn't written"
    "|hasn't started|no way|catch up|catching up|give up|gave up|given up|thought leaving|not fit|fitting in|out depth"
    "|treading water|head above|hit wall|breaking point|broke down|fell apart|rough time|tough time|personal problems"
    "|personal circumstances|second thoughts|time management|study skills|academic coach|at risk|off track|writer's block"
    "|fell out",
    "ENROL": "signed up|part time|full time|half time|taking only|short of|one short|credit hours|dropped down|switched into"
    "|is carrying|carrying only|down to|late withdrawal|below minimum|one course|two courses|double major|joint degree"
    "|dual degree|declared major|declare major|pass fail|permission number|study abroad|exchange student|dropping course"
    "|pulled out|switched out|incomplete grade",
    "ADMIT": "waiting list|wait list|test scores|turned down|gap year|not admitted|put off|early action|early decision"
    "|full ride|on list|firm choice|insurance choice|turn down|got in|not selected|likely letter|first generation"
    "|test optional|test score|entry requirements|borderline case|waitlist to|funded place|no place|not place",
    "VISA": "green card|work permit|travel signature|out of|practical training|status was|port of|work authorization"
    "|home office|high commission|dual national|turned back|sent back|at airport|secondary inspection|cannot return"
    "|grace period|unauthorized employment|unauthorized work|curricular practical|optional practical|stem extension"
    "|social security|advance parole|foreign national|leave remain|right remain",
    "PRAISE": "without reservation|without hesitation|no hesitation|strong candidate|hard working|hard worker|best student"
    "|top student|great promise|team player|credit to|high regard|stands out",
    "EMPLOYED": "pay rise|pay grade|merit increase|laid off|human resources|cell phone|mobile number|date birth"
    "|social security|national insurance|next kin|emergency contact|vacation days",
    "SUPPOSE": "in case|such as|in general|in principle|in theory|all students|do we|do you",
    "NOT": "far from|rather than|instead of|anything but|nothing like",
}


def _table(source: Mapping[str, str], cut: str | None) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for topic, words in source.items():
        for word in words.split(cut):
            found.setdefault(word, []).append(topic)
    return MappingProxyType({word: tuple(dict.fromkeys(topics)) for word, topics in found.items()})


# what a sentence that tells something is about; the others say what else it may be about, or how
RECORDS = frozenset(
    ("WORK", "DID-WELL", "DID-BADLY", "RANK", "STANDING", "BODY", "MONEY", "HEALTH", "ACCOMMODATE", "CONDUCT", "INTEGRITY",
     "ATTEND", "ADVISE", "ENROL", "ADMIT", "VISA", "EMPLOYED", "SUM", "FIGURE", "POINTS", "ID")
)  # fmt: skip
_OF_WORDS = _table(_WORDS, None)
_OF_PHRASES = _table(_PHRASES, "|")
_ENDINGS = (("'s", ""), ("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", "e"), ("ed", ""), ("ing", ""), ("ing", "e"))
_ILLNESSES = ("myalgia", "neuralgia", "itis", "ectomy")  # fibromyalgia, tendonitis, tonsillectomy
_NO_ILLNESSES = frozenset(("clematis", "senioritis", "vitis"))
_BEGINS = frozenset(phrase.partition(" ")[0] for phrase in _OF_PHRASES)  # with which two words begin that say something
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
    before = said = ""  # the token before, and the last one that is not small
    for at, token in enumerate(tokens):
        if token in _SMALL:
            if before in _BEGINS:
                found[at] += _OF_PHRASES.get(f"{before} {token}", ())
        else:
            if said in _BEGINS:
                found[at] += _OF_PHRASES.get(f"{said} {token}", ())
            if before in _SMALL and before in _BEGINS:
                found[at] += _OF_PHRASES.get(f"{before} {token}", ())
            said = token
        before = token
    return found


def is_of_records(tokens: Sequence[str]) -> bool:
    """Whether any word is one of records: a sentence without one tells nothing."""
    return any(not RECORDS.isdisjoint(each) for each in topics(tokens))


@lru_cache(_REMEMBERED)
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
    return ("HEALTH",) if token.endswith(_ILLNESSES) and token not in _NO_ILLNESSES else ()
