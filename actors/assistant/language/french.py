"""How French asks for a human; its negation embraces the verb, and "personne" alone is nobody."""

from actors.assistant.language.grammar import Language, Rule

CLASSES = {
    "DROP": "svp stp plait bonjour salut bonsoir maintenant vite tout suite immediatement juste simplement "
    "directement vraiment enfin encore aussi donc ok oui urgent rapidement plutot veuillez",
    "SWEAR": "putain merde foutu foutue bordel fichu sacre damne",
    "S": "s si",
    "I": "je j on nous",
    "ME": "me m moi",
    "YOU": "vous tu te",
    "IT": "il ils elle elles y ce c t ceci cela ca",
    "THAT": "que qu qui est",
    "DET": "un une des votre vos l d quelque autre ton ta tes",
    "DEF": "le la les du au aux",
    "OF": "de",
    "LINK": "a avec vers",
    "NE": "ne n",
    "REFUSE": "refuse deteste",
    "NEG": "pas jamais aucun aucune nan non",
    "MORE": "plus",
    "WANT": "veux veut veu voudrais voudrai voudrait souhaite souhaiterais souhaitez aimerais aimerai prefere "
    "prefererais desire desirerais exige demande besoin envie voulais aimerait vx cherche recherche jveux "
    "jvoudrais",
    "FAUT": "faut faudrait",
    "MUST": "dois doit devoir devrais",
    "CAN": "puis peux peut pourrais pourrait pouvez pourriez peu pouvons peus",
    "POSSIBLE": "possible moyen possibilite arrive essaie essaye tente",
    "HOW": "comment ou pourquoi",
    "HELP": "aidez aider",
    "LET": "laisse laissez laisser",
    "SPEAK": "voir parler discuter echanger chatter tchatter dialoguer communiquer converser causer entretenir tchater "
    "parlez",
    "PARLE": "parle discute echange",
    "REACH": "contacter joindre appeler avoir rencontrer trouver contactez appelez joignez",
    "SWITCH": "transferez transfere transferer connectez connecte connecter redirigez redirige rediriger dirigez "
    "mettez mets mettre passez passe passer orientez basculez transmettez adressez transfert",
    "GIVE": "donnez donne trouvez trouve envoyez envoie amenez",
    "TOUCH": "relation contact ligne communication",
    "IN": "en dans chez",
    "HUMAN": "humain humaine humains humaines",
    "BEING": "etre",
    "PERSON": "personne personnes gens",
    "AGENT": "conseiller conseillere conseillers agent agents agente operateur operatrice operateurs representant "
    "representante superviseur teleconseiller teleconseillere interlocuteur conseillier",
    "STAFF": "chef cheffe responsable employe employee collegue manager assistant technicien specialiste directeur "
    "superieur patron collaborateur direction gerant gerante",
    "SOMEONE": "quelqu quelquun quelqun qqn qq1 qqun",
    "REAL": "vrai vraie vrais vraies reel reelle reels veritable vivant vivante physique competent competente chair",
    "TEAM": "service support equipe sav hotline assistance",
    "CLIENT": "client clients clientele",
    "BOT": "robot robots bot bots chatbot chatbots",
    "MACHINE": "machine machines ia automate ordinateur programme algorithme",
    "THERE": "disponible disponibles ici joignable joignables libre",
    "HAVE": "ai as avez ont",
    "BE": "suis es etes sont sommes",
    "PROGRESS": "train",
    "LOOK": "appelle rappelle reponde rappeler repondre regarder verifier traiter examiner",
    "CALLED": "rappele appele contacte aide",
    "BY": "par",
    "ENOUGH": "marre assez stop arretez arrete ras bol",
    "WITHOUT": "sans lieu avant eviter",
    "TOLD": "dit disait promis ecrit affirme assure",
    "IF": "quand lorsque",
    "HARD": "mais parce car sinon alors",
    "THANKS": "merci",
    "PHONE": "telephone tel fil",
    "MEMBER": "membre",
    "COMPLAIN": "plaindre",
    "SOFT": "et",
}

MACROS = {
    "STRANGE": "OTHER|SCRAP",
    "END": "OF? THANKS?$|HARD|SOFT",
    "ART": "(DET|DEF)+",
    "CLEAR": "ART? REAL* BEING? (HUMAN|AGENT) (HUMAN|REAL|CLIENT)*|DET REAL+ (PERSON|STAFF)|DET (PERSON|BEING|STAFF) "
    "(REAL|HUMAN)+|SOMEONE DET? OF? (REAL|HUMAN)+",
    "WHOEVER": "CLEAR|DET MEMBER OF DET TEAM|ART STAFF|DET PERSON|SOMEONE DET?",
    "TO": "LINK|DEF",
    "ACT": "HELP|LOOK|REACH|CALLED",
    "CUE": "WANT|FAUT THAT|I MUST|CAN|POSSIBLE|HOW|HELP|LET",
    "OPEN": "^(LINK|OF|ME)?$|CUE",
}

