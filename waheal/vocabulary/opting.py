# ruff: noqa: RUF001 - some letters look like others
"""Whole messages that ask to be left alone, or take that back, by language: data."""

STOP_WORDS: dict[str, tuple[str, ...]] = {
    "English": (
        "stop", "stop all", "stop it", "stop now", "stop this", "stop messaging", "stop texting",
        "stop messaging me", "stop texting me", "stop messages", "stop sending", "unsubscribe",
        "unsubscribe me", "unsub", "cancel", "end", "quit", "revoke", "opt-out", "remove me",
        "remove", "leave me alone", "do not contact me", "don't contact me", "no more messages",
        "stopall", "unreg", "unregister", "deregister", "optout", "opt out all", "dnc", "dnd",
        "do not disturb", "unsubscribed", "unsuscribe", "unsubcribe", "unsubscibe", "unsubsribe",
        "stpo", "sotp", "go away", "fuck off", "f off", "piss off", "quit it", "enough",
        "dont text",
    ),
    "English, rudely and in short": (
        "no more", "block", "block me", "get lost", "remove me please", "unsubscribe all",
    ),
    "Spanish": (
        "alto", "basta", "baja", "darme de baja", "dar de baja", "parar", "detener", "cancelar",
        "cancelar suscripción", "no más mensajes", "no más", "eliminar", "salir", "desuscribir",
        "darse de baja", "dame de baja", "deme de baja", "desuscribirme", "desuscribirse",
        "para ya", "quitar", "no molestar",
        "no me escriban más", "no me escriban", "no me escribas",
        "elimíname", "bórrame", "bórrenme", "desinscribir", "anular suscripción",
        "cancelar subscripción",
    ),
    "Portuguese": (
        "parar", "pare", "sair", "cancelar", "descadastrar", "remover", "me remova", "chega",
        "quero sair", "não quero mais", "não quero mais receber", "desinscrever",
        "cancelar inscrição", "descadastre", "me descadastre", "me tira da lista", "remova-me",
        "parem", "para com isso",
        "não me mande mais", "não perturbe", "excluir", "me exclua", "sai fora",
    ),
    "French": (
        "arrêt", "arrêter", "arrêtez", "arrête", "désabonner", "me désabonner", "désabonnement",
        "désinscription", "désinscrire", "me désinscrire", "résilier", "annuler", "désabonnez-moi",
        "désinscrivez-moi", "retirez-moi", "supprimez-moi", "plus de messages",
        "fichez-moi la paix", "laissez-moi tranquille", "ne plus recevoir", "stop sms", "stop pub",
    ),
    "German": (
        "stopp", "halt", "abmelden", "abmeldung", "abbestellen", "austragen", "kündigen",
        "aufhören", "hör auf", "hören sie auf", "keine nachrichten mehr", "keine werbung", "raus",
        "abbestellung", "austragung", "löschen", "lösch mich", "löschen sie mich",
        "lass mich in ruhe", "lassen sie mich in ruhe", "widerruf", "widerrufen",
        "keine werbung mehr", "abmeldn",
    ),
    "Italian": (
        "basta", "ferma", "fermati", "annulla", "cancella", "cancellami", "disiscrivi",
        "disiscrivimi", "rimuovi", "rimuovimi", "disdici", "cancellatemi", "rimuovetemi",
        "smettila", "smettetela", "disiscrizione", "cancellazione", "non scrivetemi più",
        "lasciatemi in pace",
    ),
    "Dutch": (
        "stoppen", "afmelden", "uitschrijven", "opzeggen", "geen berichten meer", "schrijf me uit",
        "meld me af", "verwijder mij", "verwijder me", "verwijderen", "geen reclame", "hou op",
        "houd op", "laat me met rust", "stop ermee",
    ),
    "Swedish, Norwegian, Danish": (
        "stopp", "avsluta", "avregistrera", "avanmäl", "avmeld", "meld av", "avslutt", "afmeld",
        "frameld", "avbeställ", "avprenumerera", "avslut prenumeration", "stoppa", "slet meg",
        "meld meg av", "avslutt abonnement", "afmeld mig", "slet mig", "ta bort mig", "sluta",
    ),
    "Finnish": (
        "lopeta", "peruuta", "peruuta tilaus", "poista", "poista minut", "lopettakaa",
        "en halua viestejä", "seis",
    ),
    "Polish": (
        "rezygnuję", "rezygnacja", "wypisz", "wypisz mnie", "anuluj", "przestań", "koniec",
        "wypisuję się", "wypisać", "usuń", "usuń mnie", "usuńcie mnie", "przestańcie", "dość",
    ),
    "Czech and Slovak": (
        "odhlásit", "odhlásiť", "zrušit", "zrušiť", "přestaňte", "odhlaste mě", "odhláste ma",
        "smazat", "vymažte mě", "vymažte ma", "odhlašuji se", "dost", "prestaňte", "nechte mě být",
        "konec", "koniec",
    ),
    "Romanian": (
        "dezabonare", "dezabonează-mă", "oprește", "opriți", "renunț", "ștergeți-mă", "șterge-mă",
        "dezabonați-mă", "dezabonează", "gata", "nu mai trimiteți",
    ),
    "Hungarian": (
        "leiratkozás", "leiratkozom", "állj", "elég", "leiratkozni", "töröljenek", "törölj",
        "töröljön", "töröljetek", "ne írjanak", "hagyjanak békén",
    ),
    "Greek": (
        "στοπ", "σταμάτα", "σταματήστε", "διαγραφή", "ακύρωση", "διαγράψτε με", "διέγραψέ με",
        "κατάργηση εγγραφής", "απεγγραφή", "όχι άλλα μηνύματα",
    ),
    "Russian": (
        "стоп", "отписаться", "отписка", "отпишите меня", "отмена", "хватит", "прекратите",
        "остановить", "удалите меня", "не пишите мне", "не беспокоить", "отпиши меня", "отпишись",
        "отписаться от рассылки", "отписать", "отпишите", "удалить", "удалите мой номер",
        "удали меня", "не пишите больше", "больше не пишите", "не пишите", "прекратить",
        "прекрати", "отстаньте", "стоп рассылка", "уберите меня", "отказ", "отказаться",
        "отказываюсь", "хорош", "отвали",
    ),
    "Ukrainian": (
        "відписатися", "відпишіть мене", "скасувати", "досить", "припиніть", "відписка",
        "видаліть мене", "не пишіть мені", "не пишіть", "відпиши мене", "відмова", "відмовляюсь",
        "стоп",
    ),
    "Turkish": (
        "dur", "durdur", "iptal", "ret", "istemiyorum", "durdurun", "iptal et", "mesaj atmayın",
        "beni çıkarın", "beni silin", "yazmayın", "abonelikten ayrıl", "abonelik iptal", "red",
        "çık", "çıkış", "abonelikten çık", "üyelikten çık",
    ),
    "Arabic": (
        "توقف", "قف", "إيقاف", "أوقف", "إلغاء", "الغاء", "إلغاء الاشتراك", "الغاء الاشتراك", "كفى",
        "ستوب", "توقفوا", "احذفوني", "احذفني", "ازالة", "إزالة", "حذف", "لا ترسل", "لا ترسلوا",
        "الغ الاشتراك", "إلغاء اشتراك", "الغاء اشتراكي", "بس", "خلاص", "اوقف", "وقف", "لا تراسلني",
    ),
    "Persian": (
        "لغو", "لغو اشتراک", "قطع", "نفرست", "نفرستید", "حذف", "پیام ندهید", "پیام نده",
        "لغو عضویت", "توقف", "بس است", "بسه", "حذفم کنید",
    ),
    "Urdu": (
        "بند کریں", "بند کرو", "روکیں", "روکو", "بند", "مت بھیجیں", "پیغام نہ بھیجیں", "ختم کریں",
        "میسج نہ کریں", "ہٹائیں", "نکالیں",
    ),
    "Hebrew": (
        "עצור", "הפסק", "הסר", "הסירו", "הסרה", "הסירו אותי", "די", "להסרה", "להסיר", "תסירו אותי",
        "הסר אותי", "תסיר אותי", "הסירוני", "תורידו אותי", "הורידו אותי", "תמחקו אותי",
        "מחקו אותי", "מחק אותי", "להפסיק", "תפסיקו", "תפסיק", "הפסיקו", "עצרו", "לעצור", "ביטול",
        "בטל", "לבטל", "בטלו", "סטופ", "מספיק", "תעצרו", "ביטול מנוי", "ביטול הרשמה",
        "להסרה מהרשימה", "נא להסיר", "אל תשלחו לי", "לא לשלוח",
    ),
    "Hindi": (
        "रोकें", "रोको", "रुको", "रुकें", "बंद", "बंद करें", "बंद करो", "स्टॉप", "band karo",
        "band karen", "ruko", "बंद कर दो", "बंद कर दीजिए", "हटाओ", "हटाएं", "मुझे हटाओ", "मत भेजो",
        "मत भेजिए", "मैसेज मत करो", "band kar do", "mat bhejo", "rok do", "roko", "hatao",
        "bas karo",
    ),
    "Bengali": (
        "বন্ধ", "বন্ধ করুন", "থামুন", "থামাও", "বন্ধ করো", "বাতিল", "বাদ দিন", "মেসেজ দিবেন না",
        "পাঠাবেন না", "bondho korun",
    ),
    "Indonesian and Malay": (
        "berhenti", "henti", "hentikan", "batal", "keluar", "batalkan", "jangan kirim lagi",
        "jangan ganggu", "hapus", "hapus nomor saya", "unreg sms", "berhenti langganan",
        "stop dong", "berhenti berlangganan", "jangan hantar lagi", "padam", "keluarkan saya",
        "tak nak", "cukup",
    ),
    "Filipino": (
        "itigil", "tigil", "hinto", "ihinto", "tama na", "itigil na", "tigilan", "huwag na",
        "alisin", "alisin ako", "tanggalin", "tanggalin ako", "ayaw ko na",
    ),
    "Swahili": (
        "simama", "ondoa", "sitisha", "komesha", "acha", "acheni", "niondoe", "niondoeni",
        "jiondoe", "kujiondoa", "jitoe", "usinitumie", "msinitumie",
    ),
    "Vietnamese": (
        "dừng", "dừng lại", "hủy", "huỷ", "hủy đăng ký", "từ chối", "ngừng", "ngưng", "thôi",
        "đừng gửi nữa", "đừng nhắn nữa", "xóa tôi", "xoá tôi", "không nhận tin",
    ),
    "Thai": ("หยุด", "ยกเลิก", "เลิก", "หยุดส่ง", "ไม่รับ", "ไม่ต้องส่ง", "ลบเบอร์", "ยกเลิกรับข่าวสาร"),
    "Chinese": (
        "停止", "退订", "退訂", "取消", "取消订阅", "取消訂閱", "不要再发", "不要再發", "td",
        "不要再傳", "不要再传", "不要再傳訊息", "請不要再傳", "請不要再傳訊息",
        "请停止", "請停止", "请退订", "請退訂", "别发了", "別發了", "不要发了", "不要發了",
        "别再发了", "別再發了", "不要再发了", "不要再發了", "t", "tt", "拒收", "退", "停", "停发",
        "移除我", "刪除我", "删除我", "勿扰", "勿擾", "拒绝", "拒絕", "取消关注", "不需要了", "滚",
        "滾",
    ),
    "Japanese": (
        "停止", "配信停止", "解除", "登録解除", "ストップ", "退会", "やめて", "停止してください",
        "配信停止してください", "やめてください", "配信解除", "配信不要", "退会します", "止めて",
        "中止", "送らないで", "送らないでください", "削除", "削除してください", "いりません",
        "もう送らないで",
    ),
    "Korean": (
        "중지", "수신거부", "그만", "정지", "취소", "구독취소", "스톱", "중지해주세요",
        "그만해주세요", "거부", "차단", "해지", "탈퇴", "삭제", "수신 거부", "구독 취소",
        "그만보내세요", "보내지마세요", "보내지 마세요", "광고 그만", "취소해주세요",
        "삭제해주세요", "스탑",
    ),
    "Croatian, Serbian, Bosnian, Slovene": (
        "odjava", "odjavi", "odjavi me", "odjavite me", "prekini", "prekinite", "dosta", "obriši",
        "obrišite me", "ukloni me", "uklonite me", "odjavi se", "odjavite", "ustavi", "nehaj",
        "izbriši", "izbrišite me", "ne šaljite više", "стоп", "одјава", "престаните",
    ),
    "Bulgarian": (
        "спри", "спрете", "отпиши", "отпишете ме", "отпиши ме", "отписване", "премахнете ме",
        "изтрийте ме", "стига", "откажи", "отказ",
    ),
    "Lithuanian, Latvian, Estonian": (
        "atsisakyti", "atsisakau", "stabdyti", "sustabdyti", "nebesiųskite", "pašalinkite mane",
        "atteikties", "atrakstīties", "atteikums", "pārtraukt", "dzēst", "lõpeta", "loobu",
        "loobun", "peata", "eemalda", "eemalda mind", "tühista",
    ),
    "Catalan and Galician": (
        "atura", "prou", "donar-me de baixa", "baixa", "cancel·la", "elimina'm", "parar", "abonda",
    ),
    "Albanian": ("ndalo", "ndaloni", "çregjistrohu", "hiqni", "mjaft", "anulo"),
    "Azerbaijani, Kazakh, Uzbek": (
        "dayandır", "ləğv et", "dayan", "тоқтат", "тоқтату", "бас тарту", "to'xtat",
        "bekor qilish", "to'xtating",
    ),
    "Georgian and Armenian": (
        "სტოპ", "გაუქმება", "შეწყვიტეთ", "გააჩერეთ", "կանգնեցնել", "դադարեցնել", "չեղարկել",
        "ստոպ",
    ),
    "Tamil, Telugu, Kannada, Malayalam": (
        "நிறுத்து", "நிறுத்தவும்", "நிறுத்துங்கள்", "வேண்டாம்", "ఆపు", "ఆపండి", "ఆపేయండి", "వద్దు",
        "ನಿಲ್ಲಿಸಿ", "ನಿಲ್ಲಿಸು", "ಬೇಡ", "നിർത്തുക", "നിർത്തൂ", "വേണ്ട",
    ),
    "Marathi, Gujarati, Punjabi, Nepali": (
        "थांबा", "थांबवा", "बंद करा", "नको", "બંધ", "બંધ કરો", "રોકો", "ਬੰਦ", "ਬੰਦ ਕਰੋ", "ਰੋਕੋ",
        "रोक्नुहोस्", "बन्द", "बन्द गर्नुहोस्",
    ),
    "Khmer, Lao, Burmese": ("ឈប់", "បញ្ឈប់", "លុបចោល", "ຢຸດ", "ຍົກເລີກ", "ရပ်", "ရပ်ပါ", "မပို့ပါနဲ့"),
    "Amharic": ("አቁም", "አቁሙ", "ይቁም", "ሰርዝ"),
    "Hausa, Yoruba, Igbo, Zulu, Afrikaans, Somali": (
        "tsaya", "daina", "ku daina", "duro", "dáwọ́ dúró", "kwụsị", "yeka", "yima", "misa",
        "stop dit", "hou op", "verwyder my", "jooji", "iska daa",
    ),
}  # fmt: skip
"""Whole messages that opt out, by language."""

START_WORDS: dict[str, tuple[str, ...]] = {
    "English": (
        "start", "unstop", "subscribe", "resubscribe", "opt-in", "resume", "start again",
        "subscribe me", "subscribe again", "subscribe me again", "opt me in", "opt me back in",
    ),
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
    "Finnish": ("aloita", "tilaa", "jatka"),
    "Czech and Slovak": ("přihlásit", "prihlásiť", "přihlaste mě", "obnovit"),
    "Romanian": ("abonare", "abonează-mă", "reia"),
    "Hungarian": ("feliratkozás", "feliratkozom"),
    "Greek": ("έναρξη", "εγγραφή", "ξεκίνα"),
    "Persian": ("شروع", "عضویت"),
    "Urdu": ("شروع", "شروع کریں"),
    "Vietnamese": ("bắt đầu", "đăng ký"),
    "Thai": ("เริ่ม", "สมัคร"),
    "Swahili": ("anza", "jiunge"),
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
"""What may stand before or after either."""
