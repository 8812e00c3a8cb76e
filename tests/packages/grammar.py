"""Aligned sentences in English, French, German and Spanish from a grammar of the project's own; pure Python, always the same.

A meaning is drawn once and put into words by each language: articles, gender, number, case, tense, negation, dates, figures,
places, names, quotations. `held_out` gives sentences that no package here was trained on, `training` those that they were.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TypeVar

LANGUAGES = ("en", "fr", "de", "es")

HELD_OUT = 500  # Sentences a pair: one sentence is 0.2 percentage points, and upstream translates them in a few seconds.
TRAINING = 16_000  # Half as many served fr_en as well: 96.6 % of the held-out sentences against 96.4 %.

Entry = dict[str, tuple[str, ...]]  # The words of one thing, by language.
Aligned = dict[str, str]  # One sentence, by language.
T = TypeVar("T")


def held_out(pair: str) -> list[tuple[str, str]]:
    """The 500 sentences and their translations that were kept from training; pair as in a package's name, such as `fr_en`."""
    return _sides(pair, slice(0, HELD_OUT))


def training(pair: str) -> list[tuple[str, str]]:
    """The sentences and their translations for training; in no language does one of them occur among the held-out."""
    return _sides(pair, slice(HELD_OUT, HELD_OUT + TRAINING))


def _sides(pair: str, part: slice) -> list[tuple[str, str]]:
    source, target = pair.split("_")
    return [(sentence[source], sentence[target]) for sentence in _corpus(part.stop)[part]]


@cache
def _corpus(size: int) -> Sequence[Aligned]:
    """The first sentences of the one sequence; each differs from all before it in every language."""
    random = Random(1)  # noqa: S311 - a seeded generator is the point
    sentences: list[Aligned] = []
    seen: set[tuple[str, str]] = set()
    while len(sentences) < size:
        sentence = _sentence(random)
        if seen.isdisjoint(sentence.items()):
            seen.update(sentence.items())
            sentences.append(sentence)
    return sentences


# Words


def _entries(table: str) -> list[Entry]:
    """One entry a line, languages divided by bars, forms by spaces; an underscore is a space within a form."""
    rows = [line.split("|") for line in table.strip().splitlines()]
    return [{code: _forms(cell) for code, cell in zip(LANGUAGES, row, strict=True)} for row in rows]


def _forms(cell: str) -> tuple[str, ...]:
    return tuple(form.replace("_", " ") for form in cell.split())


# Singular, plural, gender (none in English).
THINGS = _entries("""
house houses | maison maisons f | Haus Häuser n | casa casas f
letter letters | lettre lettres f | Brief Briefe m | carta cartas f
book books | livre livres m | Buch Bücher n | libro libros m
car cars | voiture voitures f | Wagen Wagen m | coche coches m
lamp lamps | lampe lampes f | Lampe Lampen f | lámpara lámparas f
table tables | table tables f | Tisch Tische m | mesa mesas f
boat boats | bateau bateaux m | Boot Boote n | barco barcos m
box boxes | boîte boîtes f | Kiste Kisten f | caja cajas f
garden gardens | jardin jardins m | Garten Gärten m | jardín jardines m
school schools | école écoles f | Schule Schulen f | escuela escuelas f
clock clocks | horloge horloges f | Uhr Uhren f | reloj relojes m
bridge bridges | pont ponts m | Brücke Brücken f | puente puentes m
knife knives | couteau couteaux m | Messer Messer n | cuchillo cuchillos m
picture pictures | tableau tableaux m | Bild Bilder n | cuadro cuadros m
key keys | clé clés f | Schlüssel Schlüssel m | llave llaves f
umbrella umbrellas | parapluie parapluies m | Schirm Schirme m | paraguas paraguas m
""")