RULES = [
    Rule("SPEAK OF? (TO)? (WHOEVER|DET TEAM)|REACH WHOEVER", before="OPEN"),
    Rule("PARLE (TO)? WHOEVER", before="WANT$"),
    Rule("ME? (SWITCH) ME? (IN TOUCH)? (TO)? (WHOEVER|ART? TEAM CLIENT?)", before="^$|YOU? CAN YOU?$|HOW"),
    Rule("SWITCH ME (IN TOUCH)? (TO)? WHOEVER"),
    Rule("SWITCH ME IN TOUCH (TO) (WHOEVER|ART? TEAM CLIENT?)|IN TOUCH (TO) WHOEVER", before="OPEN"),
    Rule("(HELP|ME SWITCH) (OF|TO)? WHOEVER", before="OPEN|THAT I"),
    Rule("IT ME FAUT (SOMEONE DET?|DET PERSON|DET STAFF)", after="END|LINK? THAT"),
    Rule("IT ME FAUT (CLEAR|DET PERSON)|WANT THAT+ WHOEVER ME (ACT)"),
    Rule("LINK CLEAR", before="(WANT|CAN I|I CAN|LET|HELP) (?:(?!NEG|MORE|SPEAK|BE|BEING|SWITCH)_)*$"),
    Rule("WANT THAT+ I ME LOOK"),
    Rule("CALLED (BY|OF)? WHOEVER", before="WANT"),
    Rule("GIVE ME (TO)? WHOEVER", after="(?!STRANGE)"),
    Rule("WANT (OF|REACH)? CLEAR", before="(?<!YOU)$", after="(?!STRANGE)"),
    Rule(
        "WANT (OF|REACH)? (DET+ (PERSON|STAFF)|SOMEONE DET?)",
        before="(?<!YOU)$",
        after="END|LINK THAT|THAT|NEG|DEF PHONE|IN TOUCH",
    ),
    Rule(
        "(IT HAVE? LINK? IT* IT|IT LINK IT? IT?) NEG? (CLEAR|SOMEONE DET? DEF TEAM CLIENT?)",
        after="END|LINK|THERE|DEF|IN|THAT",
    ),
    Rule("(WHOEVER) (TO|THAT) (THAT)? I CAN (SPEAK|REACH)"),
    Rule("LINK THAT (CAN I|I CAN) SPEAK"),
    Rule("SOMEONE DET? (OF DET? TEAM)? CAN IT* ME REACH", before="^(THAT|IT)*$"),
    Rule("(CLEAR) CAN IT* ME? (ACT)|CAN CLEAR ME? (ACT)", before="^(THAT|IT)*$"),
    Rule(
        "CLEAR",
        before="^LINK?$",
        after="(S IT YOU?|S YOU)? [HARD SOFT THANKS]*$|HARD? NEG (OF|DET) (BOT|MACHINE)|THAT DET? (BOT|MACHINE)|LINK "
        "DEF _ DEF (BOT|MACHINE)",
    ),
    Rule("(NE WANT (NEG|MORE)|NEG|MORE)+ (OF|DET)* BOT", before="^I?$", after="END", guarded=False),
    Rule("(NEG|MORE|REFUSE) (OF|WANT)* SPEAK (TO)? ART? (BOT|MACHINE)", guarded=False),
    Rule("ENOUGH+ (OF|DET|LINK|DEF|IT|ENOUGH)* (SPEAK (TO) ART?)? BOT", guarded=False),
    Rule("DET PERSON", before="^LINK?$", after="(S IT YOU?|S YOU) [HARD SOFT THANKS]*$"),
    Rule("(TOUCH|TEAM|CALLED) HUMAN", before="^$|WANT DET*$"),
    Rule("SPEAK OF _{1,3} LINK WHOEVER", before="OPEN"),
    Rule("PARLE NEG (TO)? ART? (BOT|MACHINE)", guarded=False),
    Rule("THAT (CAN I|I CAN) REACH", before="^$", after="END"),
    Rule("SWITCH IT? (TO) WHOEVER|SWITCH ME|DEF? REAL TEAM|REACH ME (CLEAR|DET STAFF)", before="^$", after="END"),
    Rule("(THAT|IT)* (CLEAR|SOMEONE DET?) (THAT|BE) THERE", before="^$", after="END"),
    Rule("YOU HAVE OF? (REAL+ (AGENT|HUMAN|PERSON)|DET AGENT)", before="^$", after="END"),
    Rule("TOUCH (TO) WHOEVER", before="^(_ OF)?$", after="END"),
    Rule("SOMEONE DET? DEF TEAM CLIENT?|(?<!SOFT)ART STAFF", before="^$", after="[HARD SOFT THANKS]*$"),
    Rule("COMPLAIN (TO) (CLEAR|ART STAFF|SOMEONE)", before="WANT|CAN"),
]

NEVER_BEFORE = [
    "(NE|THAT)? WANT (NEG|MORE) OF?$",
    "(?<!CAN)(NEG|MORE) (WANT|BE)? (OF|DET)?$",
    "NE WANT _?$|REFUSE OF$",
    "WITHOUT (OF|THAT|I)*$",
    "(MUST) I$|FAUT IT$",
    "PROGRESS OF$",
    "(AGENT|STAFF|IT|PERSON|TEAM|CLIENT) (ME|LINK|HAVE)* TOLD",
    "IF (I|YOU)$",
    "NE (ME|YOU)*$",
    "NE HAVE NEG",
    "THANKS OF",
]

FRENCH = Language(
    code="fr",
    classes=CLASSES,
    macros=MACROS,
    triggers="HUMAN PERSON AGENT STAFF SOMEONE BOT MACHINE TEAM SPEAK REACH SWITCH",
    rules=RULES,
    never_before=NEVER_BEFORE,
    never_after=["BOT|MACHINE"],
    small="LINK DET DEF",
    mended="SPEAK HUMAN PERSON AGENT STAFF SOMEONE WANT CAN REACH SWITCH REAL TEAM CLIENT BOT MACHINE LOOK "
    "CALLED DROP TOUCH POSSIBLE",
    glue="a un je",
    real_words="penser pense passage passages lettre metre services plaie plat maintient juste justes cliente "
    "clientes contrat contrats contacts relations passion sonnez trouve trouver trouvez rappel appel appels produit "
    "sortir boot boots causes chanter casser echanges representation personnel personnels argent chapitre conseille "
    "conseil conseils quelques humide humeur",
)
