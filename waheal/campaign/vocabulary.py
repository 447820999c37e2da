"""Words that lists have for a telephone, in the languages of the stop words; it judges nothing.

A header is told by its words: one that means a telephone, and beside it only words that may stand
with one. What is said of a number (`Phone Type`, `Mobile Opt-in`) has a word that is in neither.
Case and accents do not matter. Scripts that set no blanks have patterns of whole names instead.
Sources: the exports of Google and Apple contacts, Outlook, HubSpot, Salesforce, Shopify, Mailchimp,
WooCommerce, Zoho, Facebook lead ads, and lists kept by hand.
"""

WHATSAPP = """
whatsapp whats wa wapp whatsap watsapp wsp wpp wassap zap zapzap whatsappnumber whatsappnummer
whatsappno whatsapptelefon waid ватсап вотсап ватсапп вацап вотсапп واتساب واتس الواتساب واتسآپ
واتساپ וואטסאפ ווטסאפ ווצאפ וואצאפ व्हाट्सएप व्हाट्सऐप हवाट्सएप হোয়াটসঅ্যাপ
"""
"""WhatsApp itself, as it is spelt."""

MOBILE = """
mobile mob mobil mobiel mobili mobiles mobilephone mobileno mobilenumber mobilenum mobilno
cell cellphone cellular cellnumber cellno cel celular celulares celu movil moviles
telemovel telemoveis tlm portable gsm gsmno handy handys handynummer handynr handyno handyphone
mobilnummer mobilnr mobiltelefon mobiltelefonnummer mobilfunk mobilfunknummer mobilfon
mobilrufnummer cellulare cellulari telefonino mobieltje mobielnummer mobielenummer
gsmnummer mobilnumret mobilnumber
matkapuhelin matkapuhelinnumero kannykka kannykkanumero gsmnumero
komorka komorkowy komorkowe komorkowego mobilni mobilny mobilu mobilne
mobiltelefonszam mobilszam kinito
ponsel selular seluler nohp nomorhp hape telpon selpon cellfon bimbit cpno
simu rununu ceptel ceptelefonu ceptelefon
κινητο κινητου κιν
мобильный мобильныи мобильного мобильнои мобила моб мобил сотовый сотовыи сотового сот
мобільний мобільнии мобільного мобільныи мобилен гсм
جوال الجوال موبايل الموبايل محمول المحمول موبایل همراه خلوي الخلوي نقال النقال موبائل
נייד סלולרי סלולר פלאפון הנייד הסלולרי
मोबाइल मोबाईल মোবাইল भ्रमणध्वनी मोबाईलनंबर
mobitel mobitela mobitelu mobilnog mobilni mobilna mobilen mobilnega мобилни мобилног мобилниот
mobilais mobila mobilusis mobilaus mobilusnumeris mobiil mobiilne mobiiltelefon mobiiltelefoni
mobiilinumero mobiilinumber farsimi farsimanumer gsmnumer mugikorra symudol
celulari celulare uyali ұялы мобильді уялы
მობილური მობილურის բջջային
மொபைல் கைபேசி அலைபேசி మొబైల్ ಮೊಬೈಲ್ മൊബൈൽ મોબાઇલ મોબાઈલ ਮੋਬਾਈਲ
ມືຖື ሞባይል selfoon selfoonnommer
"""
"""A telephone that is carried about."""

