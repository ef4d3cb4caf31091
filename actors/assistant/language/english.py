"""How English asks for a human, and how it talks about humans without asking for one."""

from actors.assistant.language.english_words import CLASSES
from actors.assistant.language.grammar import Language, Rule

MACROS = {
    "STRANGE": "OTHER|SCRAP",
    "SERV": "SERVICE|DEPT",
    "END": "$|HARD|SOFT",
    "ARTICLE": "DEF|DET",
    "MOD": "REAL|LIVE|HUMAN|CUSTOMER|SERV|HELP|AVAILABLE|TONGUE SPEAKING",
    # A human beyond doubt: "an agent", "a real person", "one of your advisors".
    "CLEAR": "(ARTICLE|(SOME|DET) OF ARTICLE)? (MOD{0,4} (HUMAN BEING?|AGENT)|"
    "MOD{1,4} (PERSON|PEOPLE|BEING|STAFF|MEMBER|SOMEONE))|"
    "SOMEONE OF? (REAL|LIVE|HUMAN){1,3}|ARTICLE? MEMBER OF ARTICLE? (STAFF|MOD)",
    # Besides, whom one can only want to talk to: "a person", "your manager", "someone else".
    "WHOEVER": "CLEAR|ARTICLE? STAFF|DET? PERSON|SOME OF ARTICLE (STAFF|PEOPLE)|DET ELSE (AGENT|STAFF|PERSON|HUMAN)|"
    "SOMEONE (ELSE|MOD|(OF|IN) ARTICLE? (MOD|STAFF){1,4}){0,4}",
    "TEAM": "(ARTICLE|MY)? (CUSTOMER|SERV|HELP){1,4}",
    "SWITCH": "CONNECT|TRANSFER|ESCALATE",
    "THISCHAT": "ARTICLE (CHAT|SPEAK)?|MY CHAT|THAT",
    "ACT": "HELP|LOOK|ANSWER|REACH|CALL|WORD|SPEAK|TAKE (DET LOOK)?|GET THROUGH? LINK",
    "LIVECHAT": "(HUMAN|LIVE) CUSTOMER? (SERV|HELP|SPEAK|REACH|TOUCH|ANSWER|WORD)",
    "COLLEAGUE": "(SOME OF)? ARTICLE STAFF|SOME OF ARTICLE PEOPLE",
    # What makes a mention a wish: "I want", "how do I", "help me", "can't".
    "CUE": "WANT|HOPE|THAT IF I|LIKE|LET|HELP|TRY|HOW|WHERE|POSSIBLE|UNABLE|SAID|SEEK|START|KEEP|CAN NEG|CAN I|CAN YOU|"
    "I CAN|I WOULD|(HAVE|GET) LINK",
    "OPEN": "^(LINK|I BE?|THERE|NO|CAN)?$|CUE",
    # What a human is wanted for: "to talk to", "who can help", "I can talk to".
    "TALKER": "LINK (SPEAK|HELP ME|LOOK)|(WHO|THAT) (CAN|WOULD|BE)? (ACT|KNOW|REAL|HUMAN|NEG)|_? (WHO|THAT)? I CAN "
    "(SPEAK|REACH)|WHO CAN (END)",
}

