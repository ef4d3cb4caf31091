"""How Spanish asks for a human; pronouns cling to its verbs ("páseme")."""

from actors.assistant.language.grammar import Language, Rule

CLASSES = {
    "DROP": "por favor porfavor porfa pf hola buenas ya ahora mismo urgente solo simplemente directamente "
    "inmediatamente realmente rapido tambien ok si bueno pues urgentemente tan vez mejor",
    "SWEAR": "puto puta pinche maldito maldita jodido joder mierda carajo cono",
    "I": "yo nosotros estoy",
    "ME": "me nos mi",
    "YOU": "usted ustedes te le se",
    "DET": "un una algun alguna unos su sus tu otro otra cualquier uno",
    "DEF": "el la los las al del",
    "MY": "mis",
    "OF": "de",
    "THAT": "que quien quienes",
    "CON": "con",
    "A": "a",
    "NEG": "no nunca tampoco",
    "MORE": "mas",
    "WANT": "quiero quisiera necesito deseo gustaria prefiero exijo solicito ocupo preferiria queria necesitamos "
    "queremos kiero requiero pido encantaria busco",
    "CAN": "puedo podria puede podemos pueden puedes podrian podrias pueda",
    "MUST": "tengo tenemos debo",
    "POSSIBLE": "posible forma manera intento intentando trato tratando opcion consigo logro",
    "HOW": "como donde",
    "HAVE": "tener obtener",
    "HELP": "ayuda asistencia ayudame ayudeme ayudar ayudenme",
    "LET": "dejame dejeme dejenme permitame permiteme",
    "SPEAK": "hablar ablar chatear conversar platicar comunicarme comunicarnos comunicarse dialogar charlar hablarle "
    "hablr tratar",
    "SPEAKING": "hablando chateando discutiendo",
    "REACH": "contactar contacto contactarme contactarnos contacta encuentro encontrar",
    "SWITCH": "pasar pasa pasas conectas pase pasan comunicar comunica comunique conectar conecta conecte transferir "
    "transfiere transfiera derivar deriva derive poner pone ponga transfieren redirigir pasaran comunicaran "
    "conectaran transfirieran pasen conecten comuniquen",
    "SWITCHME": "paseme pasame pasarme pasenme comuniqueme comunicame conecteme conectame conectarme transfierame "
    "transfiereme transferirme pongame ponme poneme derivame deriveme derivarme redirigeme redirijame "
    "enlaceme pasenos comuniquenme",
    "GIVEME": "dame deme denme traeme traigame consigueme consigame buscame busqueme mandame mandeme enviame "
    "envieme llameme llamame",
    "HUMAN": "humano humana humanos humanas",
    "BEING": "ser",
    "PERSON": "persona personas",
    "AGENT": "agente agentes asesor asesora asesores operador operadora operadores representante representantes "
    "ejecutivo ejecutiva supervisor supervisora teleoperador teleoperadora operario interlocutor "
    "interlocutora",
    "STAFF": "encargado encargada gerente empleado empleada jefe jefa responsable colega asistente especialista "
    "tecnico trabajador superior director directora dueno",
    "SOMEONE": "alguien",
    "REAL": "real reales verdad verdadera verdadero viva vivo fisica carne hueso competente",
    "TEAM": "soporte servicio atencion equipo",
    "CLIENT": "cliente clientes",
    "BOT": "bot bots chatbot chatbots robot robots",
    "MACHINE": "maquina maquinas ia computadora ordenador contestadora automata programa",
    "THERE": "ahi aqui alli disponible disponibles",
    "BE": "hay esta estan habra",
    "ENOUGH": "basta harto harta cansado cansada suficiente",
    "WITHOUT": "sin evitar antes lugar",
    "LOOK": "atienda atender ayude responda atiende conteste hable ayudarme atenderme atendiera atendieran "
    "atiendan ayuden hablen revisar revise ver resolver mirar ayudarnos responderme contestarme",
    "TOLD": "dijo dijeron prometio escribio aseguro",
    "IF": "cuando",
    "PARA": "para",
    "HARD": "pero porque sino aunque",
    "THANKS": "gracias",
    "CALLME": "llame llamar contacte llamarme llamara contactara llamen contacten llamarnos",
    "GIVES": "das da dan dar",
    "PHONE": "telefono linea",
    "TALKS": "hablo chateo",
    "NADA": "nada cero",
    "FALTA": "falta",
    "NINGUN": "ningun ninguna",
    "IN": "en",
    "TIENEN": "tienen tienes",
    "MEMBER": "miembro",
    "COMPLAIN": "quejarme",
    "SOFT": "y o",
}

