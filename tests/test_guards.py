"""Guards: what each objects to, and what it must let pass."""

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.guards import objections

SCHEMA = {"source": pl.String, "text": pl.String, "back": pl.String, "score": pl.Float64}

MILLION = 1_000_000


def objection(source: str, text: str, back: str, target: str = "en", score: float | None = None) -> str | None:
    rows = pl.DataFrame([(source, text, back, score)], schema=SCHEMA, orient="row")
    return objections(rows, target)[0]


def test_answers_without_rows_have_no_objections() -> None:
    found = objections(pl.DataFrame(schema=SCHEMA), "en")
    assert (found.dtype, len(found)) == (pl.String, 0)


def test_objections_come_in_the_order_of_the_rows() -> None:
    rows = pl.DataFrame(
        [("fr", "Il pleut.", "…", None), ("fr", "Il pleut.", "It rains.", None), ("de", "Es regnet.", "It rains.", -3.0)],
        schema=SCHEMA,
        orient="row",
    )
    assert objections(rows, "en").to_list() == [
        "gave nothing to read",
        None,
        "its model was unsure: mean log-probability -3.0 a token",
    ]


@pytest.mark.parametrize(
    ("source", "text", "back"),
    [("fr", "Bonjour à tous.", ""), ("zh", "你好。", "。"), ("ru", "Привет!", "😀"), ("ar", "مرحبا", " \n"), ("de", "12", "-")],
)
def test_a_translation_without_letters_or_digits_is_nothing_to_read(source: str, text: str, back: str) -> None:
    assert objection(source, text, back) == "gave nothing to read"


@pytest.mark.parametrize(("text", "back"), [("", ""), ("…", "…"), ("😀 !", "😀!"), ("\x00\x07", "\x00")])
def test_a_text_without_letters_needs_none_in_its_translation(text: str, back: str) -> None:
    assert objection("fr", text, back) is None


@pytest.mark.parametrize(
    ("source", "text", "back", "target", "reason"),
    [
        ("fr", "La mer est calme.", "The sea of the sea of the sea of the sea of", "en", 'repeats "The sea of" 4 times'),
        ("de", "Das Boot ist weg.", "The boat smaedededededed.", "en", 'repeats "ed" 6 times'),
        ("es", "Una emisora popular.", "A mainstreammainstream station.", "en", 'repeats "mainstream" 2 times'),
        ("ru", "Предварительный отбор идёт.", "The pre-pre-pre-pre-selection is on.", "en", 'repeats "pre" 4 times'),
        (
            "ja",
            "祭りは春に行われます。",
            "The festival is held in the spring in the spring.",
            "en",
            'repeats "in the spring" 2 times',
        ),
        ("hi", "मुझे नहीं पता कि वह कब आएगा।", "I know. I know. I know.", "en", 'repeats "I know." 3 times'),
        ("en", "The dog sleeps in the garden.", "狗在花园里在花园里在花园里在花园里睡觉。", "zh", 'repeats "在花园里" 4 times'),
        ("en", "The cat is very tired.", "Le chat chat chat chat est fatigué.", "fr", 'repeats "chat" 4 times'),
        ("tr", "Kitabı okudum.", "I read the book &quot;book&quot; book book.", "en", 'repeats "book" 4 times'),
    ],
)
def test_a_loop_is_shown(source: str, text: str, back: str, target: str, reason: str) -> None:
    assert objection(source, text, back, target) == reason


