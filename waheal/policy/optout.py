"""Whether a reply asks to be left alone, or takes that back; knows nothing of who wrote it.

Only a whole message counts: the word alone, or with a please or a thank-you, whatever its case,
accents and punctuation. A sentence that merely contains the word is no opt-out.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_LONGEST = 120  # characters; a longer message is a sentence

STOP_WORDS: dict[str, tuple[str, ...]] = {
    "English": (
        "stop", "stop all", "stop it", "stop now", "stop this", "stop messaging", "stop texting",
        "stop messaging me", "stop texting me", "stop messages", "stop sending", "unsubscribe",
        "unsubscribe me", "unsub", "cancel", "end", "quit", "revoke", "opt-out", "remove me",
        "remove", "leave me alone", "do not contact me", "don't contact me", "no more messages",
    ),
    "Spanish": (
        "alto", "basta", "baja", "darme de baja", "dar de baja", "parar", "detener", "cancelar",
        "cancelar suscripción", "no más mensajes", "no más", "eliminar", "salir", "desuscribir",
    ),
    "Portuguese": (
        "parar", "pare", "sair", "cancelar", "descadastrar", "remover", "me remova", "chega",
        "não quero mais", "não quero mais receber", "desinscrever", "cancelar inscrição",
    ),
    "French": (
        "arrêt", "arrêter", "arrêtez", "arrête", "désabonner", "me désabonner", "désabonnement",
        "désinscription", "désinscrire", "me désinscrire", "résilier", "annuler",
    ),
    "German": (
        "stopp", "halt", "abmelden", "abmeldung", "abbestellen", "austragen", "kündigen",
        "aufhören", "hör auf", "hören sie auf", "keine nachrichten mehr", "keine werbung",
    ),
    "Italian": (
        "basta", "ferma", "fermati", "annulla", "cancella", "cancellami", "disiscrivi",
        "disiscrivimi", "rimuovi", "rimuovimi", "disdici",
    ),
    "Dutch": ("stoppen", "afmelden", "uitschrijven", "opzeggen", "geen berichten meer"),
    "Swedish, Norwegian, Danish": (
        "stopp", "avsluta", "avregistrera", "avanmäl", "avmeld", "meld av", "avslutt", "afmeld",
        "frameld",
    ),
    "Finnish": ("lopeta", "peruuta", "peruuta tilaus", "poista"),
    "Polish": ("rezygnuję", "rezygnacja", "wypisz", "wypisz mnie", "anuluj", "przestań", "koniec"),
    "Czech and Slovak": ("odhlásit", "odhlásiť", "zrušit", "zrušiť", "přestaňte"),
    "Romanian": ("dezabonare", "dezabonează-mă", "oprește", "opriți", "renunț"),
    "Hungarian": ("leiratkozás", "leiratkozom", "állj", "elég"),
    "Greek": ("στοπ", "σταμάτα", "σταματήστε", "διαγραφή", "ακύρωση"),
    "Russian": (
        "стоп", "отписаться", "отписка", "отпишите меня", "отмена", "хватит", "прекратите",
        "остановить", "удалите меня", "не пишите мне", "не беспокоить",
    ),
    "Ukrainian": ("відписатися", "відпишіть мене", "скасувати", "досить", "припиніть"),
    "Turkish": (
        "dur", "durdur", "iptal", "ret", "istemiyorum",
        "çık", "çıkış", "abonelikten çık",  # noqa: RUF001 - Turkish has a dotless i
    ),
    "Arabic": (
        "توقف", "قف", "إيقاف", "أوقف", "إلغاء", "الغاء", "إلغاء الاشتراك", "الغاء الاشتراك",
        "كفى", "ستوب",
    ),
    "Persian": ("لغو", "لغو اشتراک", "قطع", "نفرست"),
    "Urdu": ("بند کریں", "بند کرو", "روکیں", "روکو"),
    "Hebrew": ("עצור", "הפסק", "הסר", "הסירו", "הסרה", "הסירו אותי", "די"),
    "Hindi": (
        "रोकें", "रोको", "रुको", "रुकें", "बंद", "बंद करें", "बंद करो", "स्टॉप", "band karo",
        "band karen", "ruko",
    ),
    "Bengali": ("বন্ধ", "বন্ধ করুন", "থামুন", "থামাও"),
    "Indonesian and Malay": (
        "berhenti", "henti", "hentikan", "batal", "keluar", "batalkan", "jangan kirim lagi",
    ),
    "Filipino": ("itigil", "tigil", "hinto", "ihinto"),
    "Swahili": ("simama", "ondoa", "sitisha", "komesha"),
    "Vietnamese": ("dừng", "dừng lại", "hủy", "huỷ", "hủy đăng ký", "từ chối"),
    "Thai": ("หยุด", "ยกเลิก"),
    "Chinese": (
        "停止", "退订", "退訂", "取消", "取消订阅", "取消訂閱", "不要再发", "不要再發", "td",
        "请停止", "請停止", "请退订", "請退訂",
    ),
    "Japanese": (
        "停止", "配信停止", "解除", "登録解除", "ストップ", "退会", "やめて", "停止してください",
        "配信停止してください", "やめてください",
    ),
    "Korean": (
        "중지", "수신거부", "그만", "정지", "취소", "구독취소", "스톱", "중지해주세요",
        "그만해주세요",
    ),
}  # fmt: skip
"""Whole messages that opt out, by language."""

START_WORDS: dict[str, tuple[str, ...]] = {
    "English": ("start", "unstop", "subscribe", "resubscribe", "opt-in", "resume"),
    "Spanish": ("alta", "darme de alta", "suscribir", "suscribirme", "iniciar", "reanudar"),
    "Portuguese": ("iniciar", "inscrever", "voltar a receber", "retomar"),
    "French": ("démarrer", "abonner", "m'abonner", "réabonner", "reprendre"),
    "German": ("starten", "anmelden", "abonnieren"),
    "Italian": ("inizia", "iscrivi", "iscrivimi", "riprendi"),
    "Dutch": ("starten", "aanmelden", "inschrijven", "hervatten"),
    "Swedish, Norwegian, Danish": ("starta", "prenumerera", "tilmeld", "påmeld"),
    "Polish": ("zapisz", "zapisz mnie", "wznów"),
    "Russian": ("старт", "подписаться", "подпишите меня", "возобновить"),
    "Ukrainian": ("підписатися", "відновити"),
    "Turkish": ("başla", "başlat", "abone ol"),
    "Arabic": ("ابدأ", "اشتراك", "استئناف"),
    "Hebrew": ("התחל", "הצטרף"),
    "Hindi": ("शुरू", "शुरू करें", "शुरू करो", "shuru karo"),
    "Indonesian and Malay": ("mulai", "mula", "langganan"),
    "Chinese": ("开始", "開始", "订阅", "訂閱"),
    "Japanese": ("開始", "再開"),
    "Korean": ("시작", "수신동의", "구독"),
}  # fmt: skip
"""Whole messages that take an opt-out back, by language; a mere yes does not."""

POLITE = (
    "please", "pls", "plz", "kindly", "thanks", "thank you", "thx", "ok", "okay", "hi", "hello",
    "por favor", "gracias", "porfa", "obrigado", "obrigada", "s'il vous plaît", "s'il te plaît",
    "svp", "stp", "merci", "bitte", "danke", "per favore", "grazie", "alsjeblieft", "alstublieft",
    "aub", "bedankt", "tack", "takk", "tak", "kiitos", "proszę", "dziękuję", "prosím", "děkuji",
    "vă rog", "mulțumesc", "kérem", "köszönöm", "παρακαλώ", "ευχαριστώ", "пожалуйста", "спасибо",
    "будь ласка", "дякую", "lütfen", "teşekkürler", "من فضلك", "لو سمحت", "رجاء", "شكرا", "لطفا",
    "ممنون", "براہ کرم", "شکریہ", "בבקשה", "תודה", "कृपया", "धन्यवाद", "please karo", "tolong",
    "terima kasih", "mohon", "salamat", "tafadhali", "asante", "xin", "cảm ơn", "ขอบคุณ", "请",
    "請", "谢谢", "謝謝", "ください", "ありがとう", "부탁드립니다", "감사합니다", "해주세요",
)  # fmt: skip
"""What may stand before or after the word."""


class OptIntent(StrEnum):
    """What a reply asks for."""

    STOP = "stop"
    START = "start"


@dataclass(frozen=True, slots=True)
class Found:
    """What a reply asks for, and by which word of the lists."""

    intent: OptIntent
    word: str


class Words:
    """The built-in words and the operator's own; where one stands in both lists, it stops."""

    def __init__(self, extra_stop: Iterable[str] = (), extra_start: Iterable[str] = ()) -> None:
        starts = [word for words in START_WORDS.values() for word in words]
        stops = [word for words in STOP_WORDS.values() for word in words]
        self._found: dict[str, Found] = {}
        self._learn(OptIntent.START, [*starts, *extra_start])
        self._learn(OptIntent.STOP, [*stops, *extra_stop])
        self._polite = sorted({form for word in POLITE for form in _forms(word)}, key=len)[::-1]

    def _learn(self, intent: OptIntent, words: Iterable[str]) -> None:
        for word in words:
            self._found.update((form, Found(intent, word)) for form in _forms(word) if form)

    def classify(self, text: str) -> Found | None:
        """Tell what a whole message asks for; None for everything else."""
        if len(text) > _LONGEST:
            return None
        for form in _forms(text):
            found = self._found.get(form) or self._found.get(self._bare(form))
            if found:
                return found
        return None

    def _bare(self, form: str) -> str:
        """Take the politeness off both ends, and the repetitions out."""
        bare, before = form, ""
        while bare != before:
            before = bare
            for word in self._polite:
                bare = bare.removeprefix(f"{word} ").removesuffix(f" {word}")
        words = bare.split()
        return words[0] if len(set(words)) == 1 else bare


def _forms(text: str) -> tuple[str, str]:
    """Write a message in two plain forms: punctuation as nothing, and as blanks."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    folded = folded.replace("\u0131", "i")  # Turkish, typed with or without its dotless i
    kept = [(char, unicodedata.category(char)) for char in folded]
    # Accents and format characters (direction marks) go; Mc stays, it makes Indic vowels.
    kept = [(char, kind) for char, kind in kept if kind not in {"Mn", "Me", "Cf"}]
    joined = (char for char, kind in kept if kind[0] not in "PS")
    spaced = (" " if kind[0] in "PS" else char for char, kind in kept)
    return " ".join("".join(joined).split()), " ".join("".join(spaced).split())
