# ruff: noqa: RUF001 - some letters look like others
"""How lists say that somebody agreed, or did not, by language: data."""

YES_WORDS: dict[str, tuple[str, ...]] = {
    "English": (
        "yes", "y", "yeah", "yep", "yup", "true", "t", "on", "ok", "okay", "agree", "agreed",
        "agrees", "i agree", "accept", "accepted", "accepts", "i accept", "allow", "allowed",
        "approved", "approve", "confirmed", "confirm", "consent", "consented", "consents",
        "consent given", "consent granted", "given", "granted", "has consent", "has consented",
        "obtained", "consent obtained", "x",
        "with consent", "explicit consent", "express consent", "opt in", "opted in", "optin",
        "double opt in", "single opt in", "double optin", "subscribe", "subscribed", "subscriber",
        "active", "enabled", "permitted", "permission granted", "signed", "signed up", "checked",
        "ticked", "valid", "in",
    ),
    "English, of programs": (
        "doi", "i agree to receive messages", "i agree to receive", "marketing contact",
    ),
    "Spanish": (
        "sí", "si", "verdadero", "acepta", "acepto", "aceptado", "aceptó", "aceptada", "autoriza",
        "autorizado", "autorizada", "autorizo", "suscrito", "suscripto", "suscrita", "activo",
        "de acuerdo", "confirmado", "consentido", "consiente", "permitido", "otorgado",
    ),
    "Portuguese": (
        "sim", "s", "verdadeiro", "aceita", "aceito", "aceitou", "aceite", "autorizado",
        "autorizada", "autorizo", "autoriza", "inscrito", "inscrita", "subscrito", "ativo",
        "concorda", "concordo", "concordou", "confirmado", "consentiu", "permitido",
    ),
    "French": (
        "oui", "o", "vrai", "accepté", "acceptée", "accepte", "j'accepte", "autorisé", "abonné",
        "abonnée", "inscrit", "inscrite", "d'accord", "actif", "consenti", "confirmé", "accordé",
    ),
    "German": (
        "ja", "j", "wahr", "zugestimmt", "stimmt zu", "stimme zu", "einverstanden", "eingewilligt",
        "erteilt", "einwilligung erteilt", "angemeldet", "abonniert", "aktiv", "bestätigt",
        "akzeptiert", "erlaubt", "liegt vor",
    ),
    "Italian": (
        "sì", "vero", "accetto", "accettato", "accetta", "autorizzato", "iscritto", "iscritta",
        "d'accordo", "attivo", "acconsento", "acconsente", "confermato", "consenso dato",
    ),
    "Dutch": (
        "ja", "waar", "akkoord", "toestemming", "geabonneerd", "aangemeld", "ingeschreven",
        "actief", "bevestigd", "toegestaan", "gegeven",
    ),
    "Swedish, Norwegian, Danish": (
        "ja", "sant", "sann", "sandt", "godkänd", "godkänt", "godkjent", "godkendt", "samtykker",
        "samtycker", "prenumererar", "tilmeldt", "påmeldt", "aktiv", "givet", "gitt",
    ),
    "Finnish": ("kyllä", "k", "joo", "tosi", "hyväksytty", "suostunut", "tilattu"),
    "Polish": (
        "tak", "prawda", "zgoda", "zgadza się", "zgadzam się", "wyraził zgodę", "wyraziła zgodę",
        "wyrażam zgodę", "zapisany", "zapisana", "aktywny", "potwierdzone", "udzielona",
    ),
    "Czech and Slovak": (
        "ano", "áno", "a", "pravda", "souhlas", "súhlas", "souhlasí", "súhlasí", "souhlasím",
        "súhlasím", "přihlášen", "prihlásený", "aktivní", "udělen", "udelený",
    ),
    "Romanian": ("da", "d", "adevărat", "de acord", "acceptat", "abonat", "activ", "confirmat"),
    "Hungarian": ("igen", "i", "igaz", "hozzájárult", "elfogadta", "feliratkozott", "aktív"),
    "Greek": (
        "ναι", "αληθές", "αληθής", "συμφωνώ", "συμφωνεί", "αποδοχή", "αποδέχομαι", "εγγεγραμμένος",
    ),
    "Russian": (
        "да", "д", "истина", "согласен", "согласна", "согласие", "согласие получено", "есть",
        "подписан", "подписана", "подписался", "подписалась", "активен", "подтверждено",
        "разрешено",
    ),
    "Ukrainian": ("так", "т", "істина", "згоден", "згодна", "згода", "підписаний", "підписана"),
    "Croatian, Serbian, Bosnian, Slovene": (
        "da", "istina", "pristaje", "pristajem", "točno", "tačno", "soglašam", "да",
    ),
    "Bulgarian": ("да", "вярно", "съгласен", "съгласна", "абониран"),
    "Lithuanian, Latvian, Estonian": (
        "taip", "sutinku", "sutinka", "jā", "piekrītu", "jah", "nõus",
    ),
    "Catalan and Galician": ("sí", "si", "cert", "accepta", "acepta"),
    "Albanian": ("po", "pranoj"),
    "Turkish": (
        "evet", "doğru", "kabul", "kabul ediyorum", "onay", "onaylı", "onaylandı", "izinli",
        "abone", "var",
    ),
    "Azerbaijani, Kazakh, Uzbek": ("bəli", "hə", "иә", "ия", "ha"),
    "Arabic": (
        "نعم", "ن", "أجل", "صحيح", "موافق", "موافقة", "أوافق", "اوافق", "مشترك", "تم", "مفعل",
        "نشط", "ايوه",
    ),
    "Persian": ("بله", "بلی", "آری", "درست", "موافق", "موافقم", "عضو", "فعال"),
    "Urdu": ("ہاں", "جی", "جی ہاں", "درست", "راضی"),
    "Hebrew": (
        "כן", "נכון", "אמת", "מאשר", "מאשרת", "אישר", "אישרה", "מאושר", "מסכים", "מסכימה", "הסכים",
        "הסכימה", "רשום", "פעיל",
    ),
    "Hindi": ("हाँ", "हां", "जी हाँ", "सही", "सहमत", "haan", "han"),
    "Bengali": ("হ্যাঁ", "হাঁ", "সম্মত", "জি"),
    "Tamil, Telugu, Kannada, Malayalam": ("ஆம்", "అవును", "ಹೌದು", "അതെ"),
    "Marathi, Gujarati, Punjabi, Nepali": ("होय", "हो", "હા", "ਹਾਂ"),
    "Indonesian and Malay": (
        "ya", "iya", "benar", "setuju", "bersetuju", "aktif", "disetujui", "berlangganan",
    ),
    "Filipino": ("oo", "opo", "payag", "sumasang-ayon"),
    "Swahili": ("ndiyo", "ndio", "kweli", "nakubali", "amekubali"),
    "Vietnamese": ("có", "đúng", "đồng ý", "vâng", "chấp nhận"),
    "Thai": ("ใช่", "ยินยอม", "ตกลง", "จริง", "ยอมรับ", "อนุญาต"),
    "Chinese": (
        "是", "是的", "对", "對", "真", "同意", "已同意", "已订阅", "已訂閱", "订阅", "訂閱",
        "允许", "允許", "接受", "有",
    ),
    "Japanese": (
        "はい", "真", "同意", "同意する", "同意済み", "同意済", "承諾", "許可", "登録済み", "有",
        "あり", "可",
    ),
    "Korean": (
        "예", "네", "참", "동의", "동의함", "동의합니다", "수신동의", "구독", "허용", "승인",
    ),
    "Khmer, Lao, Burmese": ("បាទ", "ចាស", "ແມ່ນ", "ဟုတ်", "ဟုတ်ကဲ့"),
    "Georgian and Armenian": ("დიახ", "კი", "այո"),
    "Amharic": ("አዎ",),
    "Hausa, Yoruba, Igbo, Zulu, Afrikaans, Somali": ("eh", "bẹẹni", "ee", "yebo", "haa"),
    "signs": ("✓", "✔", "☑", "✅", "👍", "🆗", "🟢"),
}  # fmt: skip
"""What says that somebody agreed; a date of it does so, too."""

