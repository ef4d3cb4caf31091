"""How German asks for a human: the verb comes last ("mit einem Menschen sprechen"), the negation before its object."""

from actors.assistant.language.grammar import Language, Rule

CLASSES = {
    "DROP": "bitte gerne gern jetzt sofort mal doch einfach nur endlich hallo hi hey ja ok okay also auch nochmal "
    "gleich direkt persoenlich personlich dringend schnell heute wirklich lieber wieder moglichst "
    "eigentlich vielleicht nun denn etwa gerade her irgendwo noch personlicher personlichen personliche",
    "SWEAR": "verdammt verdammte verdammten verdammter verdammtes scheis scheiss scheisse fuck fucking kacke blod "
    "bloden bloede verfluchten",
    "I": "ich wir man",
    "ME": "mich mir uns",
    "YOU": "sie du",
    "IT": "es das dies er s",
    "ARTICLE": "ein eine einen einem einer der die den dem des ihr ihre ihren ihrem ihrer irgendein irgendeinen "
    "irgendeinem irgendeiner dein deine deinen deinem nen ne anderen andere anderem diesem dieser diesen "
    "diese eurem eure euren eurer",
    "MY": "mein meine meinen meinem meiner",
    "KEIN": "kein keine keinen keinem keiner niemand niemanden niemandem",
    "NEG": "nicht nie niemals",
    "MORE": "mehr weiteren",
    "WANT": "will wollen mochte moechte mochten moechten wurde wuerde wurden hatte haette hatten brauche brauch "
    "brauchen benotige benoetige verlange fordere wunsche wuensche willl bevorzuge wollte bestehe suche "
    "wil mocht moecht wuensch",
    "MUST": "muss mussen muessen",
    "CAN": "kann konnten konnte koennte konnen koennen darf durfte konnt kannst kan",
    "LET": "lass lassen lasst",
    "HELP": "hilf hilfe helfen helft hilft weiterhelfen",
    "HOW": "wie wo warum wieso weshalb",
    "POSSIBLE": "moglich moeglich moglichkeit moeglichkeit versuche schaffe probiere",
    "LINK": "mit an zu zum zur mitm bei",
    "FOR": "nach um auf fur fuer",
    "SPEAK": "sprechen reden chatten unterhalten telefonieren kommunizieren quatschen labern texten diskutieren "
    "schreiben schreibe klaren besprechen austauschen wenden",
    "TALKS": "spreche rede chatte sprech red spricht",
    "REACH": "erreichen erreiche kontaktieren kontaktiere erreich anschreiben anrufen anruft meldet zuruckrufen "
    "zurueckrufen finde find",
    "SWITCH": "verbinden verbinde verbind leiten leite leitet stellen stelle stell weiterleiten weiterverbinden "
    "durchstellen vermitteln ubergeben uebergeben ubergib weiterreichen umleiten verbindet weiterleitung "
    "verbindung",
    "SWITCHED": "verbunden weitergeleitet durchgestellt weiterverbunden umgeleitet",
    "GIVE": "geben gib gebt holen hol holt bringen bring schicken schick schicke rufen ruf besorg besorgen schickt",
    "THROUGH": "weiter durch ruber rueber",
    "SAID": "gefragt gebeten verlangt verlangen fragen bitten gesagt",
    "PAST": "gesprochen geredet gechattet telefoniert",
    "TOLD": "sagte sagt meinte behauptete versprochen geschrieben schrieb",
    "HUMAN": "mensch menschen mensche",
    "PERSON": "person personen",
    "AGENT": "mitarbeiter mitarbeiterin mitarbeitern mitarbeiterinnen servicemitarbeiter supportmitarbeiter "
    "kundendienstmitarbeiter kundenservicemitarbeiter kundenberater kundenberaterin kundenbetreuer "
    "kundenbetreuerin berater beraterin beratern agent agenten agentin ansprechpartner ansprechpartnerin "
    "ansprechperson sachbearbeiter sachbearbeiterin vorgesetzten vorgesetzter vorgesetzte teamleiter "
    "supervisor operator callcenteragent",
    "STAFF": "kollege kollegen kollegin chef chefin manager angestellten geschaftsfuhrer experten fachmann leute "
    "verantwortlichen zustandigen",
    "SOMEONE": "jemand jemanden jemandem irgendwen irgendwem irgendjemand irgendjemanden irgendjemandem wen wem jmd",
    "REAL": "echt echte echten echtem echter echtes richtig richtige richtigen richtigem richtiger reale realen "
    "realer lebende lebenden lebendigen lebendiger menschlich menschliche menschlichen menschlichem "
    "menschlicher leibhaftigen wirklichen wirklicher wirkliche kompetenten kompetenter",
    "TEAM": "kundenservice kundendienst kundensupport",
    "SUPPORT": "support hotline team",
    "BOT": "bot bots chatbot chatbots roboter robotern",
    "MACHINE": "maschine maschinen computer ki automat programm algorithmus",
    "THERE": "da hier dort erreichbar verfugbar verfuegbar anwesend online",
    "GIBT": "gibt gibts",
    "BE": "ist sind bin bist war waren seid sein werden wird",
    "OF": "von vom aus",
    "HAVE": "habe haben bekommen kriegen hat habt hab bekomme kriege",
    "ENOUGH": "genug schluss aufhoren hor satt leid stopp stop",
    "WITHOUT": "ohne statt anstatt bevor weder",
    "LOOK": "ansehen anschauen antworten ubernehmen uebernehmen beantworten melden schauen kummern kuemmern "
    "prufen pruefen kummert",
    "IF": "wenn falls ob sobald",
    "THAN": "als",
    "HARD": "aber sondern weil damit sonst",
    "THANKS": "danke dank",
    "SELF": "sich",
    "SHOULD": "soll sollen",
    "CHAT": "chat livechat gesprach telefonat",
    "AHNUNG": "ahnung",
    "WORK": "arbeitet arbeiten",
    "CALLBACK": "ruckruf rueckruf anruf",
    "KONTAKT": "kontakt",
    "PHONE": "telefon tel apparat leitung",
    "SOFT": "und oder",
}