PEOPLE = _entries("""
mayor mayors | maire maires m | Bürgermeister Bürgermeister m | alcalde alcaldes m
baker bakers | boulanger boulangers m | Bäcker Bäcker m | panadero panaderos m
actress actresses | actrice actrices f | Schauspielerin Schauspielerinnen f | actriz actrices f
queen queens | reine reines f | Königin Königinnen f | reina reinas f
nurse nurses | infirmière infirmières f | Pflegerin Pflegerinnen f | enfermera enfermeras f
girl girls | fille filles f | Mädchen Mädchen n | niña niñas f
farmer farmers | fermier fermiers m | Bauer Bauern m | granjero granjeros m
writer writers | écrivain écrivains m | Schriftsteller Schriftsteller m | escritor escritores m
""")

# French: masculine and feminine, their plurals, and on which side of the noun; German: the stem; Spanish as French, always after.
ADJECTIVES = _entries("""
small | petit petite petits petites before | klein | pequeño pequeña pequeños pequeñas
big | grand grande grands grandes before | groß | grande grande grandes grandes
red | rouge rouge rouges rouges after | rot | rojo roja rojos rojas
green | vert verte verts vertes after | grün | verde verde verdes verdes
black | noir noire noirs noires after | schwarz | negro negra negros negras
white | blanc blanche blancs blanches after | weiß | blanco blanca blancos blancas
heavy | lourd lourde lourds lourdes after | schwer | pesado pesada pesados pesadas
modern | moderne moderne modernes modernes after | modern | moderno moderna modernos modernas
""")

# English: infinitive, present, past. French and Spanish: singular and plural of each tense, in the order `PRESENT, PAST, FUTURE`.
# German: singular and plural of the present, participle, infinitive.
VERBS = _entries("""
see sees saw | voit voient a_vu ont_vu verra verront | sieht sehen gesehen sehen | ve ven vio vieron verá verán
find finds found | trouve trouvent a_trouvé ont_trouvé trouvera trouveront | findet finden gefunden finden \
| encuentra encuentran encontró encontraron encontrará encontrarán
sell sells sold | vend vendent a_vendu ont_vendu vendra vendront | verkauft verkaufen verkauft verkaufen \
| vende venden vendió vendieron venderá venderán
buy buys bought | achète achètent a_acheté ont_acheté achètera achèteront | kauft kaufen gekauft kaufen \
| compra compran compró compraron comprará comprarán
paint paints painted | peint peignent a_peint ont_peint peindra peindront | malt malen gemalt malen \
| pinta pintan pintó pintaron pintará pintarán
lose loses lost | perd perdent a_perdu ont_perdu perdra perdront | verliert verlieren verloren verlieren \
| pierde pierden perdió perdieron perderá perderán
repair repairs repaired | répare réparent a_réparé ont_réparé réparera répareront | repariert reparieren repariert reparieren \
| repara reparan reparó repararon reparará repararán
show shows showed | montre montrent a_montré ont_montré montrera montreront | zeigt zeigen gezeigt zeigen \
| muestra muestran mostró mostraron mostrará mostrarán
choose chooses chose | choisit choisissent a_choisi ont_choisi choisira choisiront | wählt wählen gewählt wählen \
| elige eligen eligió eligieron elegirá elegirán
""")

# Singular and plural of each tense.
TO_BE = _entries("""
is are was were will_be will_be | est sont était étaient sera seront | ist sind war waren wird werden | es son era eran será serán
""")[0]

PRONOUNS = _entries("""
he | il | er | él
she | elle | sie | ella
they | ils | sie | ellos
""")
THEY = PRONOUNS[2]

# With what "né" takes in French.
FIRST_NAMES = {"Nora": "e", "Clara": "e", "Laura": "e", "Anna": "e", "Hugo": "", "Paul": "", "David": "", "Victor": ""}
LAST_NAMES = ("Keller", "Moreau", "Santos", "Miller", "Lambert", "Romero")