NO_WORDS: dict[str, tuple[str, ...]] = {
    "English": (
        "no", "n", "nope", "nah", "never", "not", "false", "f", "off", "none", "disagree",
        "disagreed", "i disagree", "decline", "declined", "declines", "denied", "deny", "refuse",
        "refused", "refuses", "reject", "rejected", "rejects", "revoke", "revoked", "withdrawn",
        "withdrew", "withdraw", "consent withdrawn", "consent revoked", "consent denied",
        "no consent", "without consent", "not consented", "non consented", "did not consent",
        "does not consent", "not given", "not granted", "not agreed", "does not agree",
        "did not agree", "opt out", "opted out", "optout", "optedout", "opting out",
        "not opted in", "no opt in", "unsub", "unsubs", "unsubscribe", "unsubscribed",
        "unsubscriber", "not subscribed", "non subscribed", "non subscriber", "inactive",
        "disabled", "blocked", "block", "blacklist", "blacklisted", "blocklisted", "suppressed",
        "suppress", "banned", "dnc", "dnd", "do not contact", "don't contact", "do not call",
        "do not disturb", "do not message", "do not send", "do not email", "do not text",
        "do not write", "complained", "complaint", "spam complaint", "abuse", "removed", "remove",
        "deleted", "stop", "stopped", "expired", "not allowed", "forbidden", "prohibited",
        "not permitted", "unchecked", "unticked", "cancelled", "canceled", "left", "out",
        "objected", "not ok",
    ),
    "English, of programs": (
        "never subscribed", "not opted",
        "consent expired", "no permission", "non marketing contact",
        "do not market", "does not want", "doesn't want", "withheld",
    ),
    "Spanish": (
        "no", "falso", "no acepta", "no acepto", "no aceptó", "no aceptado", "no autoriza",
        "no autorizado", "no autorizo", "rechaza", "rechazado", "rechazó", "baja", "de baja",
        "dado de baja", "dada de baja", "se dio de baja", "no suscrito", "desuscrito", "inactivo",
        "bloqueado", "cancelado", "cancelada", "revocado", "retirado", "no desea", "no quiere",
        "nunca", "sin consentimiento", "no contactar", "no molestar", "ninguno", "denegado",
    ),
    "Portuguese": (
        "não", "nao", "falso", "não aceita", "não aceito", "não aceitou", "não autorizado",
        "não autoriza", "não autorizo", "recusa", "recusado", "recusou", "rejeitado",
        "descadastrado", "descadastrada", "não inscrito", "cancelado", "cancelada", "inativo",
        "bloqueado", "revogado", "removido", "não quer", "nunca", "sem consentimento",
        "não contatar", "não perturbe", "negado", "retirado",
    ),
    "French": (
        "non", "faux", "refus", "refusé", "refusée", "refuse", "désabonné", "désabonnée",
        "désinscrit", "désinscrite", "non abonné", "non inscrit", "non autorisé", "inactif",
        "bloqué", "retiré", "révoqué", "annulé", "résilié", "jamais", "pas d'accord",
        "ne pas contacter", "sans consentement", "pas de consentement", "opposition", "opposé",
    ),
    "German": (
        "nein", "falsch", "nicht", "kein", "keine", "nie", "niemals", "abgelehnt", "abgemeldet",
        "abbestellt", "ausgetragen", "widerrufen", "widersprochen", "widerspruch", "widerruf",
        "zurückgezogen", "nicht erteilt", "nicht zugestimmt", "keine einwilligung",
        "keine zustimmung", "ohne einwilligung", "nicht einverstanden", "verweigert", "gesperrt",
        "gelöscht", "inaktiv", "nicht kontaktieren", "gekündigt", "stimmt nicht zu", "untersagt",
        "keine werbung", "nicht erlaubt",
    ),
    "German, at length": ("einwilligung widerrufen", "lehnt ab", "will nicht", "möchte nicht"),
    "Italian": (
        "no", "falso", "mai", "rifiutato", "rifiuta", "rifiuto", "disiscritto", "disiscritta",
        "non iscritto", "cancellato", "cancellata", "revocato", "negato", "non autorizzato",
        "non accetto", "non accettato", "non acconsento", "inattivo", "bloccato", "rimosso",
        "senza consenso", "nessun consenso", "non contattare", "ritirato",
    ),
    "Dutch": (
        "nee", "neen", "onwaar", "nooit", "geweigerd", "afgemeld", "uitgeschreven", "ingetrokken",
        "opgezegd", "niet akkoord", "geen toestemming", "niet toegestaan", "geblokkeerd",
        "inactief", "niet benaderen", "afgewezen", "verwijderd", "geen",
    ),
    "Swedish, Norwegian, Danish": (
        "nej", "nei", "falskt", "usann", "usant", "falsk", "avregistrerad", "avanmäld", "avmeldt",
        "afmeldt", "frameldt", "nekad", "nektet", "afvist", "avvist", "avböjt", "återkallat",
        "trukket", "aldrig", "aldri", "ikke samtykke", "inget samtycke", "inaktiv", "blockerad",
        "blokkert", "blokeret", "ikke",
    ),
    "Finnish": (
        "ei", "epätosi", "kieltäytynyt", "kielletty", "peruttu", "poistunut",
        "ei suostumusta",
    ),
    "Polish": (
        "nie", "fałsz", "brak zgody", "nie wyrażam zgody",
        "odmowa", "odmówił", "odmówiła", "wypisany", "wypisana",
        "wycofana", "wycofał zgodę", "cofnięta", "nigdy", "nieaktywny", "zablokowany",
        "rezygnacja", "zrezygnował", "nie wyraził zgody", "nie wyraziła zgody", "brak",
        "odrzucono",
    ),
    "Czech and Slovak": (
        "ne", "nie", "nepravda", "nesouhlas", "nesúhlas", "nesouhlasí", "nesúhlasí", "odhlášen",
        "odhlášeno", "odhlásený", "odmítl", "odmietol", "odvolán", "odvolaný", "neaktivní",
        "nikdy", "zrušeno", "zrušené", "blokován",
    ),
    "Romanian": (
        "nu", "fals", "refuzat", "dezabonat", "dezabonată", "retras", "respins", "niciodată",
        "inactiv", "blocat", "fără consimțământ", "anulat",
    ),
    "Hungarian": (
        "nem", "hamis", "elutasította", "elutasítva", "leiratkozott", "visszavonta", "visszavonva",
        "soha", "inaktív", "letiltva", "törölve",
    ),
    "Greek": (
        "όχι", "οχι", "ψευδές", "ψευδής", "άρνηση", "αρνήθηκε", "διαγράφηκε", "διεγράφη", "ποτέ",
        "ανενεργός", "δεν συμφωνεί", "δεν συμφωνώ",
    ),
    "Russian": (
        "нет", "н", "не", "ложь", "отказ", "отказался", "отказалась", "отказано", "отписан",
        "отписана", "отписался", "отписалась", "отозвано", "отозвал", "не согласен", "не согласна",
        "нет согласия", "без согласия", "никогда", "неактивен", "заблокирован", "не подписан",
        "не получено", "запрещено", "удален", "удалена", "не писать", "отменено",
    ),
    "Ukrainian": (
        "ні", "хибність", "відмова", "відмовився", "відмовилась", "відписаний", "відписався",
        "відписалась", "не згоден", "не згодна", "ніколи", "заборонено", "немає згоди",
    ),
    "Croatian, Serbian, Bosnian, Slovene": (
        "ne", "netočno", "netačno", "laž", "odjavljen", "odjavljena", "odbio", "odbila",
        "povučeno", "nikad", "nikoli", "не", "odjava", "zavrnjeno",
    ),
    "Bulgarian": (
        "не", "невярно", "отказ", "отказал", "отписан", "отписана", "несъгласен", "никога",
        "без съгласие",
    ),
    "Lithuanian, Latvian, Estonian": (
        "ne", "nesutinku", "nesutinka", "nē", "nepiekrītu", "ei", "ei nõustu", "keeldus",
        "atsisakė", "atteicās",
    ),
    "Catalan and Galician": ("no", "fals", "non", "mai", "donat de baixa", "rebutjat"),
    "Albanian": ("jo", "refuzuar"),
    "Turkish": (
        "hayır", "h", "yanlış", "yok", "ret", "red", "reddetti", "reddedildi", "kabul etmedi",
        "onaysız", "izinsiz", "abonelikten çıktı", "iptal", "asla", "pasif", "engelli",
        "istemiyor",
    ),
    "Azerbaijani, Kazakh, Uzbek": ("xeyr", "yox", "жоқ", "yo'q"),
    "Arabic": (
        "لا", "كلا", "خطأ", "غير موافق", "رفض", "مرفوض", "ألغى", "ملغى", "ملغي", "غير مشترك",
        "إلغاء الاشتراك", "لم يوافق", "لا يوافق", "أبدا", "محظور", "معطل", "بدون موافقة",
        "لا أوافق",
    ),
    "Persian": (
        "نه", "خیر", "غلط", "نادرست", "مخالف", "رد", "لغو", "لغو شده", "غیرفعال", "عدم رضایت",
        "هرگز",
    ),
    "Urdu": ("نہیں", "غلط", "انکار", "نہ"),
    "Hebrew": (
        "לא", "שקר", "מסרב", "מסרבת", "סירב", "סירבה", "הוסר", "הוסרה", "הסיר", "ביטל", "ביטלה",
        "לא מאשר", "לא מאשרת", "לא מסכים", "לא מסכימה", "לא אישר", "לא אישרה", "מבוטל", "חסום",
        "לעולם לא", "לא פעיל", "ללא הסכמה", "אין הסכמה", "אין", "להסרה",
    ),
    "Hindi": ("नहीं", "ना", "न", "गलत", "असहमत", "अस्वीकार", "अस्वीकृत", "nahi", "nahin", "nai"),
    "Bengali": ("না", "ভুল", "অসম্মত", "নয়"),
    "Tamil, Telugu, Kannada, Malayalam": ("இல்லை", "కాదు", "లేదు", "ಇಲ್ಲ", "ಅಲ್ಲ", "ഇല്ല", "അല്ല"),
    "Marathi, Gujarati, Punjabi, Nepali": ("नाही", "ના", "નહીં", "ਨਹੀਂ", "होइन", "छैन"),
    "Indonesian and Malay": (
        "tidak", "tdk", "bukan", "salah", "tidak setuju", "menolak", "ditolak", "berhenti",
        "tidak bersetuju", "jangan", "batal", "dibatalkan", "tidak aktif", "belum", "tolak",
        "diblokir",
    ),
    "Filipino": ("hindi", "ayaw", "hindi payag", "tumanggi", "wala"),
    "Swahili": ("hapana", "la", "siyo", "amekataa", "sikubali", "kamwe"),
    "Vietnamese": (
        "không", "ko", "k0", "sai", "từ chối", "không đồng ý", "đã hủy", "đã huỷ", "chưa", "hủy",
    ),
    "Thai": (
        "ไม่", "ไม่ใช่", "ไม่ยินยอม", "ปฏิเสธ",
        "ไม่อนุญาต", "ยกเลิก", "ไม่ตกลง", "เท็จ", "ไม่ยอมรับ",
    ),
    "Chinese": (
        "否", "不", "不是", "没有", "沒有", "假", "不同意", "未同意", "拒绝", "拒絕", "已拒绝",
        "已拒絕", "退订", "退訂", "已退订", "已退訂", "未订阅", "未訂閱", "取消", "已取消", "禁止",
        "无", "無", "不允许", "不允許", "不接受", "撤回", "已撤回",
    ),
    "Japanese": (
        "いいえ", "偽", "不同意", "同意しない", "同意なし", "未同意", "拒否", "解除", "配信停止",
        "退会", "退会済み", "無", "なし", "不可", "停止", "未登録", "撤回",
    ),
    "Korean": (
        "아니요", "아니오", "아뇨", "거짓", "거부", "미동의", "비동의", "동의안함",
        "동의하지 않음", "동의 안 함", "수신거부", "해지", "차단", "철회", "취소", "탈퇴", "불가",
        "없음",
    ),
    "Khmer, Lao, Burmese": ("ទេ", "ບໍ່", "ບໍ່ແມ່ນ", "မဟုတ်", "မဟုတ်ဘူး"),
    "Georgian and Armenian": ("არა", "ոչ"),
    "Amharic": ("አይ", "አይደለም"),
    "Hausa, Yoruba, Igbo, Zulu, Afrikaans, Somali": ("a'a", "rara", "mba", "cha", "maya"),
    "signs": ("✗", "✘", "❌", "✖", "👎", "🚫", "⛔", "🛑", "🔴"),
}  # fmt: skip
"""What says that they did not, or not any more; so does whatever stops as a reply."""