@pytest.mark.parametrize(
    ("source", "text", "back", "target"),
    [
        ("fr", "Non, non, non, je ne veux pas !", "No, no, no, I don't want to!", "en"),
        ("es", "No, no, no quiero.", "No, no, I don't want to.", "en"),
        ("zh", "非常非常非常好吃。", "Very, very, very tasty.", "en"),
        ("ja", "はははは、面白い。", "Hahahaha, that's funny.", "en"),
        ("de", "Allmählich nähern wir uns der Küste.", "Little by little we are nearing the coast.", "en"),
        ("ru", "Он ждал, и ждал, и ждал.", "He waited, and waited, and waited.", "en"),
        ("fr", "Le prix : 10 10 10 20 20 20 30.", "The price: 10 10 10 20 20 20 30.", "en"),
        ("fr", "Il cherche la clé. La clé est sous le tapis.", "He looks for the key. The key is under the mat.", "en"),
        ("fr", "Nous vivons du pétrole, et le pétrole nous coûte cher.", "We live on the oil, and the oil costs us dearly.", "en"),
        ("fr", "Ils sont partis à Bora Bora.", "They left for Bora Bora.", "en"),
        ("el", "Ο αστρονόμος Άλαν Γουέλς (Alan Wells) το είδε.", "The astronomer Alan Wells (Alan Wells) saw it.", "en"),
        ("en", "Slowly, slowly he came back.", "慢慢地，慢慢地，他回来了。", "zh"),
        ("de", "Er sah die Welle &gt;&gt; und &gt;&gt; den Strand.", "He saw the wave &gt;&gt;&gt; and &gt;&gt; the beach.", "en"),
        ("fr", "Rame, rame, rame, petit matelot, rame.", "Row, row, row, little sailor, row.", "en"),
    ],
)
def test_repetition_of_the_source_is_no_loop(source: str, text: str, back: str, target: str) -> None:
    assert objection(source, text, back, target) is None


@pytest.mark.parametrize(
    ("source", "text", "target"),
    [
        ("fr", "La réunion aura lieu demain matin à la mairie du village.", "en"),
        ("de", "wir haben gestern den ganzen Tag im Garten gearbeitet", "en"),
        ("ru", "Собрание состоится завтра утром в здании школы.", "en"),
        ("zh", "明天上午我们在村里开会讨论这件事情。", "en"),
        ("en", "The meeting will take place tomorrow morning at the town hall.", "zh"),
        ("en", "The meeting will take place tomorrow morning at the town hall.", "fr"),
    ],
)
def test_the_source_itself_is_no_translation(source: str, text: str, target: str) -> None:
    assert objection(source, text, text, target) == "copies the source"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("fr", "Taxi"),
        ("de", "OK"),
        ("es", "Barack Obama"),
        ("ru", "NATO, UNESCO"),
        ("zh", "iPhone 15"),
        ("fr", "Restaurant Chez Jean-Paul"),
        ("it", "Leonardo da Vinci"),
        ("ja", "2024-05-12"),
        ("de", "ISO 9001"),
        ("fr", "https://www.exemple.fr/"),
        ("nl", "internet"),
    ],
)
def test_names_labels_and_numbers_may_be_copied(source: str, text: str) -> None:
    assert objection(source, text, text) is None


@pytest.mark.parametrize(
    ("source", "text", "back", "target", "reason"),
    [
        ("de", "Das Wetter ist heute schön.", "Погода сегодня очень хорошая.", "en", "is in Russian, not English"),
        (
            "fr",
            "Le chat dort sur le vieux canapé.",
            "El gato duerme en el viejo sofá de la casa.",
            "en",
            "is in Spanish, not English",
        ),
        ("en", "The cat sleeps on the sofa.", "The cat is sleeping on the old sofa.", "ru", "is in English, not Russian"),
    ],
)
def test_another_language_than_asked_is_named(source: str, text: str, back: str, target: str, reason: str) -> None:
    assert objection(source, text, back, target) == reason


@pytest.mark.parametrize(
    ("source", "text", "back", "target"),
    [
        ("fr", "Il dit : « Die Würde des Menschen ist unantastbar. »", 'He said: "Die Würde des Menschen ist unantastbar."', "en"),
        ("ru", "Слово «собака» значит собака.", "The word «собака» means dog.", "en"),
        ("it", "I villaggi sono Monterosso, Vernazza, Corniglia.", "The villages are Monterosso, Vernazza, Corniglia.", "en"),
        ("en", "We like the Universal Music Group.", "我们喜欢 Universal Music Group。", "zh"),
        ("en", "Tokyo Metropolis", "東京都", "ja"),
    ],
)
def test_foreign_names_and_quotations_are_no_other_language(source: str, text: str, back: str, target: str) -> None:
    assert objection(source, text, back, target) is None