PLACES = _entries("""
in_Lyon | à_Lyon | in_Lyon | en_Lyon
in_Vienna | à_Vienne | in_Wien | en_Viena
in_London | à_Londres | in_London | en_Londres
in_Geneva | à_Genève | in_Genf | en_Ginebra
in_Rome | à_Rome | in_Rom | en_Roma
in_Spain | en_Espagne | in_Spanien | en_España
in_Germany | en_Allemagne | in_Deutschland | en_Alemania
in_the_city | dans_la_ville | in_der_Stadt | en_la_ciudad
in_the_village | dans_le_village | im_Dorf | en_el_pueblo
in_the_kitchen | dans_la_cuisine | in_der_Küche | en_la_cocina
""")
CITIES = PLACES[:5]

GOODS = _entries("""
bread | du_pain | Brot | del_pan
sugar | du_sucre | Zucker | del_azúcar
milk | du_lait | Milch | de_la_leche
wood | du_bois | Holz | de_la_madera
water | de_l'eau | Wasser | del_agua
""")

# Rose and fell.
MOVES = _entries("""
rose | a_augmenté | gestiegen | subió
fell | a_baissé | gefallen | bajó
""")

MONTHS = _entries("""
January | janvier | Januar | enero
February | février | Februar | febrero
March | mars | März | marzo
April | avril | April | abril
May | mai | Mai | mayo
June | juin | Juni | junio
July | juillet | Juli | julio
August | août | August | agosto
September | septembre | September | septiembre
October | octobre | Oktober | octubre
November | novembre | November | noviembre
December | décembre | Dezember | diciembre
""")

PRESENT, PAST, FUTURE = range(3)
TIMES = {
    PRESENT: _entries("""
today | aujourd'hui | heute | hoy
every_day | chaque_jour | jeden_Tag | cada_día
"""),
    PAST: _entries("""
yesterday | hier | gestern | ayer
last_week | la_semaine_dernière | letzte_Woche | la_semana_pasada
"""),
    FUTURE: _entries("""
tomorrow | demain | morgen | mañana
next_year | l'année_prochaine | nächstes_Jahr | el_próximo_año
"""),
}

# Meanings


@dataclass(frozen=True)
class Phrase:
    """A noun with article "the" or "a", or with a figure (then plural)."""

    noun: Entry
    article: str
    plural: bool
    adjective: Entry | None = None


@dataclass(frozen=True)
class Subject:
    """What a sentence speaks of: its words by language, and its number."""

    words: Aligned
    plural: bool


@dataclass(frozen=True)
class Clause:
    """Who does, did or will do what, or not; when and where are empty strings if not said."""

    subject: Subject
    verb: Entry
    tense: int
    negated: bool
    objects: Sequence[Phrase]
    time: Aligned
    place: Aligned


def _sentence(random: Random) -> Aligned:
    """A sentence of any kind; the kinds stand in proportion."""
    kinds: list[tuple[Callable[[Random], Aligned], int]] = [
        (_deed, 60), (_state, 10), (_stock, 8), (_cost, 6), (_price, 6), (_birth, 6), (_speech, 8)
    ]  # fmt: skip
    kind = random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
    return {code: text[0].upper() + text[1:] + "." for code, text in kind(random).items()}


def _deed(random: Random, *, dated: bool = True) -> Aligned:
    tense, negated = random.randrange(3), random.random() < 0.25
    objects = [_object(random, negated)]
    if not negated and random.random() < 0.2:
        objects.append(_object(random, negated))
    time = _time(random, tense) if dated and random.random() < 0.5 else dict.fromkeys(LANGUAGES, "")
    place = _first(random.choice(PLACES)) if random.random() < 0.35 else dict.fromkeys(LANGUAGES, "")
    clause = Clause(_subject(random), random.choice(VERBS), tense, negated, objects, time, place)
    return {"en": _clause_en(clause), "fr": _clause_fr(clause), "de": _clause_de(clause), "es": _clause_es(clause)}