RULES = [
    # To speak with one, reach one, ask for one: "talk to", "get hold of", "wait for".
    Rule(
        "(?<!DEF)(?<!MY)(SPEAK (MY (CHAT|OTHER)|ARTICLE? CHAT|DEF|THAT|FOR _ _?)? THROUGH? LINK*|DET (WORD|SPEAK|CALL) "
        "LINK|(HELP|ANSWER|REACH|CALL|TOUCH) (OF|LINK|BY)|SAID FOR|GET THROUGH? LINK) (WHOEVER|DET SOME)",
        before="OPEN",
    ),
    Rule("SAID CLEAR", before="OPEN", after="(?!STRANGE)"),
    Rule("SAID _? _? FOR WHOEVER", before="^$|I (HAVE|BE)*$|LINK$"),
    Rule("REACH THROUGH? LINK? (CLEAR|ARTICLE? STAFF|DET PERSON|SOMEONE (ELSE|MOD)*)", before="OPEN"),
    Rule(
        "LINK (?!DEF)(CLEAR|COLLEAGUE)",
        before="(WANT|LIKE|LET ME|CAN I|CAN YOU|I CAN|START|ESCALATE) (?:(?!BE|KNOW|IF|BLAME|NEG|AVERSE|PAST|HAVE|"
        "DO|MY|SPEAK|SPEAKING|REACH|WITHOUT)_){1,6}$",
        after="(?!STRANGE)",
    ),
    Rule("(SKIP|GO) LINK CLEAR|WAIT FOR CLEAR", before="^$|CUE|I WOULD$"),
    Rule("SKIP ARTICLE? BOT", before="^$|CUE", after="END", guarded=False),
    Rule(
        "SEEK FOR (CLEAR|DET PERSON|COLLEAGUE)|CLEAR BE? WANT|LIVECHAT BE? WANT",
        before="^(I BE)?$",
        after="(?!STRANGE)",
    ),
    Rule("CLEAR WOULD BE", before="^$"),
    Rule("GET ME? (IN|ARTICLE)? (TOUCH|REACH) (LINK|OF|IN)* WHOEVER", before="OPEN"),
    Rule("CALL CLEAR", before="OPEN"),
    Rule("(WANT|LIKE) LINK BE _ BY (CLEAR|DET PERSON|ARTICLE STAFF)"),
    Rule("SPEAK LINK ARTICLE? (SERV|HELP){1,4}", before="OPEN"),
    Rule("SLIP LINK (CLEAR|DET PERSON|SOMEONE)", before="CUE"),
    Rule("SPEAKING LINK? WHOEVER", before="^$|MORE _$|(CUE) (_*(?<![BE I]))?$", after="END"),
    Rule("SPEAKING LINK? WHOEVER", before="(CUE) (_*(?<![BE I]))?$"),
    # To want one, get one, be given one.
    Rule(
        "WANT (LINK (HAVE|GET))? CLEAR|WOULD LIKE (LINK (HAVE|GET))? CLEAR",
        before="(?<![YOU THEY])$",
        after="(?!STRANGE)",
    ),
    Rule(
        "(WANT|WOULD LIKE) (LINK (HAVE|GET))? (DET PERSON|SOMEONE (OF ARTICLE? (MOD|STAFF){1,4})?)",
        before="(?<![YOU THEY])$",
        after="END|NEG|TALKER",
    ),
    Rule("(WANT|WOULD LIKE) (LINK (HAVE|GET))? COLLEAGUE", before="(?<![YOU THEY])$", after="END|NEG|TALKER|LINK HELP"),
    Rule("(GET|GIVE|CALL) (ME|IN)? (COLLEAGUE|STAFF)", before="^$", after="END|TALKER"),
    Rule(
        "(GET|GIVE) ME ((THROUGH? LINK)? (CLEAR|DET PERSON|ARTICLE STAFF)|THROUGH? LINK WHOEVER)",
        after="(?!STRANGE|IN (?!ARTICLE LINE))",
    ),
    Rule("(GET|GIVE) ME SOMEONE (ELSE|MOD)*", after="END|TALKER|WHO|THERE|OF"),
    Rule("(GET|GIVE) (THISCHAT) LINK CLEAR", after="(?!STRANGE)"),
    Rule(
        "(GET|HAVE) CLEAR",
        before="^$|CAN I$|(HOW|WHERE) _*$|LINK$|POSSIBLE OF?$|(DO|CAN|WOULD) YOU$",
        after="(?!STRANGE|IN MY)",
    ),
    Rule("(GET|HAVE) (DET PERSON|SOMEONE)", before="CAN I$|HOW _*$|LINK$|DO YOU$", after="TALKER"),
    Rule("(GET|HAVE) DET PERSON", before="CAN I$", after="END"),
    # To be passed on to one: "put me through to", "escalate this".
    Rule("(SWITCH|TAKE) ME (THROUGH|IN|TOUCH|REACH)* LINK+ (WHOEVER|TEAM|LIVECHAT|ARTICLE? _{0,2} DEPT)"),
    Rule("(SWITCH|TAKE) ME (THROUGH|IN|TOUCH|REACH)* LINK+ SOME", after="END"),
    Rule("TRANSFER", before="^$", after="[HARD SOFT]*$"),
    Rule("SWITCH LINK ME CLEAR"),
    Rule("SWITCH (THISCHAT|MY _)? (THROUGH|IN)* LINK+ (CLEAR|DEF? STAFF)"),
    Rule("SWITCH IN? (WHOEVER) (OF _)? (THROUGH|IN ARTICLE LINE|IN)?", before="^$|CUE", after="END"),
    Rule("(GET|LET) (CLEAR) CONNECTED"),
    Rule("CONNECTED THROUGH* (LINK|BY) (WHOEVER|TEAM)|CONNECT THROUGH LINK (WHOEVER|TEAM)", before="CUE"),
    Rule("(CONNECT|TRANSFER) ME THROUGH?", before="^$|CUE", after="END"),
    Rule("ESCALATE (THISCHAT)?", before="^$|CUE|WANT (THISCHAT)$", after="END|LINK"),
    # To hear whether there is one: "is there someone I can talk to".
    Rule("BE NEG? THERE NO? CLEAR", after="END|THERE|AVAILABLE|TALKER|IN"),
    Rule("NO (REAL|LIVE)* (HUMAN BEING?|AGENT|(?<=[REAL LIVE])(PERSON|PEOPLE)) BE? (THERE|AVAILABLE)", before="^$"),
    Rule(
        "(BE THERE|BE|^) SOMEONE (AVAILABLE|FREE)? LINK SPEAK|BE THERE (SOMEONE|DET PERSON) (TALKER)|BE THERE DET "
        "PERSON THERE"
    ),
    Rule(
        "(WHOEVER) (OTHER|THERE){0,2} (WHO|THAT)? I CAN (SPEAK|REACH)",
        before="CUE|^BE$|BE THERE|DO YOU HAVE|HAVE YOU HAVE$",
    ),
    Rule("NO SOME (TALKER)|(NOBODY|NO SOME) (REAL|HUMAN)"),
    Rule("WHERE (BE|POSS) ARTICLE? CLEAR", before="^$", after="END"),
    Rule("WHO (CAN|DO|WOULD|SHOULD) I (HAVE LINK)? SPEAK LINK"),
    Rule("(BE|DET)? CLEAR BE? (AVAILABLE|THERE|FREE)", before="^$", after="END|LINK|FOR|IN DEF MOMENT"),
    # To have one act: "can a human look at this", "have someone call me".
    Rule("WANT CLEAR CAN (ACT)|(CAN|WOULD) CLEAR BE POSSIBLE LINK (ACT)"),
    Rule("CAN (CLEAR|COLLEAGUE) (ACT) THROUGH? LINK? (ME|DEF|THAT|MY|IN|THROUGH|END)"),
    Rule("CLEAR CAN (ACT) (ME|DEF|THAT|MY|END)", before="^$"),
    Rule(
        "(CAN|HAVE|GET|WANT|LET) SOMEONE (OF ARTICLE? (MOD|STAFF){1,4})? LINK? (CALL|REACH) ME",
        before="^$|CUE|LIKE LINK$|CAN YOU$",
        after="END",
    ),
    Rule("(WANT|LIKE) FOR? (CLEAR|DET PERSON|SOMEONE) LINK (ACT) ME"),
    Rule("CAN I GET SOMEONE IN ARTICLE? (LINE|LIVE SPEAK|SPEAK)"),
    Rule("(LET|HAVE|GET|WANT) (CLEAR|DET PERSON|COLLEAGUE) LINK? (ACT)", before="^$|CUE|LIKE LINK$|CAN YOU$"),
    Rule(
        "(GET|CONNECT|TRANSFER|GIVE) (WHOEVER) (IN (END|THERE|ARTICLE (LINE|SPEAK))|THERE|FOR ME)|GIVE IN CLEAR",
        before="^$|CUE|CAN YOU$",
    ),
    # To name one and no more: "live chat", "a real person please", "agent!".
    Rule("DET? CUSTOMER? REAL? LIVECHAT", before="^$", after="END|AVAILABLE|THERE"),
    Rule(
        "LIVECHAT|(HUMAN|LIVE) POSSIBLE",
        before="(CUE|BE THERE|HAVE|GET|GIVE) _? DET?$|^SAID$",
        after="(?!STRANGE)",
    ),
    Rule(
        "(?<!SOFT)(DET? (REAL|LIVE|HUMAN|CUSTOMER? SERV){1,4} (HUMAN|AGENT|PERSON|PEOPLE|STAFF|BEING){1,3}|"
        "SOMEONE (REAL|HUMAN)+|DET (HUMAN BEING?|AGENT))",
        before="^$",
        after="END|IN? (THERE|AVAILABLE)|NEG DET? (BOT|MACHINE)",
    ),
    Rule("(?<!SOFT)HUMAN BEING?", before="^$", after="$|HARD"),
    Rule("(?<!SOFT)(HUMAN BEING?|AGENT){1,4}", before="^$", after="[HARD SOFT]*$|NEG DET? (BOT|MACHINE)"),
    Rule("^ (HARD|SOFT|ARTICLE|MOD|BEING|AGENT|PERSON|STAFF)* (HUMAN|AGENT|PERSON|STAFF) [HARD SOFT]*$"),
    # To have no more of the bot.
    Rule("NEG WANT (LINK (SPEAK|REACH|HAVE|GET) LINK?)? (ARTICLE|MORE|SOME)* BOT", after="(?!STRANGE)", guarded=False),
    Rule(
        "(NEG|AVERSE|ENOUGH|STOP) (OTHER? LINK|OF|WANT|WOULD|THROUGH){0,4} (SPEAK|SPEAKING) (ARTICLE? CHAT|THAT|"
        "DEF)? LINK? (ARTICLE|MORE|SOME)* (BOT|MACHINE)",
        before="(?<![YOU])$",
        guarded=False,
    ),
    Rule("(ENOUGH|STOP) THROUGH? (LINK|OF)* (ARTICLE|MORE)* BOT", after="END", guarded=False),
    Rule(
        "(NO|MORE|NEG WANT)+ (SPEAKING LINK)? (DET|MORE)* BOT", before="^$|(ENOUGH|STOP)$", after="END", guarded=False
    ),
    Rule("^[HARD SOFT]* NEG DET? BOT", after="[HARD SOFT]*$", guarded=False),
    Rule(
        "(WANT|LET ME|CAN I|GIVE ME|GET ME) (?:(?!BE|KNOW|IF|NEG|SAID|TOLD)_){0,5} (REAL|LIVE) (HUMAN|PERSON|"
        "PEOPLE|AGENT)"
    ),
    Rule("GET (ME THROUGH|RID) OF? ARTICLE? BOT", after="END", guarded=False),
    Rule("(ENOUGH|STOP|AVERSE|NO MORE|NEG WANT) _{0,3} (AUTO|BOT) (ANSWER|SPEAK|BOT)", guarded=False),
    Rule("(NO MORE|ENOUGH) LINK? ARTICLE? AUTO|(WANT|GET) THROUGH OF? ARTICLE? BOT", after="END", guarded=False),
    # The same in other turns: "a real one", "how about a person", "have someone from your team look", "tell an agent to
    # call me".
    Rule("DET (REAL|LIVE|HUMAN)+ SOME", before="^$", after="END|I"),
    Rule("(BE|DO) SOMEONE (REAL|LIVE|HUMAN)+ IN? (AVAILABLE|THERE)"),
    Rule("HOW FOR (CLEAR|DET PERSON)", before="^$", after="END"),
    Rule("(GET|GIVE) CLEAR LINK (THISCHAT)", before="^$|CUE"),
    Rule(
        "(CAN|WOULD) SOMEONE (SPEAK LINK ME|REAL+ (ACT)|GIVE ME DET CALL)|^ (WOULD|BE) CLEAR _{0,2} LINK? (ANSWER|"
        "HELP|SPEAK) LINK? ME"
    ),
    Rule("BLAME LINK (CLEAR|COLLEAGUE|DET PERSON|SOMEONE)", before="WANT|CAN I|HOW|LIKE"),
    Rule("CHAT LINK DET PERSON", before="(WANT|LIKE|LET ME|CAN I) _{0,4}$", after="END|NEG"),
    Rule("(HAVE|GET|LET|CAN) SOMEONE OF ARTICLE? (MOD|STAFF){1,4} LINK? (ACT)", before="^$|CUE|LIKE LINK$|CAN YOU$"),
    Rule("CAN ARTICLE (MOD|DEPT){1,3} (CALL|REACH) ME", before="^$"),
    Rule(
        "(SOMEONE|CLEAR|COLLEAGUE) (WANT|HAVE|SHOULD|CAN)? LINK? CALL ME",
        before="^(BLAME|SAID)?$",
        after="END|THROUGH",
    ),
    Rule("HANDLED BY (CLEAR|DET PERSON|COLLEAGUE)", before="WANT|LIKE|CAN|LET|^HAVE", guarded=False),
    Rule("(GET|GIVE|CALL) ME ARTICLE? CUSTOMER (SERV|HELP)", before="^$|CUE", after="END"),
    Rule("(GET|GIVE) SOMEONE OF", before="^$|CUE|CAN YOU$"),
    Rule("SOMEONE OF ARTICLE? (CUSTOMER|SERV|HELP){1,3}", before="^$", after="END"),
    Rule("CAN DO LINK CLEAR", before="^I?$", after="(?!STRANGE)"),
    Rule("(LIVE|HUMAN|REAL) HELP", before="^$", after="END"),
    Rule("LET ME SPEAK LINK (THEIRS|THEY)", after="END"),
    Rule("WANT BE (CLEAR|DET PERSON)", before="^_? I$"),
    Rule("SPEAK LINK DET _? DEPT", before="^$|I (WANT|CAN) LINK?$|LET ME$|I WOULD LIKE LINK$|CAN I$"),
    Rule("SOMEONE THERE? (WHO|THAT) BE NEG ARTICLE? (BOT|MACHINE)"),
    Rule("(LET|HAVE|GET) (CLEAR|DET PERSON|COLLEAGUE|SOMEONE) LINK? MAIL ME", before="^$|CUE|CAN YOU$"),
    Rule("(CLEAR|DET PERSON|COLLEAGUE) SHOULD (ACT)", before="^$|THINK THAT?$"),
    Rule("SOMEONE (REAL|HUMAN)+ (ACT)", before="^$"),
    Rule("(WOULD NEG|NEG WANT|NEG WANT LINK) _ LINK ARTICLE? (BOT|MACHINE)", after="END|MORE", guarded=False),
    Rule("BE? NEG? THERE? SOMEONE THERE", before="^$", after="END"),
]