def test_words_that_were_left_as_they_are_are_counted() -> None:
    text = "Vores gæster spiste morgenmad på vandrehjemmet og gik en tur i skovene."
    back = "Our gæster had breakfast at the vandrehjemmet and walked in the skovene."
    assert objection("da", text, back) == "leaves 3 words as they were: gæster, skovene, vandrehjemmet"


LONG = {
    "fr": "Les pompiers sont arrivés vers midi et ont aidé les habitants à quitter leurs maisons. La route est restée fermée.",
    "zh": "消防员中午前后赶到现场，帮助居民离开自己的房屋。这条公路一直封闭到第二天早上。",
    "ja": "消防隊は正午ごろに到着し、住民が家から避難するのを手伝いました。道路は翌朝まで閉鎖されていました。",
    "ru": "Пожарные прибыли около полудня и помогли жителям покинуть свои дома. Дорога оставалась закрытой до утра.",
    "ar": "وصل رجال الإطفاء قرابة الظهر وساعدوا السكان على مغادرة منازلهم. وظل الطريق مغلقاً حتى صباح اليوم التالي.",
    "ko": "소방대는 정오쯤 도착해 주민들이 집을 떠나는 것을 도왔습니다. 도로는 다음 날 아침까지 폐쇄되었습니다.",
}


@pytest.mark.parametrize("source", LONG)
def test_the_whole_of_a_text_has_its_usual_length(source: str) -> None:
    back = "The firefighters arrived around noon and helped the residents leave their homes. The road stayed closed until morning."
    assert objection(source, LONG[source], back) is None


@pytest.mark.parametrize("source", LONG)
def test_a_third_of_a_text_is_too_short(source: str) -> None:
    found = objection(source, LONG[source], "The firefighters came around noon.")
    assert found is not None
    assert found.endswith("times as long as it should be")


def test_a_translation_out_of_all_proportion_is_too_long() -> None:
    back = (
        "The firefighters arrived, and then a long story began that nobody in the village had ever told to anyone before that day."
    )
    found = objection("fr", "Les pompiers sont arrivés vers midi.", back)
    assert found is not None
    assert found.startswith("is 3.")


def test_a_lost_sentence_is_told_where_the_rest_is_short() -> None:
    text = "Der Kanal wurde einst gebaut und verbindet zwei Seen. Im Winter friert er zu, und die Kinder laufen Schlittschuh."
    found = objection("de", text, "In winter it freezes over, and the children go ice skating.")
    assert found is not None
    assert found.startswith(("has 1 of 2 sentences", "is 0."))


def test_short_texts_vary_in_length() -> None:
    assert objection("de", "Sehenswürdigkeiten", "Sights") is None
    assert objection("zh", "是的。", "Yes, that is right.") is None


@pytest.mark.parametrize(("score", "reason"), [(-2.1, "mean log-probability -2.1 a token"), (-0.9, None), (None, None)])
def test_a_model_that_was_unsure_is_quoted(score: float | None, reason: str | None) -> None:
    found = objection("fr", "Il pleut.", "It rains.", "en", score)
    assert found == (reason and f"its model was unsure: {reason}")


@pytest.mark.parametrize(
    ("source", "text", "back", "reason"),
    [
        ("fr", "Il y avait 8 500 personnes dans la rue.", "There were people in the street.", "lost 8 500"),
        ("de", "Das Haus kostet 3,75 Millionen Euro.", "The house costs several million euros.", "lost 3,75"),
        ("ar", "وصل ٣٩ طالباً إلى المدرسة.", "Many students came to the school.", "lost ٣٩"),
        ("zh", "这座桥建于1927年，非常有名。", "This bridge, built long ago, is very famous.", "lost 1927"),
        ("hi", "मेले में 4700 लोग आए थे।", "Many people had come to the fair.", "lost 4700"),
    ],
)
def test_a_lost_number_is_shown(source: str, text: str, back: str, reason: str) -> None:
    assert objection(source, text, back) == reason