MACROS = {
    "STRANGE": "OTHER|SCRAP",
    "END": "THANKS?$|HARD|SOFT",
    "CLEAR": "ARTICLE? (REAL|SUPPORT|TEAM){0,4} (HUMAN|AGENT)|ARTICLE? REAL+ (PERSON|STAFF)|SOMEONE REAL+",
    "WHOEVER": "CLEAR|ARTICLE? (STAFF|PERSON)|SOMEONE (OF ARTICLE? (TEAM|SUPPORT))?",
    "CUE": "WANT|I MUST|CAN|LET|HELP|HOW|POSSIBLE",
    "OPEN": "^$|CUE",
    "ACT": "REACH|HELP|LOOK",
}

RULES = [
    Rule("LINK WHOEVER (_ _? _?)? SPEAK", before="OPEN"),
    Rule("(CLEAR|SOMEONE|ARTICLE STAFF) LINK? (SPEAK|REACH)", before="OPEN"),
    Rule("SPEAK LINK WHOEVER", before="^$|CUE"),
    Rule("TALKS LINK CLEAR", before="^I$", after="THAN"),
    Rule("TALKS NEG LINK (BOT|MACHINE)", guarded=False),
    Rule("HOW _ I? LINK CLEAR THROUGH?", after="END"),
    Rule("REACH I? (CLEAR|SOMEONE)", before="OPEN"),
    Rule("LINK SOMEONE CAN I (_ _?)? SPEAK"),
    Rule("LINK ARTICLE? SUPPORT SPEAK", before="OPEN"),
    Rule("CLEAR GIVE", before="^$|CUE"),
    Rule("SWITCH (YOU|I)? (ME|IT) THROUGH? (LINK|FOR) (WHOEVER|ARTICLE? (TEAM|SUPPORT))"),
    Rule("ME (LINK|FOR) (WHOEVER|ARTICLE? (TEAM|SUPPORT)) (SWITCH|SWITCHED BE)", before="OPEN"),
    Rule("SWITCH LINK WHOEVER", before="^$|CUE"),
    Rule("SWITCH YOU? ME THROUGH?", before="^$|CUE", after="END"),
    Rule("CHAT LINK WHOEVER", before="OPEN|^_$"),
    Rule("WANT LINK CLEAR", after="END"),
    Rule("HARD? IT? ME SOMEONE REACH", before="WANT"),
    Rule("HELP OF WHOEVER", before="WANT"),
    Rule("REAL (TEAM|SUPPORT|HELP)", before="^$|WANT ARTICLE?$", after="END"),
    Rule("LINK (WHOEVER|ARTICLE? (TEAM|SUPPORT)) (SWITCH|SWITCHED BE)", before="OPEN"),
    Rule("GIVE YOU? ME (WHOEVER)", after="(?!STRANGE|LINK)"),
    Rule("GIVE YOU? (CLEAR|ARTICLE STAFF)", before="^$", after="END"),
    Rule("SOMEONE SHOULD ME REACH|SHOULD ME SOMEONE REACH"),
    Rule("BE THERE? SOMEONE THERE? ARTICLE ME? (HELP|_? _? SPEAK)", before="^$"),
    Rule("CAN I (CLEAR|ARTICLE PERSON|SOMEONE) HAVE"),
    Rule("(NEG|KEIN) _? LINK ARTICLE? (BOT|MACHINE) (_ _?)? SPEAK|KEIN OTHER FOR BOT", guarded=False),
    Rule("WANT I? ME? CLEAR", before="(?<!YOU)$", after="(?!STRANGE)"),
    Rule(
        "WANT I? (ARTICLE PERSON|SOMEONE)",
        before="(?<!YOU)$",
        after="END|_ PHONE|LINK _ I SPEAK|KEIN|ARTICLE (ME (ACT)|_{1,3} (HAVE|BE|CAN))",
    ),
    Rule("LINK CLEAR", before="WANT|CAN I|I CAN|LET", after="(?! _? (PAST|SWITCHED|SPEAK|SWITCH))"),
    Rule("FOR CLEAR SAID"),
    Rule(
        "CAN (ME|IT|SELF)* CLEAR _? (ACT)|CAN ME SOMEONE REACH|CAN (ME|IT|SELF)* (ARTICLE STAFF|SOMEONE OF ARTICLE? "
        "(TEAM|SUPPORT)) _? (ACT)",
        before="^$",
    ),
    Rule("(GIBT IT|(BE|WORK) THERE|GIBT) THERE? CLEAR", before="^$", after="END|THERE|LINK"),
    Rule("(GIBT IT|BE THERE|GIBT) THERE? (WHOEVER) HARD? LINK _ I"),
    Rule("BE CLEAR THERE", before="^$"),
    Rule(
        "(?<!SOFT)(?<!SOFT LINK)(ARTICLE (HUMAN|AGENT)|ARTICLE? REAL+ (HUMAN|PERSON|AGENT)|AGENT)",
        before="^LINK?$",
        after="[HARD SOFT THANKS]*$|(THAN|WITHOUT) ARTICLE? (BOT|MACHINE)|HARD? KEIN (BOT|MACHINE)",
    ),
    Rule("^[HARD SOFT]* ((ARTICLE? REAL{0,4} (HUMAN|AGENT|PERSON)) [HARD SOFT]*)+$"),
    Rule("WANT I? LINK? KEIN (MORE|REAL)? BOT", guarded=False),
    Rule("KEIN BOT MORE?", before="^$", after="END", guarded=False),
    Rule(
        "(NEG|KEIN) MORE? LINK (ARTICLE|KEIN)? (BOT|MACHINE) (_ _?)? SPEAK|LINK KEIN (BOT|MACHINE) (_ _?)? SPEAK",
        guarded=False,
    ),
    Rule("ENOUGH (LINK|OF|FOR|ARTICLE|IT)* BOT", after="END", guarded=False),
    Rule("CALLBACK (THROUGH|OF) WHOEVER", before="^(I FOR?)?$|WANT|FOR$"),
    Rule("NEG LINK ARTICLE? (BOT|MACHINE)", before="^I?$", after="END", guarded=False),
    Rule("(MUST|SHOULD) CLEAR _{0,2} (ACT|SPEAK)|CLEAR (MUST|SHOULD) _{0,3} (ACT|SPEAK)"),
    Rule("HOW HAVE I CLEAR"),
    Rule("(?<!SOFT)SOMEONE OF ARTICLE? (TEAM|SUPPORT)|(?<!SOFT)(SUPPORT|TEAM)+ AGENT", before="^$", after="END"),
    Rule("SWITCH", before="^$", after="[HARD SOFT THANKS]*$"),
    Rule("WANT FOR CLEAR", before="^I?$"),
    Rule("HAVE (YOU|ARTICLE)? (REAL+ (HUMAN|AGENT|PERSON|STAFF)|ARTICLE AGENT)", before="^$", after="END|FOR ME"),
    Rule("KONTAKT LINK (CLEAR|ARTICLE STAFF|SOMEONE)", before="^(I _)? FOR?$", after="END"),
    Rule("BE THERE? (SOMEONE OF ARTICLE? (TEAM|SUPPORT))", before="^$"),
    Rule("HOW (REACH|HAVE|CAN) I (CLEAR|ARTICLE STAFF)"),
    Rule("BE THERE? SOMEONE THERE", before="^$", after="END"),
]