NEVER_BEFORE = [
    # Not wanted: "I don't want to", "please don't", "no need to", "stop trying to", "instead of".
    "(?<!CAN) NEG _? (WANT|LIKE|HAVE LINK) [^ I CAN LET GIVE ]*$",
    "(?<!CAN)(?<!WOULD)(?<!CAN I) NEG LINK*$|I WOULD NEG$|NO MORE$",
    "NO (WANT|HELP) [^ I CAN LET ]*$",
    "NEG THINK _{0,2}$|STOP (TRY|LINK)+$",
    # What was asked for another time.
    "WHEN [^ SOFT WANT CAN LET GIVE LIKE ]*$",
    "(AVERSE|ENOUGH|STOP|WITHOUT) (OF|LINK|IN|I|YOU|HAVE|WANT|CAN|THROUGH)*(?<!I WANT)$",
    # Not asked for: "do I have to", "you can", "she told me to", "if I", "thanks for", "how much is it to".
    "^WANT I$",
    "(BE|DO) I (HAVE|WANT|GET) HAVE? LINK$|(?<!HOW)(?<!WHERE)(BE|DO) I$",
    "(YOU|THEY) (WANT LINK|HAVE LINK|CAN|WOULD|SHOULD)$|THEY _{0,2}$|SHOULD I$",
    "(THEY|AGENT|STAFF|PERSON|SOMEONE|SERV|HELP) (HAVE|BE)* (TOLD|SAID) ",
    "(?<!THAT) IF (I|YOU)$",
    "THANKS (FOR|I) ",
    "YOU _{0,2} KNOW HOW LINK$",
    "HOW MUCH (?!TIMES)",
]