def _state(random: Random) -> Aligned:
    """The door is red."""
    phrase, adjective = Phrase(random.choice(THINGS), "the", random.random() < 0.4), random.choice(ADJECTIVES)
    tense, negated = random.randrange(3), random.random() < 0.3
    be = {code: forms[2 * tense + phrase.plural] for code, forms in TO_BE.items()}
    first, _, rest = be["en"].partition(" ")
    return {
        "en": _join(_phrase_en(phrase), first, negated and "not", rest, adjective["en"][0]),
        "fr": _join(_phrase_fr(phrase), _negated_fr(be["fr"]) if negated else be["fr"], _agreed(adjective, phrase, "fr")),
        "de": _join(
            _phrase_de(phrase, "nominative"), be["de"], negated and "nicht", adjective["de"][0], tense == FUTURE and "sein"
        ),
        "es": _join(_phrase_es(phrase), negated and "no", be["es"], _agreed(adjective, phrase, "es")),
    }


def _stock(random: Random) -> Aligned:
    """There are 12 keys in the kitchen."""
    phrase, place = _counted(random), _first(random.choice(PLACES))
    return {
        "en": _join("there are", _phrase_en(phrase), place["en"]),
        "fr": _join("il y a", _phrase_fr(phrase), place["fr"]),
        "de": _join("es gibt", _phrase_de(phrase, "accusative"), place["de"]),
        "es": _join("hay", _phrase_es(phrase), place["es"]),
    }


def _cost(random: Random) -> Aligned:
    """The house cost 1,250 euros."""
    phrase = Phrase(random.choice(THINGS), "the", random.random() < 0.3, _perhaps(random, ADJECTIVES))
    english = f"{random.randint(2, 9999):,}"
    german = english.replace(",", ".")
    many = phrase.plural
    return {
        "en": _join(_phrase_en(phrase), "cost", english, "euros"),
        "fr": _join(_phrase_fr(phrase), "ont coûté" if many else "a coûté", english.replace(",", " "), "euros"),
        "de": _join(_phrase_de(phrase, "nominative"), "haben" if many else "hat", german, "Euro gekostet"),
        "es": _join(_phrase_es(phrase), "costaron" if many else "costó", german, "euros"),
    }


def _price(random: Random) -> Aligned:
    """The price of bread rose by 3.5% in 1987."""
    goods, move, year = _first(random.choice(GOODS)), _first(random.choice(MOVES)), _year(random, PAST)
    english = f"{random.randint(0, 29)}.{random.randint(1, 9)}"
    rate = english.replace(".", ",")
    return {
        "en": f"the price of {goods['en']} {move['en']} by {english}% in {year}",
        "fr": f"le prix {goods['fr']} {move['fr']} de {rate} % en {year}",
        "de": f"der Preis für {goods['de']} ist {year} um {rate} % {move['de']}",
        "es": f"el precio {goods['es']} {move['es']} un {rate} % en {year}",
    }


def _birth(random: Random) -> Aligned:
    """Nora Keller was born in Lyon on 12 March 1987."""
    name, city, date = _name(random), _first(random.choice(CITIES)), _date(random, PAST)
    ending = FIRST_NAMES[name.split()[0]]
    return {
        "en": f"{name} was born {city['en']} {date['en']}",
        "fr": f"{name} est né{ending} {city['fr']} {date['fr']}",
        "de": f"{name} wurde {date['de']} {city['de']} geboren",
        "es": f"{name} nació {city['es']} {date['es']}",
    }


def _speech(random: Random) -> Aligned:
    """Nora Keller said: "The letter is red". English marks are straight, the only ones that Moses puts back as they were."""
    name = _name(random)
    said = _state(random) if random.random() < 0.5 else _deed(random, dated=False)
    words = {code: text[0].upper() + text[1:] for code, text in said.items()}
    return {
        "en": f'{name} said: "{words["en"]}"',
        "fr": f"{name} a dit : « {words['fr']} »",
        "de": f"{name} hat gesagt: „{words['de']}“",
        "es": f"{name} dijo: «{words['es']}»",
    }


