"""What programs write where there is nothing: it should not be said to a person."""

_WORDS = (
    "nan", "null", "(null)", "<null>", "[null]", "nil", "none", "nat", "<na>", "n/a", "#n/a",
    "undefined", "(undefined)", "[undefined]", "(blank)", "(empty)", "<empty>",
    "(none)", "<none>", "\\n", "-nan", "+nan", "1.#qnan", "1.#ind", "-1.#ind", "infinity",
    "[object object]", "object object", "invalid date", "#error", "#error!", "#err", "error!",
    "dbnull", "system.dbnull", "n.a.", "n. a.", "k.a.", "k. a.", "{null}", "'null'", '"null"',
    "<unset>", "(unset)", "(not set)", "<not set>", "<nil>", "(nil)", "%!s(<nil>)",
    "null null", "undefined undefined", "nan nan", "none none",
)  # fmt: skip
# What a spreadsheet's summary shows for an empty cell, in its languages.
_BLANKS = (
    "(leer)", "(vide)", "(vacío)", "(vacio)", "(vacías)", "(en blanco)", "(vazio)", "(em branco)",
    "(vuoto)", "(leeg)", "(tom)", "(tomt)", "(tyhjä)", "(puste)", "(prázdné)", "(üres)", "(boş)",
    "(пусто)", "(порожньо)", "(κενό)", "(فارغ)", "(ריק)", "(空)", "(空白)", "(なし)", "(비어 있음)",
)  # fmt: skip
# Excel's, LibreOffice's and Google's, in English, German, French, Spanish, Portuguese, Italian,
# Dutch, Polish and Russian.
_ERRORS = (
    "#n/a", "#n/a n/a", "#na", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#calc!",
    "#spill!", "#field!", "#getting_data", "#blocked!", "#busy!", "#connect!", "#unknown!", "#nv",
    "#bezug!", "#wert!", "#zahl!", "#überlauf!", "#n/d", "#n/d!", "#valeur!", "#nom?", "#nombre!",
    "#nul!", "#¡ref!", "#¡valor!", "#¿nombre?", "#¡num!", "#¡nulo!", "#¡div/0!", "#valor!",
    "#nome?", "#núm!", "#nulo!", "#valore!", "#rif!", "#waarde!", "#verw!", "#naam?", "#getal!",
    "#n/b", "#arg!", "#adr!", "#nazwa?", "#liczba!", "#н/д", "#знач!", "#ссылка!", "#имя?",
    "#число!", "#дел/0!", "#пусто!", "########", "#######", "######", "#####", "err:502", "err:504",
    "err:508", "err:509", "err:511", "err:522",
)  # fmt: skip

NOTHING = frozenset(
    spelt
    for word in (*_WORDS, *_BLANKS, *_ERRORS)
    for spelt in (word, word.upper(), word.title(), word.capitalize())
) | {"k.A.", "k. A.", "NaN", "NaT", "[object Object]", "DBNull", "System.DBNull"}
"""Cells that mean nothing, as they are spelt. Some of them are names, too: hence a warning only."""
