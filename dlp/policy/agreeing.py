"""The sentences of a message that agrees that something is told, and those beside them that can change nothing (R34, R35).

A table; gives an expression for each entry. What no sentence here says, somebody reads; whoever wants more to be taken adds it
here, with cases in the tests. IN CAPITALS stand entries for what they say, [ ] may be missing, { } may come several times, | is
or. A word with a capital here may have one in the message, too; any other capital begins a name.

They are matched with words that stand as agreement.py puts them: a blank behind each, marks before names and words for a kind.
Each takes time as the sentence is long: what may come several times is never tried again with fewer. Pure.
"""

from __future__ import annotations

import re
from functools import cache

from dlp.policy.asked import A_CLASS, A_DOMAIN, A_NAME, A_RECIPIENT, A_SUBJECT, A_THING, AN_ADDRESS, AN_OWN_NAME

_MARKED = {
    "NAME": rf"(?:[{A_NAME}{AN_OWN_NAME}]|{A_THING}(?=[A-Z]))\S+ ",  # Mark and Bill are words for a kind, too
    "OWN": rf"{AN_OWN_NAME}\S+ ",  # of the writer
    "THING": rf"{A_THING}(?!(?i:grade|mark|score|result) )\S+ ",  # one grade is one of several
    "SUBJECT": rf"{A_SUBJECT}\S+ ",  # to which what is wanted is narrowed
    "RECIPIENT": f"{A_RECIPIENT} ",
    "DOMAIN": f"{A_DOMAIN} ",
    "CLASS": f"{A_CLASS} ",
    "OTHER": f"{AN_ADDRESS} ",
    "NUMBER": r"\d[\d-]* ",
}
_SENTENCES = {
    # who somebody is
    "NAMES": "NAME {NAME}",
    "ROLE": """(my|the|a|an) [future|new|prospective|potential] (employer|company|firm|School|University|College|recruiter
        |HR department|HR office|Office of)""",
    "WHO": """[them at] [ROLE] [NAMES] [(at|of|from) NAMES] [at] (RECIPIENT|OTHER) [at NAMES]
        | [(anybody|anyone|everybody|everyone) (at|from)] DOMAIN | (my|any|an) [future|new|prospective|potential] CLASS""",
    "WHOM": "WHO {and WHO} | them | him | her",
    "YOU": "you | MIT | (the|your) (University|College|School|Institute|Registrar|Registrar's Office|Office of the Registrar)",
    "ME": """[(with|by) this (email|e-mail|message|letter)] [I confirm that] I [the undersigned] [OWN {OWN}]
        [Student ID [number] NUMBER] [am writing to] [do] [hereby|fully|gladly|freely]""",
    # what is told
    "OF_IT": "record|records|status|history|information|details|balance|address|number|aid",
    "ONE": """[official|unofficial|academic] [official|full|complete] ([SUBJECT] THING [OF_IT] [in SUBJECT [and SUBJECT]]
        | SUBJECT [grade|mark|score|result] | (grade|mark|score|result) in SUBJECT)""",
    "MINE": "[all [of]|a copy of|copies of] my ONE {and [my] ONE}",
    "WHAT": "MINE | it | them",
    # that it is told
    "TO": "[directly] [by (email|e-mail)] (to|with) WHOM",
    "SEND": """(send|share|tell|disclose|release|give|provide|forward|show|report|email|e-mail|mail|transfer|submit)
        (WHAT TO | WHOM [about|with] WHAT) | let WHOM (see|have|know|get|receive) WHAT""",
    "SENT": """(sent|shared|told|disclosed|released|given|provided|forwarded|shown|reported|emailed|e-mailed|mailed|transferred
        |submitted) TO""",
    "SENDING": """[the|your|any|MIT|MIT's|you] ((release|disclosure|transfer|sharing|sending|releasing) of
        | sharing|sending|telling|disclosing|releasing|giving|providing|forwarding|showing) WHAT TO""",
    "FREE": "(are|is) [hereby] (allowed|permitted|authorized|authorised|free|welcome) to",
    "PERMISSION": "[my] [written|full|explicit] (permission|consent|authorization|authorisation|approval)",
    # what agrees
    "AGREES": """[yes] [please|kindly] [feel free to|go ahead and] SEND [please]
        | (could|can|would|will) you (please|kindly) SEND [?]
        | please (could|can|would|will) you SEND [?]
        | (could|can|would|will) you SEND please [?]
        | [yes] YOU (may|can|FREE) SEND
        | WHAT (may|can) be SENT
        | WHOM (may|FREE) (see|have|know|get|receive) WHAT
        | [yes] ME ((consent|agree) to|authorize|authorise|allow|permit|approve [of]|request) (SENDING | WHAT being SENT)
        | [yes] ME (agree|consent) that (WHAT (are|is|be|may be|can be) SENT | YOU [may|can] SEND
            | WHOM (may see|can see|sees|gets|receives) WHAT)
        | [yes] ME (agree|want|wish|would like) to have WHAT SENT
        | [yes] ME am (okay|ok|fine) with WHAT being SENT
        | ME (authorize|authorise|allow|permit|want|ask|request|would like|am happy for) YOU to SEND
        | ME (want|need|would like) (WHAT [to be] SENT | WHOM to (see|have|get|receive) WHAT)
        | ME [would like to] (request|ask) that (WHAT be SENT | YOU SEND)
        | ME am (happy|willing|glad) to let WHOM (see|have|know|get|receive) WHAT
        | (ME [would like to] (give|grant) [[to] YOU] | YOU have | this [email|e-mail|message] (is|serves as)
            | please accept this (email|e-mail|message) as) PERMISSION
            [to YOU] ([for YOU] to SEND | (to|for) (SENDING | WHAT (to be|being) SENT))""",
    # what can change nothing: why, where "them" and "it" of the next sentence may point, and what any letter has
    "JOB": """[a|an|the|my|their] [summer|full-time|part-time] (job|internship|position|scholarship|employment)
        [application|applications|offer|purposes]""",
    "AT": "(at|to|with|from) (NAMES [RECIPIENT]|RECIPIENT)",
    "FIRM": """I (am applying|have applied|applied) (AT | (for|to) JOB [AT]) [this summer|in spring]
        | I (got|have|received) JOB AT | ROLE is (NAMES [RECIPIENT]|RECIPIENT)""",
    "THEY": "they [have] (offered me JOB | (need|want|require|requested|asked for|asked me for) WHAT)",
    "REASON": "FIRM [and THEY]",
    "HEADED": """{my|the|a|of|for|to|and|Re|Request|Consent|Permission|Authorization|Release|Disclosure|Please|Send
        |Sending|FERPA|Form|Job|Internship|Employer|Official|Academic|Student|THING|RECIPIENT}""",
    "COURTESY": """yes | [yes] ME (agree|consent)
        | [many] (thanks|thank you) [so much|very much|a lot] [in advance] [for your (help|time)]
        | I hope (you are [doing] well | this (email|e-mail|message) finds you well)
        | my name is OWN {OWN} [and I am a (student|freshman|sophomore|junior|senior) [(at|in) [Course] [NAMES] [NUMBER]]]
        | my [Student] ID [number] is NUMBER | I (accept|understand) the (risk|risks) of (email|e-mail)
        | [please] let me know if you (have any questions|need anything else)
        | (if you have any questions [please] | [please] (do not|don't) hesitate to) (call|contact|email) me""",
    # behind what agrees: for what and by when; and for how long, where an option of the command says it, too
    "FOR": """for JOB | for my application | for the purpose of [my] (employment|application) | to support my application
        | as soon as possible | by (Monday|Tuesday|Wednesday|Thursday|Friday)""",
    "MONTH": "January|February|March|April|May|June|July|August|September|October|November|December",
    "ONCE": "once",
    "UNTIL": "(until|till|through) (NUMBER|MONTH) {NUMBER|MONTH}",
    # round a letter
    "HELLO": """(Dear|Hi|Hello|Hey|Good (morning|afternoon|evening))
        [all|there|Sir or Madam|Registrar|[Mr|Ms|Mrs|Dr|Prof|Professor|Dean] NAME [NAME]] | To whom it may concern""",
    "SIGNED": "{OWN} [[Student] ID] [number] [NUMBER|OTHER] | Class of NUMBER | Sent from my (iPhone|iPad|phone)",
    "BYE": """[Many|Kind|Best|Warm|With [kind|best]] (Thanks|Thx|Thank you|Regards|Best|Wishes|Sincerely|Cheers|Respectfully)
        [so much|very much] [in advance|again] [for your (help|time)] | Yours (Sincerely|Truly|Faithfully) | Sincerely Yours""",
}
_SIGNS = re.compile(r"[][(){}|]|[^\s\][(){}|]+")
_AS_REGEX = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "{": "(?:", "}": ")*+", "|": "|"}


@cache
def known(name: str) -> re.Pattern[str]:
    """What is one of the sentences of that name."""
    return re.compile(_regex(name))


@cache
def at_the_end(name: str) -> re.Pattern[str]:
    """The same, up to three behind something else."""
    return re.compile(rf"(?<= ){_regex(name)}{{1,3}}(?=(?:\? )?$)")


@cache
def _regex(name: str) -> str:
    return _MARKED.get(name) or f"(?:{''.join(map(_part, _SIGNS.findall(_SENTENCES[name])))})"


def _part(sign: str) -> str:
    if sign in _SENTENCES or sign in _MARKED:
        return _regex(sign)
    word = re.escape(sign)
    return _AS_REGEX.get(sign) or rf"[{A_THING}{A_NAME}{AN_OWN_NAME}]?{word if sign == sign.lower() else f'(?i:{word})'} "