ENGLISH = Language(
    code="en",
    classes=CLASSES,
    macros=MACROS,
    triggers="HUMAN PERSON PEOPLE AGENT STAFF MEMBER SOMEONE SOME CONNECT TRANSFER ESCALATE BOT MACHINE LIVE WHO "
    "SERVICE DEPT AUTO SPEAK REAL CUSTOMER TAKE",
    rules=RULES,
    never_before=NEVER_BEFORE,
    never_after=["SOFT DET? (BOT|MACHINE)|POSS|RESOURCES|BOT|MACHINE|I WOULD (?!LIKE)"],
    small="LINK DET DEF",
    mended="SPEAK SPEAKING REACH HUMAN PERSON AGENT STAFF SOMEONE CONNECT CUSTOMER SERVICE DEPT SWEAR DROP HELP "
    "WANT TRY TRANSFER POSSIBLE SEEK WOULD CAN ESCALATE REAL THERE",
    glue="to a an me with i u you can want",
    real_words="good goods gold special specials costume costumes world light night sight fight ready rally formal "
    "factual wasted hunted three scare reconnect remove chart cheat chant peak sneak speck bleak parson woman gent "
    "urgent alive youth means meat into anyway boot boots spot heat feed personal employ employed employer employers "
    "employs export constant manage manages managed contract contracts massage messages dealer dealt deals ideal "
    "speaker spear stalk stalking steam supervision supervised supervise interesting connecting containing consulting "
    "clerks humane inhuman peoples hands representation representations representing represents represent resp "
    "constants custom customs socialist consume stuff staffs pitch stitch assistance",
)
