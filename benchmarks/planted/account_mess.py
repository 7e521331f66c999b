# ruff: noqa: RUF001 - letters of other scripts are what this file is about
"""Invent names and account ids with two further kinds of irregularity; nobody is real.

`transliterated`: HR uses Cyrillic, Greek, Chinese or Arabic letters, and the account has any Latin
spelling. `renamed`: double names, married names, either order, initials, typing errors. Nothing
here uses the matcher's knowledge of names.
"""

from __future__ import annotations

import random

_LATIN_OF = {
    # Each syllable or letter in its usual Latin spellings.
    "cyrillic": {
        "а": "a", "б": "b", "в": "v|w", "г": "g", "д": "d", "е": "e|ye", "ё": "yo|e|io",
        "ж": "zh|j", "з": "z", "и": "i", "й": "y|i|j", "к": "k", "л": "l", "м": "m", "н": "n",
        "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u|ou", "ф": "f|ph",
        "х": "kh|h", "ц": "ts|tz|c", "ч": "ch|tch", "ш": "sh|sch", "щ": "shch|sch",
        "ъ": "", "ы": "y|i", "ь": "", "э": "e", "ю": "yu|iu|ju", "я": "ya|ia|ja",
    },
    "greek": {
        "α": "a", "β": "v|b", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i|e", "θ": "th",
        "ι": "i", "κ": "k|c", "λ": "l", "μ": "m", "ν": "n", "ξ": "x|ks", "ο": "o", "π": "p",
        "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y|i|u", "φ": "f|ph", "χ": "ch|h|kh",
        "ψ": "ps", "ω": "o", "ά": "a", "έ": "e", "ή": "i|e", "ί": "i", "ό": "o", "ύ": "y|i",
        "ώ": "o",
    },
}  # fmt: skip
_FIRSTS = {
    "cyrillic": "Алексей Юлия Сергей Наталья Дмитрий Екатерина Михаил Ксения Евгений Ольга "
    "Татьяна Владимир Анастасия Юрий Галина Жанна Павел Людмила Фёдор Арсений",
    "greek": "Γιώργος Ελένη Κωνσταντίνος Χρήστος Αικατερίνη Δημήτρης Σοφία Θεόδωρος Ξένια "
    "Παναγιώτης Βασιλική Φώτης Χριστίνα Νικόλαος",
}
# Stems and endings, so that most people have a unique full name.
_LASTS = {
    "cyrillic": (
        (
            "Щербак Жук Цветк Хрущ Юрь Чайк Шевч Яковл Бык Вороб Зайц Кузнец Лебед Мороз Новик "
            "Солов Тимоф Фёдор Харит Цыган Черныш Широк Ягуж Журавл Михайл Рыбак Коваль Понома "
            "Гончар Лис Дьяч Байк Сухорук Третьяк Ульян Добровол Бочкар Гусь Дрозд Ершов Игнат"
        ),
        "ов ев ин енко ский чук",
    ),
    "greek": (
        (
            "Παπαδ Οικονόμ Χατζηδ Γεωργ Αντων Κυριακ Ξανθ Βασιλ Θεοδωρ Μακρ Φωτ Ψαρρ Δημητρ "
            "Καραγιανν Ευθυμ Χριστοδ Λαμπρ Σταυρ Νικολ Τσακ Ζαφειρ Ηλι Μιχαηλ Σπυρ Θανασ Κωστ"
        ),
        "όπουλος ίδης άκης ίου έας",
    ),
}
# Characters with their usual readings: Mandarin first, then Cantonese or an older spelling.
_CHINESE_LASTS = {
    "王": "wang|wong", "李": "li|lee", "张": "zhang|cheung|chang", "刘": "liu|lau",
    "陈": "chen|chan", "杨": "yang|yeung", "黄": "huang|wong", "赵": "zhao|chao",
    "吴": "wu|ng", "周": "zhou|chow", "徐": "xu|hsu", "孙": "sun", "马": "ma", "朱": "zhu|chu",
    "胡": "hu|woo", "林": "lin|lam", "郭": "guo|kwok", "何": "he|ho", "高": "gao|kao",
    "罗": "luo|law", "欧阳": "ouyang|auyeung", "司徒": "situ|szeto",
}  # fmt: skip
_CHINESE_GIVEN = {
    "伟": "wei", "芳": "fang", "娜": "na", "敏": "min", "静": "jing", "强": "qiang", "磊": "lei",
    "军": "jun", "洋": "yang", "勇": "yong", "艳": "yan", "杰": "jie", "涛": "tao",
    "明": "ming", "超": "chao", "秀": "xiu", "霞": "xia", "平": "ping", "刚": "gang",
    "桂": "gui", "英": "ying", "华": "hua", "玉": "yu", "兰": "lan", "红": "hong", "春": "chun",
    "梅": "mei", "海": "hai", "建": "jian", "文": "wen", "晓": "xiao", "志": "zhi",
}  # fmt: skip
_ARABIC_FIRSTS = {
    "محمد": "mohammed|muhammad|mohamed", "أحمد": "ahmed|ahmad", "يوسف": "youssef|yusuf|yousef",
    "حسين": "hussein|husain|hossein", "فاطمة": "fatima|fatma|fatemah", "خالد": "khaled|khalid",
    "مريم": "mariam|maryam", "عمر": "omar|umar", "ليلى": "layla|leila|laila",
    "إبراهيم": "ibrahim|ebrahim", "سعيد": "saeed|said|saied", "نور": "nour|noor|nur",
    "طارق": "tariq|tarek", "جميلة": "jamila|gamila", "كريم": "karim|kareem",
    "عبدالرحمن": "abdulrahman|abdelrahman", "زينب": "zainab|zeinab", "سمير": "samir|sameer",
}  # fmt: skip
_ARABIC_LASTS = {
    "السيد": "alsayed|elsayed|alsayyid", "المصري": "almasri|elmasry", "حداد": "haddad|hadad",
    "منصور": "mansour|mansoor|mansur", "الشريف": "alsharif|elsherif", "خليل": "khalil|khaleel",
    "درويش": "darwish|darwich", "نجار": "najjar|naggar|najar", "قاسم": "qasim|kassem|qassem",
    "العلي": "alali|elaly", "بركات": "barakat", "حمدان": "hamdan", "رمضان": "ramadan|ramadhan",
    "سليمان": "suleiman|soliman|sulaiman", "طه": "taha", "عثمان": "othman|osman|uthman",
    "فاروق": "farouk|farooq|faruq", "البغدادي": "albaghdadi|elbaghdady",
    "الحسيني": "alhusseini|elhosseiny", "شاهين": "shaheen|chahine|shahin",
    "الخطيب": "alkhatib|elkhateeb", "سلامة": "salama|salameh", "جابر": "jaber|gaber",
    "مراد": "murad|mourad", "زيدان": "zidan|zeidan|zaidan", "بدوي": "badawi|badawy",
    "غانم": "ghanem|ghanim", "صالح": "saleh|salih", "نصار": "nassar|nasser", "عيسى": "issa|eissa",
    "حمزة": "hamza|hamzeh", "رشيد": "rashid|rasheed|rachid", "توفيق": "tawfiq|toufic|tawfik",
    "هاشم": "hashem|hashim", "مصطفى": "mustafa|mostafa|moustapha", "كمال": "kamal|kemal",
    "شعبان": "shaaban|chaaban", "داود": "dawood|daoud|dawud", "حجازي": "hijazi|hegazy",
    "سرور": "surur|sorour", "عطية": "atiya|attia", "فرج": "faraj|farag", "بشير": "bashir|bachir",
}  # fmt: skip
_WESTERN_FIRSTS = (
    "Anna Maria Clara Sophie Louise Peter Paul Jan Erik Carl Lena Eva Hanna Marie Karin Julia Lars "
    "Simon Felix Jonas Emma Ida Nora Ingrid Sven Olaf Bruno Hugo Alice Irene"
)
_WESTERN_LASTS = (
    "Berger Hofmann Lindner Krause Vogel Winkler Ziegler Brandt Seidel Arnold Pohl Engel Horn "
    "Busch Bergmann Sauer Kuhn Haas Schreiber Dietrich Ludwig Roth Graf Simon Beck Lorenz Frank "
    "Albrecht Schuster Kramer Winter Jansen Peeters Claes Maes Wouters Dupont Moreau Laurent "
    "Girard Bonnet Lambert Fontaine Rousseau Vincent Muller Faure Andre Mercier Blanc Guerin Boyer"
)
_ENDINGS = ("", "", "son", "berg", "wald", "stein", "ova", "sen", "hof", "bach", "meier", "mann")


