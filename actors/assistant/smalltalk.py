"""What visitors say that is no question: greetings, thanks, goodbyes, a nod; and whether they talk to a machine.

Only a message that is nothing else is answered here: "hi, where is my order?" is a question.
"""

from typing import NamedTuple

from actors.assistant.language.words import padded, words

FALLBACK = "en"
LONGEST = 8
"""Words; small talk is short."""

KINDS = ("thanks", "goodbye", "greeting", "nod")
"""In a message of several kinds ("ok, thanks, bye") the first of them is answered."""


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


class _Phrases(NamedTuple):
    said: dict[str, frozenset[str]]
    """The words that make a message one of KINDS."""
    padding: frozenset[str]
    """Words that may stand around them."""
    identity: tuple[str, ...]
    replies: dict[str, str]


_PHRASES: dict[str, _Phrases] = {
    "en": _Phrases(
        said={
            "greeting": _listed("hi hello hey hiya howdy greetings morning afternoon evening yo"),
            "thanks": _listed("thanks thank thx ty cheers appreciate appreciated perfect great awesome"),
            "goodbye": _listed("bye goodbye cya farewell"),
            "nod": _listed("ok okay k yes yeah yep no nope sure fine alright cool good nice"),
        },
        padding=_listed(
            "there everyone all team folks guys you u so very much a lot again for your the that s it is was dear sir "
            "madam today and oh well help helping me us bot assistant too really have day one now thats i"
        ),
        identity=(
            "are you a bot", "are you an ai", "are you a robot", "are you a machine", "are you human", "are you real",
            "are you a human", "are you a person", "are you a real", "am i talking to a", "am i speaking to a",
            "am i speaking with a", "am i chatting with a", "is this a bot", "is this a human", "is this a person",
            "is this a real person", "who are you", "what are you", "how are you",
        ),
        replies={
            "greeting": "Hello! What can I do for you?",
            "thanks": "You're welcome! Is there anything else I can do for you?",
            "goodbye": "Goodbye, and have a good day!",
            "nod": "Alright. Is there anything else you would like to know?",
            "identity": "I'm {bot}'s assistant, a machine. I answer from what is written down here.",
            "unknown": "I'm sorry, I don't know that. Could you put it another way?",
        },
    ),
    "de": _Phrases(
        said={
            "greeting": _listed("hallo moin servus guten gruss tach huhu hi hey"),
            "thanks": _listed("danke dankeschon dank perfekt super prima klasse"),
            "goodbye": _listed("tschuss tschuess wiedersehen ciao bye"),
            "nod": _listed("ja nein okay ok gut alles klar passt genau"),
        },
        padding=_listed(
            "zusammen ihnen dir euch vielen sehr lieben schonen schon noch tag morgen abend einen auch fur die das "
            "ist ihre deine hilfe auf und team"
        ),
        identity=(
            "bist du ein", "sind sie ein", "bist du echt", "wer bist du", "wer sind sie", "rede ich mit",
            "spreche ich mit", "ist das ein bot", "wie geht es",
        ),
        replies={
            "greeting": "Hallo! Was kann ich für Sie tun?",
            "thanks": "Gern geschehen! Kann ich sonst noch etwas für Sie tun?",
            "goodbye": "Auf Wiedersehen und einen schönen Tag!",
            "nod": "In Ordnung. Möchten Sie sonst noch etwas wissen?",
            "identity": "Ich bin der Assistent von {bot}, eine Maschine. Ich weiß, was hier geschrieben steht.",
            "unknown": "Das weiß ich leider nicht. Können Sie es anders formulieren?",
        },
    ),
    "fr": _Phrases(
        said={
            "greeting": _listed("bonjour bonsoir salut coucou"),
            "thanks": _listed("merci parfait genial super"),
            "goodbye": _listed("revoir adieu ciao"),
            "nod": _listed("oui non accord entendu ok"),
        },
        padding=_listed("beaucoup vous a tous toutes bien pour votre aide tres bonne journee au d et c est"),
        identity=(
            "es tu un", "etes vous un", "etes vous humain", "es tu humain", "qui es tu", "qui etes vous",
            "je parle a un", "vous etes un", "tu es un", "comment allez vous", "ca va",
        ),
        replies={
            "greeting": "Bonjour ! Que puis-je faire pour vous ?",
            "thanks": "Je vous en prie ! Puis-je faire autre chose pour vous ?",
            "goodbye": "Au revoir et bonne journée !",
            "nod": "Entendu. Souhaitez-vous savoir autre chose ?",
            "identity": "Je suis l'assistant de {bot}, une machine. Je réponds d'après ce qui est écrit ici.",
            "unknown": "Je suis désolé, je ne le sais pas. Pouvez-vous le dire autrement ?",
        },
    ),
    "es": _Phrases(
        said={
            "greeting": _listed("hola buenas buenos"),
            "thanks": _listed("gracias perfecto genial"),
            "goodbye": _listed("adios chao luego"),
            "nod": _listed("si no vale bueno ok claro acuerdo"),
        },
        padding=_listed("muchas mil a todos muy por tu su ayuda que tenga buen dia dias tardes noches hasta de y"),
        identity=(
            "eres un", "eres una", "eres humano", "es usted un", "quien eres", "estoy hablando con", "hablo con un",
            "como estas",
        ),
        replies={
            "greeting": "¡Hola! ¿En qué puedo ayudarle?",
            "thanks": "¡De nada! ¿Puedo hacer algo más por usted?",
            "goodbye": "¡Adiós y que tenga un buen día!",
            "nod": "De acuerdo. ¿Desea saber algo más?",
            "identity": "Soy el asistente de {bot}, una máquina. Respondo con lo que está escrito aquí.",
            "unknown": "Lo siento, no lo sé. ¿Puede decirlo de otra manera?",
        },
    ),
}  # fmt: skip


def small_talk(text: str, bot: str, language: str = "") -> str | None:
    """A friendly reply to a message that asks for nothing else; None for every other. `language` is tried first."""
    said = words(text)
    if not 0 < len(said) <= LONGEST:
        return None
    for code in sorted(_PHRASES, key=lambda code: code != language):
        kind = _kind(said, padded(text), _PHRASES[code])
        if kind:
            return _PHRASES[code].replies[kind].format(bot=bot)
    return None


def unknown(language: str) -> str:
    """That the assistant does not know, politely and in the visitor's language."""
    return _PHRASES.get(language, _PHRASES[FALLBACK]).replies["unknown"]


def _kind(said: list[str], text: str, phrases: _Phrases) -> str:
    if any(f" {identity} " in text for identity in phrases.identity):
        return "identity"
    kinds = {kind for kind, listed in phrases.said.items() for word in said if word in listed}
    familiar = phrases.padding.union(*phrases.said.values())
    if not all(word in familiar for word in said):
        return ""
    return next((kind for kind in KINDS if kind in kinds), "")
