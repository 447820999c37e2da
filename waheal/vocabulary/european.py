# ruff: noqa: RUF001 - some letters look like others
"""Longer ways to opt out, in more languages of Europe: data."""

from waheal.vocabulary.phrasing import Phrases

EUROPEAN: dict[str, Phrases] = {
    "Swedish, Norwegian, Danish": Phrases(
        before=(
            "jag vill", "jeg vil", "jeg ønsker", "jag önskar", "kan ni", "kan du", "kan dere",
            "kan i", "snälla", "vänligen", "vennligst", "venligst", "hej", "hei", "jag", "jeg",
            "gärna", "gerne", "mig", "meg", "ikke interessert", "inte intresserad",
            "ikke interesseret", "att", "å", "at",
        ),
        asks=(
            "stop", "stopp", "stoppa", "sluta", "slutt å", "slutt med", "stop med", "sluta skicka",
            "avregistrera", "avregistrera mig", "avanmäl mig", "avanmäla mig", "ta bort mig",
            "ta bort mitt nummer", "radera mig", "radera mitt nummer", "avsluta prenumerationen",
            "meld meg av", "fjern meg", "fjern nummeret mitt", "slett meg", "slett nummeret mitt",
            "afmeld mig", "frameld mig", "fjern mig", "fjern mit nummer", "slet mit nummer",
            "inga fler meddelanden", "ingen flere meldinger", "ikke flere beskeder", "skicka inte",
            "ikke send", "send ikke", "ikke kontakt meg", "kontakta mig inte",
            "ikke skriv til meg", "vil ikke modta", "vill inte få", "lämna mig ifred",
            "la meg være i fred", "lad mig være",
        ),
        after=(
            "från", "fra", "av", "er", "din", "deres", "jeres", "lista", "listan", "listen",
            "liste", "register", "databas", "database", "meddelanden", "meldinger", "beskeder",
            "sms", "reklam", "reklame", "spam", "mer", "mere", "flere", "fler", "nu", "nå", "tack",
            "takk", "tak", "med", "å", "at", "att", "sende", "skicka", "mig", "meg", "mitt nummer",
            "mit nummer", "til", "till", "omedelbart", "straks", "whatsapp", "snälla", "igjen",
            "igen", "det", "detta", "dette",
        ),
        refuses=(
            "vil ikke ha", "vill inte ha", "vil ikke have", "jag vill inte ha", "jeg vil ikke ha",
            "jeg vil ikke have", "ønsker ikke", "önskar inte",
        ),
        things=(
            "meddelanden", "meldinger", "beskeder", "sms", "reklam", "reklame", "spam",
        ),
    ),
    "Finnish": Phrases(
        before=(
            "haluan", "ole hyvä ja", "voitteko", "voisitteko", "hei", "minä", "minut", "numeroni",
        ),
        asks=(
            "stop", "lopeta", "lopettakaa", "poistakaa", "poista", "poistaa", "poistakaa minut",
            "poista minut", "poistakaa numeroni", "poista numeroni", "perua tilaus",
            "älkää lähettäkö", "älä lähetä", "ei enää viestejä", "peruuttaa tilaus",
        ),
        after=(
            "listalta", "listaltanne", "postituslistalta", "viestejä", "viestien", "lähettäminen",
            "enää", "minulle", "heti", "kiitos", "näitä", "mainoksia", "minut", "numeroni",
            "rekisteristä",
        ),
        refuses=(
            "en halua", "en tarvitse",
        ),
        things=(
            "viestejä", "mainoksia", "näitä viestejä", "saada",
        ),
    ),
    "Polish": Phrases(
        before=(
            "chcę", "chciałbym", "chciałabym", "proszę", "proszę o", "prosze", "proszę mnie",
            "dzień dobry", "nie jestem zainteresowany", "nie jestem zainteresowana", "mnie", "się",
            "mój numer", "czy możecie", "nie dziękuję",
        ),
        asks=(
            "stop", "wypisać", "wypisz mnie", "wypiszcie mnie", "wypisać mnie", "wypisać się",
            "wypisuję się", "wypisanie", "usunąć", "usuń mnie", "usuńcie mnie", "usunąć mnie",
            "usuń mój numer", "usuńcie mój numer", "usunąć mój numer", "usunięcie",
            "usunięcie mojego numeru", "zrezygnować", "rezygnuję", "rezygnacja", "przestańcie",
            "przestań", "przestać", "nie piszcie", "nie pisz", "nie pisać", "nie wysyłajcie",
            "nie wysyłaj", "nie wysyłać", "nie przysyłajcie", "nie przysyłać", "dajcie mi spokój",
            "odwołuję zgodę", "cofam zgodę", "wycofuję zgodę", "anulować subskrypcję",
            "koniec wiadomości", "usuńcie moje dane", "usunięcie danych", "wypis",
            "proszę o wypisanie", "nie kontaktować",
        ),
        after=(
            "mnie", "z", "ze", "do", "od", "tej", "waszej", "państwa", "listy", "bazy",
            "bazy danych", "grupy", "subskrypcji", "wiadomości", "sms", "sms-ów", "smsów",
            "reklam", "reklamy", "spamu", "więcej", "już", "teraz", "natychmiast", "proszę",
            "mój numer", "mojego numeru", "numeru", "wysyłać", "pisać", "przysyłać", "dostawać",
            "otrzymywać", "mi", "dziękuję", "tych", "takich", "whatsapp", "i", "się",
            "kontaktować", "nękać", "newslettera", "na",
        ),
        refuses=(
            "nie chcę", "nie życzę sobie", "nie chce",
        ),
        things=(
            "wiadomości", "sms", "sms-ów", "smsów", "reklam", "spamu", "dostawać", "otrzymywać",
            "kontaktu",
        ),
    ),
    "Czech and Slovak": Phrases(
        before=(
            "chci", "chcem", "přeji si", "prosím", "prosim", "prosím o", "můžete", "môžete",
            "dobrý den", "dobrý deň", "nemám zájem", "nemám záujem", "mě", "ma", "moje číslo",
        ),
        asks=(
            "stop", "odhlásit", "odhlásiť", "odhlásit se", "odhlásiť sa", "odhlaste mě",
            "odhláste ma", "odstraňte mě", "odstráňte ma", "odstraňte moje číslo",
            "odstráňte moje číslo", "vymažte mě", "vymažte ma", "vymažte moje číslo", "smažte mě",
            "smažte moje číslo", "vyřaďte mě", "vyraďte ma", "přestaňte", "prestaňte",
            "nepište mi", "nepíšte mi", "nepište", "nepíšte", "neposílejte mi", "neposielajte mi",
            "neposílejte", "neposielajte", "nechci dostávat", "nechcem dostávať", "nechte mě být",
            "zrušit odběr", "zrušiť odber", "už mi nepište", "už mi neposílejte",
            "odvolávám souhlas",
        ),
        after=(
            "z", "ze", "zo", "od", "vašeho", "vášho", "seznamu", "zoznamu", "databáze", "databázy",
            "zprávy", "správy", "zpráv", "správ", "sms", "reklamu", "reklamy", "spam", "už",
            "více", "viac", "prosím", "hned", "hneď", "okamžitě", "okamžite", "posílat",
            "posielať", "psát", "písať", "mi", "mě", "ma", "moje číslo", "děkuji", "ďakujem",
            "žádné", "žiadne", "další", "me",
        ),
        refuses=(
            "už nechci", "už nechcem", "nechci", "nechcem", "nepřeji si", "neželám si",
        ),
        things=(
            "zprávy", "správy", "zpráv", "správ", "sms", "reklamu", "reklamy", "spam", "dostávat",
            "dostávať",
        ),
    ),
    "Romanian": Phrases(
        before=(
            "vreau", "vreau să", "doresc", "doresc să", "aș dori să", "vă rog", "va rog", "te rog",
            "bună ziua", "puteți", "nu sunt interesat", "nu sunt interesată", "rog",
        ),
        asks=(
            "stop", "mă dezabonez", "să mă dezabonez", "dezabonare", "dezabonați-mă",
            "dezabonează-mă", "ștergeți-mă", "șterge-mă", "ștergeți numărul meu",
            "ștergeți-mi numărul", "scoateți-mă", "scoate-mă", "eliminați-mă", "opriți mesajele",
            "nu mai trimiteți", "nu-mi mai trimiteți", "nu îmi mai trimiteți", "nu-mi mai scrieți",
            "lăsați-mă în pace", "nu mă mai contactați", "încetați",
        ),
        after=(
            "din", "de pe", "de la", "lista", "listă", "lista voastră", "lista dumneavoastră",
            "baza de date", "mesaje", "mesajele", "sms", "reclame", "spam", "să primesc",
            "primesc", "vă rog", "te rog", "mulțumesc", "acum", "imediat", "numărul meu", "cu",
            "astfel de", "alte", "să", "aceste",
        ),
        refuses=(
            "nu mai vreau", "nu mai doresc", "nu doresc", "nu vreau",
        ),
        things=(
            "mesaje", "mesajele", "sms", "reclame", "spam", "să primesc", "primesc",
        ),
    ),
    "Hungarian": Phrases(
        before=(
            "szeretnék", "kérem", "kérek", "kérlek", "jó napot", "nem érdekel", "a", "az",
            "önöktől",
        ),
        asks=(
            "stop", "leiratkozni", "leiratkozom", "leiratkozás", "töröljenek", "töröljön",
            "törölj", "töröljék a számomat", "töröljék a telefonszámomat", "vegyenek le",
            "vegyen le", "ne írjanak", "ne írjon", "ne küldjenek", "ne küldjön", "ne keressenek",
            "hagyjanak békén", "hagyjon békén", "hagyják abba", "elég volt",
        ),
        after=(
            "a", "az", "listáról", "listájukról", "adatbázisból", "több", "többet", "többé",
            "üzenetet", "üzeneteket", "sms-t", "reklámot", "kapni", "nekem", "engem", "kérem",
            "köszönöm", "azonnal", "ilyen", "a jövőben",
        ),
        refuses=(
            "nem kérek", "nem szeretnék", "nem akarok",
        ),
        things=(
            "üzenetet", "üzeneteket", "sms-t", "reklámot", "kapni",
        ),
    ),
    "Greek": Phrases(
        before=(
            "θέλω να", "θα ήθελα να", "παρακαλώ", "παρακαλώ να", "μπορείτε να", "δεν ενδιαφέρομαι",
            "καλημέρα",
        ),
        asks=(
            "stop", "στοπ", "σταματήστε", "σταμάτα", "διαγράψτε με", "διαγράψτε τον αριθμό μου",
            "διαγραφώ", "να διαγραφώ", "αφαιρέστε με", "βγάλτε με", "διέγραψε με", "με διαγράψετε",
            "μη μου στέλνετε", "μην μου στέλνετε", "μην στέλνετε", "μη στέλνετε",
            "αφήστε με ήσυχο", "αφήστε με ήσυχη", "μην με ενοχλείτε", "όχι άλλα μηνύματα",
            "ξεγράψτε με", "διαγραφή", "απεγγραφή", "σβήστε με", "σβήστε τον αριθμό μου",
            "να με διαγράψετε",
        ),
        after=(
            "από", "τη", "την", "τις", "τα", "λίστα", "λίστα σας", "λίστες", "μηνύματα", "άλλα",
            "sms", "διαφημίσεις", "πια", "πλέον", "τώρα", "αμέσως", "παρακαλώ", "ευχαριστώ", "να",
            "μου", "στέλνετε", "λαμβάνω", "τον αριθμό μου", "ξανά", "σας", "με",
        ),
        refuses=(
            "δεν θέλω", "δεν επιθυμώ",
        ),
        things=(
            "μηνύματα", "sms", "διαφημίσεις", "λαμβάνω", "στέλνετε",
        ),
    ),
    "Russian": Phrases(
        before=(
            "я", "хочу", "я хочу", "прошу", "прошу вас", "пожалуйста", "просьба", "можете", "как",
            "можно", "здравствуйте", "добрый день", "больше", "мне", "мой номер", "меня",
            "не интересно", "мне не интересно", "не интересует", "ошиблись номером", "желаю",
            "требую", "и", "нет спасибо",
        ),
        asks=(
            "стоп", "stop", "отписаться", "отпишите", "отпишите меня", "отпиши меня", "отписать",
            "отписать меня", "отписываюсь", "отписка", "удалите", "удалите меня",
            "удалите мой номер", "удалить меня", "удалить мой номер", "удали мой номер",
            "уберите меня", "уберите мой номер", "убрать меня", "исключите меня", "исключить меня",
            "вычеркните меня", "не пишите", "не писать", "не присылайте", "не присылать",
            "не шлите", "не отправляйте", "не беспокойте", "не беспокоить", "не хочу получать",
            "не желаю получать", "прекратите", "прекратите присылать", "прекратить рассылку",
            "прекратите рассылку", "остановите рассылку", "хватит", "перестаньте", "отключите",
            "отключить рассылку", "отзываю согласие", "оставьте меня в покое", "отменить подписку",
            "отмена подписки", "не надо писать", "не надо присылать", "отказываюсь от рассылки",
            "отказ от рассылки", "удалите мои данные", "удалите мой контакт", "отпиши",
            "убери меня", "снимите меня", "не звоните и не пишите", "заблокируйте",
        ),
        after=(
            "меня", "мне", "из", "от", "с", "вашей", "ваших", "вашего", "этой", "этих", "всех",
            "всей", "списка", "списков", "базы", "базы данных", "рассылки", "рассылок", "рассылку",
            "группы", "контактов", "сообщения", "сообщений", "сообщение", "смс", "sms", "рекламу",
            "рекламы", "спам", "спама", "больше", "ничего", "никогда", "сюда", "на этот номер",
            "мой номер", "номер", "пожалуйста", "срочно", "немедленно", "сейчас", "уже", "писать",
            "присылать", "слать", "отправлять", "спамить", "получать", "спасибо", "и", "эти",
            "свои", "ваши", "ваш", "такие", "подписки", "в ватсап", "whatsapp", "ватсап", "на",
        ),
        refuses=(
            "не хочу", "не желаю", "мне не нужны", "не нужны",
        ),
        things=(
            "сообщения", "сообщений", "рассылки", "рассылку", "рекламы", "рекламу", "спама",
            "ваши сообщения", "смс",
        ),
    ),
    "Ukrainian": Phrases(
        before=(
            "я", "хочу", "я хочу", "прошу", "будь ласка", "добрий день", "більше", "мені", "мене",
            "мій номер", "не цікавить", "як",
        ),
        asks=(
            "стоп", "stop", "відписатися", "відписатись", "відпишіть", "відпишіть мене",
            "видаліть", "видаліть мене", "видаліть мій номер", "приберіть мене", "не пишіть",
            "не надсилайте", "не присилайте", "не турбуйте", "не хочу отримувати", "припиніть",
            "досить", "зупиніть розсилку", "припиніть розсилку", "скасувати підписку",
            "дайте спокій",
        ),
        after=(
            "мене", "мені", "з", "зі", "від", "вашої", "цієї", "списку", "бази", "розсилки",
            "розсилку", "повідомлення", "повідомлень", "смс", "sms", "рекламу", "спам", "більше",
            "будь ласка", "негайно", "зараз", "надсилати", "писати", "присилати", "дякую",
            "мій номер", "номер", "ваші", "вашу", "отримувати", "на цей номер",
        ),
    ),
    "Bulgarian": Phrases(
        before=(
            "искам да", "искам", "моля", "моля ви", "бихте ли", "добър ден", "не ме интересува",
            "повече", "да",
        ),
        asks=(
            "стоп", "stop", "спрете", "спри", "се отпиша", "отпиша", "отпишете ме", "отпишете",
            "премахнете ме", "премахнете номера ми", "изтрийте ме", "изтрийте номера ми",
            "махнете ме", "не ми пишете", "не ми изпращайте", "не ми пращайте", "не пращайте",
            "оставете ме на мира",
        ),
        after=(
            "от", "списъка", "списъка си", "вашия списък", "базата", "съобщения", "съобщенията",
            "смс", "sms", "реклами", "спам", "повече", "да", "получавам", "ми", "пращате",
            "изпращате", "веднага", "моля", "благодаря", "с", "тези", "номера ми",
        ),
        refuses=(
            "не искам", "не желая",
        ),
        things=(
            "съобщения", "съобщенията", "смс", "sms", "реклами", "спам", "да получавам",
            "получавам",
        ),
    ),
    "Croatian, Serbian, Bosnian, Slovene": Phrases(
        before=(
            "želim", "želim se", "molim", "molim vas", "molim da", "prosim", "možete li",
            "dobar dan", "ne zanima me", "se", "me", "мене", "молим", "молим вас", "хоћу",
        ),
        asks=(
            "stop", "odjaviti", "odjavite me", "odjavi me", "odjava", "odjavljujem se",
            "uklonite me", "ukloni me", "uklonite moj broj", "izbrišite me", "izbrišite moj broj",
            "obrišite me", "obrišite moj broj", "obriši moj broj", "maknite me", "skinite me",
            "prestanite", "prestani", "ne šaljite", "ne šalji", "nemojte slati",
            "nemojte mi slati", "nemojte mi više slati", "nemojte me kontaktirati",
            "ne pošiljajte", "nehajte", "odstranite me", "одјавите ме", "престаните", "не шаљите",
            "избришите ме",
        ),
        after=(
            "s", "sa", "z", "iz", "vaše", "vašeg", "liste", "popisa", "seznama", "baze", "poruke",
            "poruka", "sporočil", "sporočila", "sms", "reklame", "više", "več", "mi", "me",
            "primati", "slati", "pošiljati", "odmah", "molim", "hvala", "hvala vam", "takoj", "da",
            "moj broj", "ове", "поруке", "више", "са", "листе", "хвала",
        ),
        refuses=(
            "ne želim", "ne želim više", "не желим", "nočem", "ne želim več",
        ),
        things=(
            "poruke", "poruka", "sporočil", "sporočila", "sms", "reklame", "primati", "prejemati",
            "поруке",
        ),
    ),
}  # fmt: skip