PHONE = """
phone phones phonenumber phonenumbers phoneno phonenum phonenr ph phno fon fone telephone
telephones telephonenumber tel tels telno telnr telf telef tele tlf tlfnr msisdn e164
telefono telefonos telefonnummer telefonnr telefon telefone telefones telefonu telefonnumber
telefonszam telefoon telefoonnummer telefoonnr
telefonas telefoni telefonia telefonie telefonisch rufnummer rufnr fernruf
numerotelefono numerodetelefono numerotelephone
puhelin puhelinnumero puh puhnro puhno
telefony telefonni telefonne telefonnicislo telefonu telefonul telefonico telefonica
telp tlp telepon notelp notel notelepon nomortelepon
simu nambari telepono
τηλεφωνο τηλεφωνου τηλ
телефон телефона телефоны телефону тел телефонный телефонныи телефонний телефоннии
هاتف الهاتف تليفون التليفون تلفن تلفون التلفون ٹیلیفون فون تیلفون
טלפון הטלפון טל
फोन फ़ोन टेलीफोन दूरभाष ফোন টেলিফোন दूरध्वनी
telefoninumber telefoninumbri telefona talrunis talruna talrunanumurs talrunanr telefono
telefonska telefonski telefonske telefonne телефонен телефонски телефонот телефонни
telefonit telefonia telefonoa telefonozenbakia ffon ffonrhif simi simanumer tfno tlfno tfn tlfn
tfnos utas утас утасны
ტელეფონი ტელეფონის ტელ հեռախոս հեռախոսի հեռախոսահամար հեռ
தொலைபேசி போன் ஃபோன் ఫోన్ టెలిఫోన్ ಫೋನ್ ದೂರವಾಣಿ ഫോൺ ടെലിഫോൺ ફોન ਫੋਨ ਫ਼ੋਨ
ទូរស័ព្ទ ទូរសព្ទ លេខទូរស័ព្ទ លេខទូរសព្ទ ໂທລະສັບ ເບີໂທ ເບີໂທລະສັບ ဖုန်း ဖုန်းနံပါတ် ဖုန်းနံပါတ် ስልክ
foon foonnommer telefoonnommer waya foonu ekwenti ucingo yocingo taleefan taleefoon telefoonka
"""
"""A telephone."""

WHOLE_WHATSAPP = frozenset({"wa id", "whatsapp id"})
"""The same in several words."""

WHOLE_MOBILE = frozenset({"cep no", "cep numarasi", "no hp", "nomor hp", "no cp", "natel"})
"""Names for it whose words alone mean something else: a postal code, horse-power."""

WEAK = (
    "number",
    "to",
    "to number",
    "hp",
    "contact number",
    "contact no",
    "contact num",
    "contact numbers",
    "numero de contacto",
    "numero de contato",
    "numero di contatto",
    "numero de contact",
    "kontaktnummer",
    "nomor kontak",
    "رقم التواصل",
    "رقم الاتصال",
    "מספר ליצירת קשר",
    "контактный номер",
    "контактний номер",
    "numer kontaktowy",
)
"""Names that are taken where nothing better is there, the first of them first."""

PERHAPS = """
num no nos nr nro n numbers contact contacts
numero numeros contacto contactos contato contatos contatto contatti numéro numéros
nummer nummern kontakt kontakte nummers
numret numre numer numery cislo čislo szam numar număr kontakty
αριθμος αριθμός номер номера контакт контакты контакти број broj
numara numarası nomor nombor kontak số so
رقم الرقم ارقام الأرقام شماره נומר מספר
नंबर नम्बर संख्या নম্বর নাম্বার
号码 號碼 番号 番號 번호 หมายเลข เลข 联系人 聯絡人
nambari namba bilang numeris numurs stevilka raqam raqami համար ნომერი
recipient recipients receiver destination dest empfanger empfaenger destinatario destinataire
mottaker mottagare modtager vastaanottaja odbiorca prijemce alici penerima получатель адресат
المستلم הנמען 收件人 收信人 接收人 宛先 送信先 수신자 받는사람
"""
"""Whole names that mean a telephone only where the cells under them are telephone numbers."""