def _read(draws: random.Random, readings: str) -> str:
    return draws.choice(readings.split("|"))


def _spelt(draws: random.Random, script: str, word: str) -> str:
    """Write a word in Latin letters; the spelling of a sound varies at random."""
    table = _LATIN_OF[script]
    lower = word.lower().replace("ου", "ⱻ").replace("ϊ", "ι").replace("ΐ", "ι")
    letters = (
        _read(draws, "ou|u") if letter == "ⱻ" else _read(draws, table[letter]) for letter in lower
    )
    return "".join(letters)


def transliterated_name(draws: random.Random) -> tuple[str, tuple[str, str]]:
    """Invent a name in HR's spelling, and the first and last name in the account id's."""
    script = draws.choice(("cyrillic", "greek", "chinese", "arabic"))
    if script in _LATIN_OF:
        stems, endings = _LASTS[script]
        first = draws.choice(_FIRSTS[script].split())
        last = draws.choice(stems.split()) + draws.choice(endings.split())
        hr = draws.choice((f"{first} {last}", f"{last} {first}", f"{last}, {first}"))
        return hr, (_spelt(draws, script, first), _spelt(draws, script, last))
    if script == "chinese":
        last = draws.choice(sorted(_CHINESE_LASTS))
        given = draws.sample(sorted(_CHINESE_GIVEN), draws.choice((1, 2, 2)))
        latin = "".join(_CHINESE_GIVEN[sign] for sign in given)
        # Few people use a spelling other than Mandarin.
        readings = _CHINESE_LASTS[last]
        known_as = _read(draws, readings) if draws.random() < 0.3 else readings.split("|")[0]
        hr = f"{last}{''.join(given)}"
        if draws.random() < 0.4:
            hr = f"{readings.split('|')[0].title()} {latin.title()}"
        return hr, (latin, known_as)
    first, last = draws.choice(sorted(_ARABIC_FIRSTS)), draws.choice(sorted(_ARABIC_LASTS))
    spelt = _read(draws, _ARABIC_FIRSTS[first]), _read(draws, _ARABIC_LASTS[last])
    if draws.random() < 0.5:
        # HR has a second, independent spelling in Latin letters.
        other = _read(draws, _ARABIC_FIRSTS[first]), _read(draws, _ARABIC_LASTS[last])
        return f"{other[0].title()} {other[1].title()}", spelt
    return f"{first} {last}", spelt