def _subject(random: Random) -> Subject:
    """A name, a pronoun or a noun."""
    draw = random.random()
    if draw < 0.25:
        return Subject(dict.fromkeys(LANGUAGES, _name(random)), plural=False)
    if draw < 0.4:
        pronoun = random.choice(PRONOUNS)
        return Subject(_first(pronoun), pronoun is THEY)
    phrase = Phrase(random.choice(PEOPLE), "the", random.random() < 0.3)
    nominative = _phrase_de(phrase, "nominative")
    return Subject({"en": _phrase_en(phrase), "fr": _phrase_fr(phrase), "de": nominative, "es": _phrase_es(phrase)}, phrase.plural)


def _object(random: Random, negated: bool) -> Phrase:
    """Only definite under negation: French and German would say "no house" where English says "not a house"."""
    draw = random.random()
    if negated or draw < 0.5:
        return Phrase(random.choice(THINGS), "the", random.random() < 0.3, _perhaps(random, ADJECTIVES))
    if draw < 0.75:
        return Phrase(random.choice(THINGS), "a", plural=False, adjective=_perhaps(random, ADJECTIVES))
    return _counted(random)


def _counted(random: Random) -> Phrase:
    return Phrase(random.choice(THINGS), str(random.randint(2, 999)), plural=True, adjective=_perhaps(random, ADJECTIVES))


def _time(random: Random, tense: int) -> Aligned:
    """A word for the time, or a date or a year if the tense is not the present."""
    draw = random.random()
    if tense == PRESENT or draw < 0.5:
        return _first(random.choice(TIMES[tense]))
    if draw < 0.75:
        return _date(random, tense)
    year = _year(random, tense)
    return {"en": f"in {year}", "fr": f"en {year}", "de": f"im Jahr {year}", "es": f"en {year}"}


def _date(random: Random, tense: int) -> Aligned:
    day, month, year = random.randint(2, 28), _first(random.choice(MONTHS)), _year(random, tense)
    return {
        "en": f"on {day} {month['en']} {year}",
        "fr": f"le {day} {month['fr']} {year}",
        "de": f"am {day}. {month['de']} {year}",
        "es": f"el {day} de {month['es']} de {year}",
    }


def _year(random: Random, tense: int) -> int:
    return random.randint(1950, 2019) if tense == PAST else random.randint(2030, 2069)


def _name(random: Random) -> str:
    return f"{random.choice(list(FIRST_NAMES))} {random.choice(LAST_NAMES)}"


def _perhaps(random: Random, choices: Sequence[T]) -> T | None:
    return random.choice(choices) if random.random() < 0.4 else None


def _first(entry: Entry) -> Aligned:
    return {code: forms[0] for code, forms in entry.items()}


def _bare(phrase: Phrase, code: str, ending: str = "") -> str:
    """The adjective of a phrase, if it has one, with an ending."""
    return phrase.adjective[code][0] + ending if phrase.adjective else ""


def _join(*parts: str | bool) -> str:
    return " ".join(part for part in parts if isinstance(part, str) and part)


# English


def _phrase_en(phrase: Phrase) -> str:
    rest = _join(_bare(phrase, "en"), phrase.noun["en"][phrase.plural])
    article = "an" if phrase.article == "a" and rest[0] in "aeiou" else phrase.article
    return f"{article} {rest}"


def _clause_en(clause: Clause) -> str:
    infinitive, third, past = clause.verb["en"]
    do = "do" if clause.subject.plural else "does"
    positive = (infinitive if clause.subject.plural else third, past, f"will {infinitive}")
    negative = (f"{do} not {infinitive}", f"did not {infinitive}", f"will not {infinitive}")
    verb = (negative if clause.negated else positive)[clause.tense]
    objects = " and ".join(map(_phrase_en, clause.objects))
    return _join(clause.time["en"] and clause.time["en"] + ",", clause.subject.words["en"], verb, objects, clause.place["en"])


# French


