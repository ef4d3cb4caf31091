"""The small words of four languages: they say which language a text is in, and nothing about its subject."""

from collections.abc import Iterable

STOPWORDS: dict[str, frozenset[str]] = {
    code: frozenset(listed.split())
    for code, listed in {
        "en": "a about after all also am an and any are as at be because been before being but by can cannot could did "
        "do does doing don for from get give got had has have having he her here hers him his how i if in into is "
        "it its just let like may me might mine more most much must my need no not of off on once only or other "
        "our out over please same shall she should so some such tell than that the their them then there these "
        "they this those through to too under until up us very want was we were what when where which while who "
        "whom whose why will with would you your yours ve ll re isn doesn didn won",
        "de": "aber alle als also am an ander auch auf aus bei bin bis bist bitte da damit dann das dass dein deine "
        "dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch du durch ein eine einem einen "
        "einer eines er es etwas euch euer fur gegen hab habe haben hat hatte hier ich ihm ihn ihnen ihr ihre im "
        "in ist ja jede jetzt kann kein keine konnen machen man mein meine mich mir mit muss nach nicht noch nun "
        "nur ob oder ohne sehr sein seine sich sie sind so soll uber um und uns unser unter viel vom von vor war "
        "waren warum was weil welche wenn wer werden wie wieder will wir wird wo wollen wurde zu zum zur",
        "fr": "a ai alors as au aucun aussi autre aux avec avez avoir avons bien c ce cela ces cet cette ceux chez "
        "comme comment d dans de des deux donc du elle elles en encore est et etaient etait etes etre eu fait "
        "faire faut il ils j je l la le les leur leurs lui m ma mais me meme mes moi mon n ne nos notre nous on "
        "ont ou par pas peu peut peux plus pour pourquoi puis puisje qu quand que quel quelle quels qui quoi s sa "
        "sans se ses si son sont suis sur t ta te tes toi ton tous tout tres tu un une veux vos votre vous y",
        "es": "a al algo algun alguna antes aqui asi aun bien cada como con cual cuando cuanto de del desde donde dos "
        "el ella ellas ellos en entre era eran eres es esa ese eso esta estaba estan estar este esto estoy fue ha "
        "han hay hasta hace hacer la las le les lo los mas me mi mis mucho muy nada ni no nos nosotros o os otra "
        "otro para pero poco por porque puede puedo que quien quiero se ser si sin sobre solo son soy su sus "
        "tambien te tener tengo ti tiene todo todos tu tus un una uno unos usted y ya yo",
    }.items()
}

_FILLERS = (
    "able anyone anything assist assistance assisting ask asking check checking find finding getting go going gonna "
    "gotta guys haven hello help helped helping hey hi id im info inform information know know let like look "
    "looking lot make making need needed needing ok okay pls plz possible problem problems question questions "
    "really see seeing show showing somebody someone something sorry tell telling thank thanks thing things think "
    "trying try u understand ur use using wanna ya yes "
    "brauche danke frage fragen gerne gibt guten hallo helfen hilfe info informationen liebe mochte sagen tag weiss "
    "wissen wurde "
    "aide aider besoin bonjour bonsoir connaitre merci question questions savoir svp voudrais "
    "ayuda ayudar buenas buenos dias favor gracias gustaria hola informacion necesito pregunta quisiera saber"
)
FILLERS = frozenset(_FILLERS.split())
"""Words of politeness and of asking: small in what they say, though not in what they are."""


def language_of(words: Iterable[str], default: str = "") -> str:
    """The code of the language most of the small words belong to; `default` when none does, or as many of another."""
    listed = list(words)
    counts = {code: sum(word in stopwords for word in listed) for code, stopwords in STOPWORDS.items()}
    best = max(counts, key=counts.__getitem__)
    leads = [code for code, count in counts.items() if count == counts[best]]
    return best if len(leads) == 1 and counts[best] else default