BESIDE = """
number numbers num no nos nr nbr digits what is best reach you enter please give eg e g sms cep
address at the my your his her their our of for to in and or with incl including
primary main default first second third preferred other alternate alternative alt mob
home work office business company personal private day evening direct person
customer customers client clients contact contacts lead member user guest patient student
parent guardian buyer recipient receiver subscriber owner account attendee
billing shipping delivery
country area code prefix intl international national local format formatted e164
value required optional raw clean cleaned full landline fixed line
numero numeros nro num n de del di do da dos du des la le el il lo su sua seu tu tua teu y e et
contacto contatto contato cliente clientes clienti clients destinataire destinatario
principal principale principais personal particular pessoal personale personnel perso
trabajo trabalho travail lavoro casa ufficio oficina fixo fixe fijo fisso con com sin avec
codigo codice pais indicatif facturacion envio livraison facturation entrega
recado residencial comercial
nummer nummern nummero nr der die das des mit privat geschaftlich dienstlich arbeit kunde
kunden kontakt kontaktnummer ansprechpartner vorwahl inkl haupt festnetz
nummeret numret klant prive zakelijk werk mobiele het van
kund kunden mottagare arbete hem arbeid arbejde
numero numeroa asiakas tyo koti asiakkaan
numer numeru nru klienta kontaktowy sluzbowy prywatny glowny
cislo cisla zakaznik zakaznika zakaznicke kontaktni kontaktne
numar numarul numarului klient kontakt
szam szama ugyfel
αριθμος αριθμου αριθμοι πελατη επικοινωνιας
номер номера клиента клієнта контактный контактныи контактний контактнии основной основнои
рабочий рабочии домашний домашнии личный личныи для связи покупателя получателя
numarasi numara numaralari no musteri is ev ulke kodlu kodu ile
رقم الرقم ارقام أرقام العميل الزبون شماره نمبر کا مشتری تماس التواصل الاتصال للتواصل تلفن
מספר מס לקוח של
नंबर नम्बर संख्या का আপনার নম্বর নাম্বার গ্রাহকের
nomor nombor no nomer pelanggan kontak pembeli telefon aktif
bilang numero ng telepono
ya nambari namba mteja lambar lamba lambarka nomba nommer inombolo
broj broja korisnika kupca stevilka stevilke kucni sluzbeni privatni
број броја бројот корисника клиента купца служебен личен
numeris numerio numerius numurs numura numero kliendi kliento klienta
numri i te nomresi nomrə nomrəsi нөмірі нөмір номери raqami raqam рақами дугаар
zenbakia rhif numer kom recapito ליצירת קשר شمارہ نمبرات
ნომერი ნომრი համար համարը
எண் నంబర్ నెంబర్ సంఖ్య ಸಂಖ್ಯೆ ನಂಬರ್ നമ്പർ નંબર ਨੰਬਰ क्रमांक নং
លេខ ເບີ ቁጥር
"""
"""Words that stand beside it and change nothing."""

ALONGSIDE = """
m t w hp p h c o d viber telegram signal imessage wechat line kakao skype zalo botim also too only
aussi auch anche también tambien tambem também solo nur 微信 同号 微信同号 同微信 加微信
"""
"""What else stands beside a number in its cell, but in no column's name."""

LANDLINE = """
landline fixed fixo fixe fijo fisso festnetz vaste sabit stacjonarny стационарный городской
"""
"""A telephone that is not carried about."""

COUNTRY = "country pais pays land paese ulke kraj strana страна"
"""`Phone country` holds countries, and no number."""

CODE = "code prefix codigo codice indicatif vorwahl ulke"
WITH = "with incl including in and or con com mit inkl avec inklusive kodu e164 format"
"""`Phone with country code` is a number, `Phone country code` is only a part of one."""

UNSPACED = (
    # Chinese, Japanese, Korean
    (
        r"(?:客户|客戶|顾客|顧客|会员|會員|联系人?|聯絡人?|聯繫|联络|收件人?|收货人?|买家|用户|学生|家长|员工|"
        r"主要|公司|家庭|个人|您的|你的|我的|本人|お客様|お|ご|連絡先|고객|회원|수신자|받는사람|본인)*"
        r"(?:的|の)?"
        r"(?P<core>whatsapp|wa|"
        r"手机|手機|移动电话|移動電話|行動電話|行动电话|携帯電話?|携帯|ケータイ|スマホ|휴대폰|휴대전화|핸드폰|모바일|"
        r"电话|電話|联系方式|聯絡方式|联系方式|連絡電話|テレホン|テル|전화|연락처)"
        r"(?:的|の)?(?:号码?|號碼?|番号|번호|号|no)?[0-9]?"
    ),
    # Thai, and Vietnamese without its blanks
    r"(?:หมายเลข|เบอร์|เลข)?(?:โทรศัพท์)?(?P<core>มือถือ|โทรศัพท์|โทร|ติดต่อ)(?:มือถือ)?(?:ลูกค้า)?",
    r"(?:เบอร์|หมายเลข)(?P<core>whatsapp)?",  # without `core` it is a telephone
    r"(?:so)?(?P<core>dienthoai|didong|dtdd|sdt|whatsapp)(?:didong)?(?:khachhang|lienhe|cuaban)?",
)
"""Patterns of whole names, blanks and signs taken out; `core` is the word for the telephone."""

UNSPACED_MOBILE = """
手机 手機 移动电话 移動電話 行動電話 行动电话 携帯電 携帯電話 携帯 ケータイ スマホ
휴대폰 휴대전화 핸드폰 모바일 มือถือ didong dtdd
"""
"""Which of them is carried about."""
