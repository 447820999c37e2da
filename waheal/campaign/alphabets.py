"""What the languages of lists are written with, and in which old encodings; it judges nothing.

The letters of a language are those beyond ASCII, lower case, the frequent ones in front of the
blank. A language in several encodings is read the same from each, so that the bytes decide.
"""

from typing import NamedTuple


class Alphabet(NamedTuple):
    """A language's letters: `often` and `seldom`; the encodings its lists come in, likeliest first.

    `mixed`: a word may have ASCII letters too. `cased`: a list in it has some capital,
    which tells it from one that knows none.
    """

    often: str
    seldom: str
    codecs: tuple[str, ...]
    mixed: bool = True
    cased: bool = False


_WESTERN = ("cp1252", "mac-roman", "cp850", "cp437")
_CENTRAL = ("cp1250", "iso8859-2", "mac-latin2", "cp852")
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "cp866", "mac-cyrillic", "iso8859-5")

ALPHABETS = (
    # Western Europe: French, German, Spanish, Portuguese, Italian, Dutch, and the North.
    Alphabet("éèàçêâîôûëïùœ", "æÿ", _WESTERN),
    Alphabet("äöüß", "é", _WESTERN),
    Alphabet("áéíóúñ", "üçï", _WESTERN),
    Alphabet("ãáçéêíóõâúô", "àü", _WESTERN),
    Alphabet("àèéìòù", "îó", _WESTERN),
    Alphabet("ëéïöè", "êüçóá", _WESTERN),
    Alphabet("åäö", "éü", _WESTERN),
    Alphabet("øåæ", "éöäüôò", _WESTERN),
    Alphabet("éáíóñçäöü", "èúãõâêôàëïîûùœåøæßìòýÿšž", _WESTERN),
    # Central Europe: Polish, Czech and Slovak, Hungarian, Romanian, Croatian and Slovene.
    Alphabet("łąęśżźćńó", "", _CENTRAL),
    Alphabet("áíéýčěřšžůúňťď", "óö", _CENTRAL),
    Alphabet("áíéýčšžúľňťďô", "óĺŕä", _CENTRAL),
    Alphabet("áéóöőüúíű", "", _CENTRAL),
    Alphabet("ăâîş", "ţșț", _CENTRAL),
    Alphabet("čšžćđ", "", _CENTRAL),
    # Turkish.
    Alphabet("ışğüçöİ", "âîû", ("cp1254", "mac-turkish", "cp857")),
    # The Baltic: Lithuanian, Latvian, Estonian.
    Alphabet("ėšžųūčįąę", "", ("cp1257", "iso8859-13")),
    Alphabet("āēīšņļūžčģķ", "ōŗ", ("cp1257", "iso8859-13")),
    Alphabet("äõüö", "šž", ("cp1257", "cp1252")),
    # Icelandic, behind Turkish: two of their letters have the same bytes. Vietnamese.
    Alphabet("áéíóúýæö", "ðþ", ("cp1252", "mac-iceland")),
    Alphabet("ăâđêôơưáàảãạéèẻẽẹíìỉĩịóòỏõọúùủũụýỳỷỹỵ", "", ("cp1258",)),
    Alphabet("аеоинтслврмкд", "пуязьбгчйхжшюцщэфъёы", _CYRILLIC, mixed=False, cased=True),
    Alphabet(
        "аоиніелрвктсдм",
        "упзяьбгчйхжшюцщїєґф'",
        ("cp1251", "koi8-u", "cp1125"),
        mixed=False,
        cased=True,
    ),
    Alphabet(
        "αοιετσνηυρπκλ",
        "μωςάέίόήύώγδθχφβξζψϊϋΐΰ",
        ("cp1253", "iso8859-7", "cp737"),
        mixed=False,
        cased=True,
    ),
    Alphabet("יוהלאמרתבש", "נםדפקעחגסזטכצךןףץ", ("cp1255",), mixed=False),
    Alphabet("ابنلميرتدسعهوكم", "قحفجشصطخذضثزغظءآأؤإئىةپچژگ،", ("cp1256",), mixed=False),
    Alphabet("านรอกเงมยลวดทตสปะบคหแจขพไใชธศโณผซถฐภษฟฉฬญฤ", "ิีึืุู่้๊๋็์ำาัๆ", ("cp874",), mixed=False),
)
"""Scripts of one byte a character."""

HAN_SIMPLIFIED = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂小红玉华建国志峰春燕飞云海波玲斌浩宇轩子涵欣怡梓晨雨"
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地出会可也你对成发年动同能下过家学产多经么去法定主"
    "先生女士你好您北京上海广州深圳市省区县路号楼室客户公司名称地址电话备注优惠订单"
)
HAN_TRADITIONAL = (
    "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏孫戴"
    "美麗惠淑芬雅婷怡君志明俊傑建宏家豪冠宇承翰雅雯玉華秀英淑貞金玲台北高雄台中新竹市區路號樓先生小姐您好"
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地出會可也你對成發年動同能下過家學產多經麼去法"
)
KANJI = (
    "佐藤鈴木高橋田中伊渡辺山本村小林加吉斎松井上清水森池阿部石前岡長谷川後近坂遠青福西三浦原内島野崎太郎"
    "子美香愛恵陽翔大輝健一二次真由優結衣花奈様東京都大阪府市区町名県会社御中電話番号住所氏"
)
HANGUL = (
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지나엄채원천방공현함변"
    "수영희숙자순미경은정혜선연준서윤민지우현호훈석철동상재도시예하유빈아린율찬건태규형기대환용님고객서울부산"
)

CJK = (
    (HAN_SIMPLIFIED, "gb18030"),
    (HAN_TRADITIONAL, "cp950"),
    (KANJI, "cp932"),
    (KANJI, "euc_jp"),
    (HANGUL, "cp949"),
)
"""Frequent characters of names and texts, and the encodings of two bytes they come in."""

BETWEEN_LETTERS = frozenset("’·ー・\u200c\u200d")
"""Signs that may stand within a word."""

SIGNS = BETWEEN_LETTERS | frozenset(
    "‘“”„«»–—…•°ºª¡¿€£§©®™№،؟\u00a0\u200e\u200f\u3000、。「」～（），：；！？"
)
"""Signs of ordinary texts."""