NEVER_BEFORE = [
    "(?<!CAN)(?<!CAN I)(?<!I CAN) NEG MORE? LINK?$",
    "KEIN$",
    "WITHOUT [^ I WANT CAN ]*$",
    "MUST I [^ CAN ]*$",
    "(AGENT|STAFF|IT|YOU|PERSON) (HAVE|ME)* (TOLD|SAID)",
    "IF (I|YOU)$",
]

GERMAN = Language(
    code="de",
    classes=CLASSES,
    macros=MACROS,
    triggers="HUMAN PERSON AGENT STAFF SOMEONE BOT MACHINE TEAM SUPPORT SWITCH REAL",
    rules=RULES,
    never_before=NEVER_BEFORE,
    never_after=["NEG|BOT|MACHINE"],
    small="LINK ARTICLE",
    mended="SPEAK HUMAN PERSON AGENT STAFF SOMEONE SWEAR DROP CAN WANT HELP REACH SWITCH SWITCHED REAL TEAM "
    "SUPPORT BOT MACHINE LOOK",
    glue="mit ich einem einen",
    real_words="seite seiten zeit zeiten weite leise leisten leihen stille rechte rechten achten achte bitter mitte "
    "biete bieten heute einfache direkte schnelle wirkliche rechner compute teams supper leitung leitungen ware waren "
    "kaufen werde werden boot boots regen testen sprachen sprecher beraten unterhaltung unterhalt lied personal "
    "argent erden albern",
)