MACROS = {
    "STRANGE": "OTHER|SCRAP",
    "END": "THANKS?$|HARD|SOFT",
    "LINK": "CON|A",
    "ART": "DET|DEF",
    "CLEAR": "(ART)? REAL? BEING? (HUMAN|AGENT) (HUMAN|OF? REAL)*|DET? (PERSON|STAFF|BEING) (HUMAN|OF? REAL)+|DET "
    "REAL PERSON|SOMEONE (OF? REAL|HUMAN)+",
    "WHOEVER": "CLEAR|DET MEMBER OF DET TEAM|(ART) STAFF|DET PERSON|SOMEONE",
    "CUE": "WANT|CAN|POSSIBLE|HOW|HELP|LET",
    "ACT": "LOOK|CALLME|HELP|REACH",
    "OPEN": "^(LINK|ME)?$|CUE",
}

RULES = [
    Rule("(SPEAK|REACH) LINK? WHOEVER|SPEAK LINK DET TEAM", before="OPEN"),
    Rule("SPEAK LINK WHOEVER", before="MUST THAT?$", after="END"),
    Rule("SWITCHME (IN PHONE)? LINK? (WHOEVER|DEF? TEAM)"),
    Rule("ME (CAN)? YOU? (SWITCH) LINK (WHOEVER|DEF? TEAM)"),
    Rule("(HELP) OF WHOEVER", before="WANT|CAN"),
    Rule("^[HARD SOFT]* LINK? DET PERSON", after="[HARD SOFT THANKS]*$"),
    Rule("CON CLEAR", before="WANT|CAN I?|LET|HELP"),
    Rule("(CAN|POSSIBLE|WANT) HAVE (CLEAR|DET PERSON)", before="^(I|NEG|_)?$"),
    Rule("THAT WHOEVER ME (LOOK|CALLME)", before="^$"),
    Rule("THAT ME CALLME", before="WANT", after="END"),
    Rule("SOMEONE (ME CAN|CAN ME?) CALLME|CAN SOMEONE CALLME", before="^$"),
    Rule("ME (CAN)? GIVES? LINK? (CLEAR|DET STAFF)", before="^YOU?$", after="END"),
    Rule("(ART)? (TEAM|HELP) HUMAN", before="^$|WANT$|CAN HAVE$"),
    Rule("CLEAR", before="^$", after="THAT ME? (ACT|CAN)"),
    Rule("GIVEME (OF _{1,2})? LINK? WHOEVER", after="(?!STRANGE)"),
    Rule("WANT LINK? CLEAR", after="(?!STRANGE)"),
    Rule("WANT LINK? (DET PERSON|SOMEONE)", after="END|HARD? NEG|LINK? THAT"),
    Rule("THAT ME (ACT) WHOEVER|WANT THAT WHOEVER ME ACT", before="WANT|^$"),
    Rule("BE CLEAR", before="^$", after="END|THERE|IN PHONE|LINK THAT"),
    Rule("NEG BE NINGUN? CLEAR THERE", before="^$", guarded=False),
    Rule("BE (WHOEVER) THERE? LINK DEF? THAT (CAN)? SPEAK"),
    Rule("LINK THAT CAN SPEAK"),
    Rule("LINK THAT CAN REACH", before="^$", after="END"),
    Rule("CAN ME? CLEAR (ACT)|ME CAN (ACT) (CLEAR|DET PERSON)|HELP HUMAN", before="^ME?$"),
    Rule(
        "(?<!SOFT)(?<!SOFT LINK)(ART)? REAL? BEING? (HUMAN|AGENT) (HUMAN|OF? REAL)*|DET PERSON (HUMAN|OF? REAL)+",
        before="^LINK?$",
        after="[HARD SOFT REAL THANKS]*$|HARD? NEG DET? (BOT|MACHINE)|THAT DET? (BOT|MACHINE)|IN _ (OF|DEF)* (BOT|"
        "MACHINE)",
    ),
    Rule(
        "NEG (WANT|MORE)+ DET? BOT|(ENOUGH|NEG) (OF|MORE|DEF|DET)* BOT",
        before="^(I|BE|SOFT)*$",
        after="END",
        guarded=False,
    ),
    Rule("(NEG (WANT|MORE)*|ENOUGH OF) _? (SPEAK|SPEAKING) LINK (ART)? (BOT|MACHINE)", guarded=False),
    Rule("A (CLEAR|SOMEONE) THAT ME CALLME"),
    Rule("SOMEONE (OF? REAL|HUMAN)+", before="^$", after="[HARD SOFT THANKS]*$"),
    Rule("CALLME LINK WHOEVER", before="OPEN"),
    Rule("WANT LINK? (DET STAFF|SOMEONE|DET PERSON)", after="END|DEF PHONE"),
    Rule("NEG TALKS CON (ART)? (BOT|MACHINE)|(NADA OF?|NINGUN) BOT", before="^I?$", guarded=False),
    Rule("ME _ FALTA LINK? (CLEAR|DET PERSON|DET STAFF)"),
    Rule("SWITCH _? LINK WHOEVER|TEAM REAL|CAN HAVE LINK? SOMEONE", before="^$", after="END"),
    Rule("TIENEN CLEAR", before="^$", after="END"),
    Rule("SOMEONE OF TEAM (_? CLIENT)?|(?<!SOFT)(ART) STAFF", before="^$", after="[HARD SOFT THANKS]*$"),
    Rule("CAN (CALLME|LOOK) (CLEAR|DET PERSON|DET STAFF)", before="^$"),
    Rule("WANT HAVE LINK? (DET PERSON|SOMEONE)", after="END|DEF PHONE"),
    Rule("BE SOMEONE OF TEAM", before="^$"),
    Rule("BE SOMEONE THERE", before="^$", after="END"),
]