def _phrase_fr(phrase: Phrase) -> str:
    noun, gender = phrase.noun["fr"][phrase.plural], phrase.noun["fr"][2]
    adjective = _agreed(phrase.adjective, phrase, "fr")
    before = phrase.adjective is not None and phrase.adjective["fr"][4] == "before"
    rest = _join(before and adjective, noun, not before and adjective)
    if phrase.article == "the":
        return f"les {rest}" if phrase.plural else _elided("le" if gender == "m" else "la", rest)
    return f"{({'m': 'un', 'f': 'une'}[gender]) if phrase.article == 'a' else phrase.article} {rest}"


def _elided(word: str, rest: str) -> str:
    return f"{word[:-1]}'{rest}" if rest[0] in "aeiouéêh" else f"{word} {rest}"


def _negated_fr(verb: str) -> str:
    """Around the conjugated verb, the first word."""
    conjugated, _, participle = verb.partition(" ")
    return _join(_elided("ne", conjugated), "pas", participle)


def _agreed(adjective: Entry | None, phrase: Phrase, code: str) -> str:
    """The form of a French or Spanish adjective, if there is one, for its noun's gender and number."""
    return "" if adjective is None else adjective[code][2 * phrase.plural + (phrase.noun[code][2] == "f")]


def _clause_fr(clause: Clause) -> str:
    verb = clause.verb["fr"][2 * clause.tense + clause.subject.plural]
    objects = " et ".join(map(_phrase_fr, clause.objects))
    time, subject = clause.time["fr"], clause.subject.words["fr"]
    return _join(time and time + ",", subject, _negated_fr(verb) if clause.negated else verb, objects, clause.place["fr"])


# German

# Article and adjective ending by article, case and gender (p: plural).
_DECLENSION = {
    ("the", "nominative"): {"m": ("der", "e"), "f": ("die", "e"), "n": ("das", "e"), "p": ("die", "en")},
    ("the", "accusative"): {"m": ("den", "en"), "f": ("die", "e"), "n": ("das", "e"), "p": ("die", "en")},
    ("a", "accusative"): {"m": ("einen", "en"), "f": ("eine", "e"), "n": ("ein", "es")},
}


def _phrase_de(phrase: Phrase, case: str) -> str:
    gender = "p" if phrase.plural else phrase.noun["de"][2]
    if phrase.article in {"the", "a"}:
        article, ending = _DECLENSION[phrase.article, case][gender]
    else:
        article, ending = phrase.article, "e"
    return _join(article, _bare(phrase, "de", ending), phrase.noun["de"][phrase.plural])


def _clause_de(clause: Clause) -> str:
    """The conjugated verb in second place, after the time if there is one; its other part at the end."""
    singular, plural, participle, infinitive = clause.verb["de"]
    many = clause.subject.plural
    conjugated = (plural if many else singular, "haben" if many else "hat", "werden" if many else "wird")[clause.tense]
    last = ("", participle, infinitive)[clause.tense]
    time, subject = clause.time["de"], clause.subject.words["de"]
    objects = " und ".join(_phrase_de(phrase, "accusative") for phrase in clause.objects)
    start = (time, conjugated, subject) if time else (subject, conjugated)
    return _join(*start, objects, clause.negated and "nicht", clause.place["de"], last)


# Spanish


def _phrase_es(phrase: Phrase) -> str:
    gender = phrase.noun["es"][2]
    the = {"m": ("el", "los"), "f": ("la", "las")}[gender][phrase.plural]
    article = {"the": the, "a": {"m": "un", "f": "una"}[gender]}.get(phrase.article, phrase.article)
    return _join(article, phrase.noun["es"][phrase.plural], _agreed(phrase.adjective, phrase, "es"))


def _clause_es(clause: Clause) -> str:
    verb = clause.verb["es"][2 * clause.tense + clause.subject.plural]
    objects = " y ".join(map(_phrase_es, clause.objects))
    time, subject = clause.time["es"], clause.subject.words["es"]
    return _join(time and time + ",", subject, clause.negated and "no", verb, objects, clause.place["es"])