@pytest.mark.parametrize(
    ("source", "text", "back"),
    [
        ("fr", "Il y avait 8 500 personnes à 19h30.", "There were 8,500 people at 7:30 p.m."),
        (
            "de",
            "Um 19:30 Uhr kamen zwölf von 25 Gästen.",
            "At half past seven, that is 7:30 pm, twelve of twenty-five guests came.",
        ),
        ("zh", "会议共有1.2万人参加，收入3.5亿元。", "The meeting drew 12,000 people and earned 350 million yuan."),
        ("hi", "१२ लाख लोग आए।", "1.2 million people came."),
        ("ar", "وُلد عام ١٩٨٤ في القاهرة.", "He was born in 1984 in Cairo."),
        ("fr", "Au XVIIIe siècle, la ville avait 20 tours.", "In the 18th century the city had twenty towers."),
        ("es", "El coche iba a más de 160 km/h.", "The car was going at over 100 mph."),
        ("zh", "它建于20世纪70年代。", "It was built in the 1970s."),
        ("ru", "Температура достигла 3,5 градуса.", "The temperature reached 3.5 degrees."),
        ("fr", "Il a 3 chats et 1 chien.", "He has cats and a dog."),
    ],
)
def test_a_number_in_another_form_is_not_lost(source: str, text: str, back: str) -> None:
    assert objection(source, text, back) is None


@pytest.mark.parametrize(
    ("text", "back", "reason"),
    [
        ("Écrivez à jean@exemple.fr.", "Write to Jean.", "lost jean@exemple.fr"),
        ("Voyez https://exemple.fr/a_b.", "See https://exemple.fr/a b.", "lost https://exemple.fr/a_b"),
        ("Voyez www.exemple.fr/x, merci.", "See the web site, thank you.", "lost www.exemple.fr/x"),
        ("Écrivez à Jean@Exemple.fr !", "Write to jean@exemple.fr!", None),
        ("Voyez (https://exemple.fr/a).", "See https://exemple.fr/a, please.", None),
    ],
)
def test_addresses_are_kept_as_they_are(text: str, back: str, reason: str | None) -> None:
    assert objection("fr", text, back) == reason


HUGE = {
    "one letter": ("a" * MILLION, "b" * MILLION),
    "one word": ("chat " * (MILLION // 5), "cat " * (MILLION // 4)),
    "a sentence": ("Le chat dort là. " * (MILLION // 17), "The cat sleeps there. " * (MILLION // 22)),
    "many doubles": ("x", " ".join(f"vvv{n} vvv{n} www{n} www{n}" for n in range(MILLION // 40))),
    "digits": ("1.2 " * (MILLION // 4), "9" * MILLION),
    "addresses": ("www.a.fr " * (MILLION // 9), "http://" * (MILLION // 7)),
    "brackets": ("x", '(a"“«「（' * (MILLION // 6)),
    "ideographs": ("狗" * MILLION, "犬 " * (MILLION // 2)),
    "long units": ("x", ("q" * (MILLION // 9) + " ") * 9),
    "marks": ("\u0301" * MILLION, "a\u0301" * (MILLION // 2)),
}


@pytest.mark.parametrize("case", HUGE)
def test_a_million_characters_take_seconds(case: str) -> None:
    text, back = HUGE[case]
    objection("fr", "a", "b")
    start = time.process_time()
    objection("fr", text, back)
    assert time.process_time() - start < 10


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["fr", "zh", "ar", "xx"]), st.text(), st.text()), max_size=4),
    st.sampled_from(["en", "zh", "eo"]),
)
def test_any_text_has_one_answer_always_the_same(rows: list[tuple[str, str, str]], target: str) -> None:
    answers = pl.DataFrame([(*row, None) for row in rows], schema=SCHEMA, orient="row")
    found = objections(answers, target)
    assert len(found) == len(rows)
    assert found.dtype == pl.String
    assert found.equals(objections(answers, target))