def renamed_name(draws: random.Random) -> tuple[str, tuple[str, ...], tuple[str, str]]:
    """Invent a name in HR, earlier names in HR, and the names in the account."""
    first = draws.choice(_WESTERN_FIRSTS.split())
    last = draws.choice(_WESTERN_LASTS.split()) + draws.choice(_ENDINGS)
    other = draws.choice(_WESTERN_LASTS.split()) + draws.choice(_ENDINGS)
    kind = draws.choices(
        ("double_last", "double_first", "married", "married_long_ago", "plain"),
        (25, 15, 15, 5, 40),
    )[0]
    former: tuple[str, ...] = ()
    known_first, known_last = first, last
    hr = f"{first} {last}"
    if kind == "double_last":
        hr = f"{first} {last}-{other}"
        known_last = draws.choice((last, other, last + other, f"{last}-{other}"))
    elif kind == "double_first":
        second = draws.choice(_WESTERN_FIRSTS.split())
        hr = f"{first}-{second} {last}"
        known_first = draws.choice((first, first + second, f"{first}-{second}"))
    elif kind in ("married", "married_long_ago"):
        # The account keeps the former name. If the change was long ago, HR's files never had it.
        hr = f"{first} {other}"
        former = (f"{first} {last}",) if kind == "married" else ()
    turned = hr.split(" ", 1)
    hr = draws.choice((hr, hr, f"{turned[1]}, {turned[0]}", f"{turned[1]} {turned[0]}", hr.upper()))
    return hr, former, (known_first.lower(), known_last.lower())


def slipped(draws: random.Random, text: str) -> str:
    """Make one typing error: a letter missing, doubled or wrong, or two letters exchanged."""
    place = draws.randrange(1, len(text) - 1)
    kind = draws.choice(("lost", "doubled", "wrong", "turned"))
    if kind == "lost":
        return text[:place] + text[place + 1 :]
    if kind == "doubled":
        return text[:place] + text[place] + text[place:]
    if kind == "wrong":
        return text[:place] + draws.choice("abcdefghijklmnopqrstuvwxyz") + text[place + 1 :]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def account_id(draws: random.Random, brid: str, names: tuple[str, str]) -> str:
    """Create an account id from a person's names by one of the usual schemes."""
    first, last = names
    separator = draws.choice((".", "_", "", "-"))
    scheme = draws.choices(
        ("full", "turned", "initial", "first_initial", "number", "initials", "slip"),
        (40, 14, 18, 4, 10, 3, 11),
    )[0]
    if scheme == "number":
        return f"u{brid}"
    if scheme == "initials":
        return f"{first[0]}{last[0]}{draws.randrange(10, 99)}"
    made = {
        "turned": last + separator + first,
        "initial": first[0] + last,
        "first_initial": first + separator + last[0],
    }.get(scheme, first + separator + last)
    if scheme == "slip" and len(made) > 5:
        made = slipped(draws, made)
    if draws.random() < 0.15:
        made += str(draws.randrange(1, 99))
    if draws.random() < 0.1:
        made = f"adm-{made}"
    return made.upper() if draws.random() < 0.15 else made
