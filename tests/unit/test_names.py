import pytest

from waheal.campaign.names import Rank, key, rank, says_telephone, visible

TELEPHONES = """
Mobile|Mobile Phone|Phone Number|Phone 1 - Value|Tel|Cell|Teléfono|Celular|Handynummer|
Telefone|电话|手机号|No. HP|رقم الهاتف|טלפון|Tel.|Telefon|Telefonnummer|Mobilnummer|Handy-Nr.|
Nr. telefonu|Numer telefonu|Telefon komórkowy|Телефон|Номер телефона|Мобильный телефон|
Мобільний телефон|Телефон клиента|Cep Telefonu|Telefon Numarası|GSM|رقم الجوال|الجوال|
رقم الهاتف المحمول|הטלפון|טלפון נייד|מספר טלפון|נייד|मोबाइल नंबर|फ़ोन नंबर|मोबाइल|
Nomor Telepon|Nomor HP|No. Telepon|No WA|Nomor WhatsApp|Số điện thoại|SĐT|
Điện thoại di động|เบอร์โทรศัพท์|เบอร์โทร|โทรศัพท์มือถือ|เบอร์มือถือ|手机|手机号码|联系电话|電話番号|
携帯電話番号|휴대폰 번호|전화번호|연락처|핸드폰|Numéro de téléphone|Téléphone portable|Tél.|N° de téléphone|
Portable|Número de teléfono|Teléfono móvil|Nº de celular|Número de celular|
Telefone celular|Telemóvel|Numero di telefono|Cellulare|Telefono cellulare|Telefoonnummer|
Mobiel nummer|Mobiele telefoon|GSM-nummer|Mobiltelefon|Mobilnummer|Telefonnr|
Puhelinnumero|Puhelin|Matkapuhelin|Telefonní číslo|Mobil|Telefónne číslo|Mobilní telefon|
Telefonszám|Mobiltelefonszám|Număr de telefon|Telefon mobil|Τηλέφωνο|Κινητό|
Κινητό τηλέφωνο|Αριθμός τηλεφώνου|phone_number|MobilePhone|mobilePhone|Billing Phone|
billing_phone|Shipping Phone|Default Address Phone|SMS Phone Number|Primary Phone|
Business Phone|Home Phone|Company Main Phone|Contact Phone|WhatsApp Number|
WhatsApp Phone Number|wa_id|Phone (with country code)|Your phone number|Mobile No.|
Ph. No.|Contact Number|Contact No.|Customer Phone|msisdn|Phone1|Phone 2|TEL|Tel:|
Celular/WhatsApp|Nº Celular (WhatsApp)|شماره تلفن|شماره موبایل|موبایل|فون نمبر|
موبائل نمبر|ফোন নম্বর|মোবাইল নম্বর|Numero ng telepono|Namba ya simu|Simu|No. Telefon|
Nombor telefon|Telefon bimbit|客户电话|收件人电话|您的手机号|手機號碼|行動電話|聯絡電話|お電話番号|電話|휴대전화|
Enter your mobile number|Mobile Number*|E164|phones|Rufnummer|Natel|Контактный номер|
Моб. телефон|Тел.|Сотовый
Telefoninumber|Tālrunis|Mobilais tālrunis|Telefono numeris|Mobilusis telefonas|Broj mobitela|
Broj telefona|Број телефона|Мобилни телефон|Telefonska številka|Телефонен номер|Telèfon mòbil|
Telefono zenbakia|Telefon nömrəsi|Mobil nömrə|Телефон нөмірі|Telefon raqami|Numri i telefonit|
மொபைல் எண்|தொலைபேசி எண்|ఫోన్ నంబర్|ಮೊಬೈಲ್ ಸಂಖ್ಯೆ|ഫോൺ നമ്പർ|મોબાઇલ નંબર|ਫ਼ੋਨ ਨੰਬਰ|भ्रमणध्वनी क्रमांक|
ტელეფონის ნომერი|Հեռախոսահամար|លេខទូរស័ព្ទ|ເບີໂທລະສັບ|ဖုန်းနံပါတ်|ስልክ ቁጥር|Lambar waya|Selfoonnommer|
Inombolo yocingo|Утасны дугаар|Tel. kom.|شمارہ موبائل|Recapito telefonico|טלפון ליצירת קשר|
to_number|Tfno|Tlfno.|Mobiilinumero|Farsími|Sími
"""
OTHERS = """
name|Phone 1 - Type|Phone 1 - Label|Phone Type|Mobile Opt-in|Phone Country Code|Country|
CEP|CP|HP Model|Email|E-mail or phone|Fax|Number of guests|Order Number|Contact|
Mobile App Version|Phone Model|Customer ID|Address|Date|No|No.|Nr|رقم|№|
Number of phones sold|Message|地址|姓名|To do|Accepts SMS Marketing|Street number|Hausnummer|
Numéro de commande|Work|Personal|Phone verified|Contact owner|Номер заказа|订单号|Invoice No|
Código postal|مدينة|company|office|Name|Telegram|Area
Phone Country|Country (phone)|País del teléfono|Mobile carrier|Tel provider|Telefonrechnung|
Kundennummer|注文番号|رقم الطلب|Has WhatsApp|Faxnummer|Número|番号|Nummer|recipient
"""


def names(block: str) -> list[str]:
    return [name for line in block.split("\n") for name in line.split("|") if name]


@pytest.mark.parametrize("name", names(TELEPHONES))
def test_a_telephone_is_known_by_its_names_in_many_languages(name: str) -> None:
    assert rank(name) is not None
    assert rank(f" {name.upper()}\u200e*") is not None


@pytest.mark.parametrize("name", names(OTHERS))
def test_what_is_said_of_a_telephone_or_of_something_else_is_none(name: str) -> None:
    assert rank(name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("WhatsApp Number", Rank.WHATSAPP),
        ("No WA", Rank.WHATSAPP),
        ("رقم الواتساب", Rank.WHATSAPP),
        ("Celular/WhatsApp", Rank.WHATSAPP),
        ("Mobile Phone", Rank.MOBILE),
        ("手机号码", Rank.MOBILE),
        ("Cep Telefonu", Rank.PHONE),
        ("Téléphone fixe", Rank.LANDLINE),
        ("to", Rank.WEAK),
        ("", None),
        ("phone " * 40, None),
    ],
)
def test_the_surer_name_comes_first(name: str, expected: Rank | None) -> None:
    assert rank(name) is expected


def test_labels_are_words_for_a_telephone_and_nothing_else() -> None:
    assert all(
        map(
            says_telephone,
            ["Tel.:", "mobile", "M:", "Handy (privat)", "电话", "Viber/WhatsApp", "h"],
        )
    )
    assert not any(map(says_telephone, ["", "ext", "Ada", "Tel. Ada"]))


def test_what_nobody_sees_is_no_part_of_a_name() -> None:
    assert visible("\ufeff First\u00a0name\u200e ") == "First name"
    assert key("First\u00a0 NAME\u200b") == "first name"