NEVER_BEFORE = [
    "NEG _? WANT [^ CAN LET ]*$",
    "(?<!CAN) NEG (ME|YOU)*$",
    "WITHOUT (OF|THAT|MUST)*$",
    "(AGENT|STAFF|PERSON|TEAM|CLIENT|YOU|ME) (ME|HAVE)* TOLD",
    "^IF$",
    "SPEAK _ THAT$",
]

SPANISH = Language(
    code="es",
    classes=CLASSES,
    macros=MACROS,
    triggers="HUMAN PERSON AGENT STAFF SOMEONE BOT MACHINE TEAM CALLME SPEAK REACH",
    rules=RULES,
    never_before=NEVER_BEFORE,
    never_after=["BOT|MACHINE"],
    small="A DET DEF",
    mended="SPEAK SWITCH SWITCHME GIVEME HUMAN PERSON AGENT STAFF SOMEONE WANT CAN REACH REAL TEAM CLIENT BOT "
    "MACHINE LOOK CALLME HELP DROP POSSIBLE THANKS",
    glue="con un una a",
    real_words="pagar pagan pague paguen pagas pesan pesar pensar pasta pasto comer tener poder gente sabor llegar "
    "llamada llamadas regalos realizar manda clientela contrato formar formas boot boots habla hablas hablan hablo "
    "haber trata tratan charla pasaje perdona personal comunicado agencia hallar contratar comunicaron pasaron "
    "conectaron transfirieron",
)
