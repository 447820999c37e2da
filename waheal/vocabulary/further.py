# ruff: noqa: RUF001 - some letters look like others
"""Longer ways to opt out, in the languages of other continents: data."""

from waheal.vocabulary.phrasing import Phrases

FURTHER: dict[str, Phrases] = {
    "Turkish": Phrases(
        before=(
            "lütfen", "artık", "bir daha", "bana", "beni", "numaramı", "bu numarayı", "listeden",
            "listenizden", "listenizden beni", "rehberinizden", "mesaj", "mesajları",
            "mesajlarınızı", "reklam", "sms", "merhaba", "ilgilenmiyorum", "bu", "mesaj almak",
            "almak", "üyeliğimi", "aboneliğimi", "kaydımı", "sisteminizden", "sizden", "daha",
            "daha fazla", "hiçbir", "aboneliği", "üyeliği", "kaydı", "verilerimi", "bilgilerimi",
            "numaramızı", "bu listeden", "mesaj listesinden",
        ),
        asks=(
            "stop", "durdurun", "durdur", "çıkarın", "çıkar", "çıkartın", "çıkarınız", "silin",
            "siliniz", "sil", "kaldırın", "göndermeyin", "gönderme", "göndermeyiniz", "atmayın",
            "atma", "yazmayın", "yazma", "iptal edin", "iptal et", "iptal ediniz",
            "rahatsız etmeyin", "çıkmak istiyorum", "ayrılmak istiyorum", "iletişime geçmeyin",
            "almak istemiyorum", "mesaj istemiyorum", "reklam istemiyorum", "sms istemiyorum",
            "mesajlarınızı istemiyorum", "mesajları istemiyorum", "artık istemiyorum",
            "almak istemiyoruz", "aramayın", "kaydımı silin", "aboneliği sonlandırın",
            "sonlandırın",
        ),
        after=(
            "lütfen", "artık", "teşekkürler", "hemen", "bir daha", "beni", "mesaj", "bana",
        ),
    ),
    "Indonesian and Malay": Phrases(
        before=(
            "saya mau", "saya ingin", "saya mahu", "saya nak", "saya", "aku mau", "mau", "ingin",
            "tolong", "mohon", "sila", "silakan", "harap", "bisa", "boleh", "maaf", "halo", "pak",
            "bu", "kak", "tidak tertarik", "tidak berminat", "tak berminat", "saya tidak tertarik",
            "salah sambung", "salah nomor", "minta", "untuk",
        ),
        asks=(
            "stop", "berhenti", "hentikan", "unreg", "hapus nomor saya", "hapus nomor",
            "hapus saya", "hapus kontak saya", "hapuskan nombor saya", "padam nombor saya",
            "padamkan nombor saya", "buang nombor saya", "keluarkan saya", "keluarkan nomor saya",
            "keluarkan nombor saya", "berhenti berlangganan", "berhenti langganan", "jangan kirim",
            "jangan kirimi", "jangan kirimkan", "jangan hantar", "jangan hubungi", "jangan ganggu",
            "jangan wa", "jangan chat", "jangan spam", "tidak mau menerima",
            "tidak ingin menerima", "tidak mahu terima", "tak nak terima", "tidak mau lagi",
            "batalkan langganan", "batal langganan", "setop", "jangan lagi kirim",
            "jangan pernah kirim", "jangan mengirim", "jangan menghubungi", "hapus data saya",
            "hapus saja", "keluarkan nomor ini", "berhenti kirim", "stop kirim", "tolong stop",
            "padam nama saya", "keluarkan nama saya",
        ),
        after=(
            "dari", "daripada", "daftar", "daftar anda", "senarai", "senarai anda", "list",
            "database", "grup", "broadcast", "pesan", "mesej", "sms", "wa", "whatsapp", "iklan",
            "promosi", "promo", "spam", "lagi", "sekarang", "segera", "saya", "ke saya",
            "ke nomor ini", "nomor ini", "nomor saya", "mengirim", "menghantar", "kirim", "hantar",
            "menghubungi", "ya", "dong", "terima kasih", "makasih", "tolong", "apapun", "apa-apa",
            "ini", "semua", "langganan", "ganggu", "menerima", "pak", "kak", "di", "lah",
        ),
    ),
    "Filipino": Phrases(
        before=(
            "paki", "pakiusap", "please", "pls", "huwag nyo na akong", "wag nyo na akong",
            "huwag na", "wag na", "ayoko na", "gusto kong", "pwede bang", "po",
        ),
        asks=(
            "stop", "itigil", "itigil na", "tigilan", "alisin ako", "alisin nyo ako",
            "tanggalin ako", "tanggalin nyo ako", "alisin ang number ko",
            "tanggalin ang number ko", "tama na", "huwag na magpadala", "wag na magpadala",
            "wag nyo na akong i-text", "ayoko ng message", "wag na mag text", "wag na mag message",
            "huwag nang magpadala", "huwag na po kayong magtext", "huwag na kayong magtext",
            "wag na magtext", "huwag na magtext", "wag na po kayo magtext", "wag na po mag text",
            "huwag nang mag message", "wag nyo na akong itext", "pakitanggal ako", "pakialis ako",
            "paki alis ako", "paki tanggal ako",
        ),
        after=(
            "na", "po", "ang", "sa", "list", "listahan", "listahan nyo", "messages", "message",
            "mga", "text", "akin", "pagpapadala", "please", "ng", "salamat", "ninyo", "nyo",
            "number ko",
        ),
    ),
    "Swahili": Phrases(
        before=(
            "tafadhali", "nataka", "naomba", "ningependa", "mimi", "samahani", "naombeni",
        ),
        asks=(
            "stop", "acha", "acheni", "niondoe", "niondoeni", "ondoa namba yangu",
            "futa namba yangu", "futeni namba yangu", "ondoeni namba yangu", "kujiondoa",
            "usinitumie", "msinitumie", "simamisha", "sitisha",
        ),
        after=(
            "kunitumia", "kutuma", "ujumbe", "meseji", "sms", "tena", "kwenye", "orodha",
            "orodha yenu", "yenu", "hizi", "tafadhali", "asante", "kupokea", "wenu", "matangazo",
        ),
        refuses=(
            "sitaki",
        ),
        things=(
            "ujumbe", "meseji", "sms", "kupokea", "matangazo",
        ),
    ),
    "Vietnamese": Phrases(
        before=(
            "tôi", "tôi muốn", "mình muốn", "vui lòng", "làm ơn", "xin", "xin vui lòng", "hãy",
            "không quan tâm", "nhầm số", "em", "anh", "chị",
        ),
        asks=(
            "stop", "dừng", "dừng lại", "ngừng", "ngưng", "đừng gửi", "đừng nhắn", "đừng nhắn tin",
            "đừng làm phiền", "không gửi", "không nhắn", "hủy đăng ký", "huỷ đăng ký", "xóa số",
            "xoá số", "xóa số của tôi", "xoá số của tôi", "xóa tôi", "bỏ số của tôi",
            "không muốn nhận", "không nhận tin", "từ chối nhận", "xóa thông tin của tôi",
            "xóa khỏi danh sách", "chặn tôi", "hủy nhận tin",
        ),
        after=(
            "tin", "tin nhắn", "quảng cáo", "nữa", "cho tôi", "gửi", "nhắn", "nhận",
            "khỏi danh sách", "khỏi", "danh sách", "số của tôi", "ngay", "cảm ơn", "sms",
            "của tôi", "tôi", "lại", "ra",
        ),
    ),
    "Arabic": Phrases(
        before=(
            "أريد", "اريد", "أرغب في", "ارغب في", "ارجو", "أرجو", "رجاء", "الرجاء", "من فضلك",
            "من فضلكم", "لو سمحت", "لو سمحتم", "أرجوكم", "ممكن", "السلام عليكم", "مرحبا",
            "غير مهتم", "لست مهتما", "يرجى", "انا", "أنا", "ابي", "ابغى", "عايز", "بدي",
        ),
        asks=(
            "توقف", "توقفوا", "أوقفوا", "اوقفوا", "أوقف", "اوقف", "إيقاف", "ايقاف", "ستوب", "stop",
            "إلغاء الاشتراك", "الغاء الاشتراك", "إلغاء اشتراكي", "الغاء اشتراكي", "احذفوني",
            "احذفني", "احذف رقمي", "احذفوا رقمي", "حذف رقمي", "امسحوا رقمي", "امسح رقمي",
            "مسح رقمي", "أزل رقمي", "ازالة رقمي", "إزالة رقمي", "ازيلوا رقمي", "أزيلوني", "ازالتي",
            "إزالتي", "شيلوني", "شيلوا رقمي", "لا ترسل", "لا ترسلوا", "لا ترسلون", "لا تراسلني",
            "لا تراسلوني", "لا تزعجني", "لا تزعجوني", "كفى", "عدم الإرسال", "عدم الارسال",
            "عدم الإزعاج", "عدم الازعاج", "بطلوا", "وقفوا", "امسحوني", "امسحني", "شيلني",
            "الغوا اشتراكي", "ألغوا اشتراكي", "الغ اشتراكي", "ألغ اشتراكي", "حظر", "بلوك",
            "ابعدوني",
        ),
        after=(
            "من", "عن", "في", "إلى", "الى", "لي", "القائمة", "قائمتكم", "قوائمكم",
            "القائمة البريدية", "الرسائل", "رسائل", "رسائلكم", "هذه", "هذه الرسائل", "أي", "اي",
            "المزيد", "مرة أخرى", "مرة اخرى", "بعد الآن", "بعد اليوم", "الآن", "الان", "فورا",
            "حالا", "ارسال", "إرسال", "الإرسال", "الارسال", "رقمي", "من فضلك", "لو سمحت", "شكرا",
            "رجاء", "الإعلانات", "اعلانات", "إعلانات", "تلقي", "استلام", "استقبال", "منكم", "خدمة",
            "الخدمة", "المجموعة", "سبام", "دعاية",
        ),
        refuses=(
            "لا أريد", "لا اريد", "ما ابي", "ما ابغى", "مش عايز", "ما بدي",
        ),
        things=(
            "الرسائل", "رسائل", "رسائلكم", "الإعلانات", "اعلانات", "إعلانات", "دعاية", "تلقي",
            "استلام", "استقبال",
        ),
    ),
    "Persian": Phrases(
        before=(
            "لطفا", "لطفاً", "خواهشمندم", "می خواهم", "میخواهم", "دیگر", "دیگه", "سلام", "من",
            "من را", "مرا", "منو", "شماره من را", "شماره مرا", "شمارمو", "پیام", "به من",
            "از لیست", "تبلیغات",
        ),
        asks=(
            "لغو", "لغو اشتراک", "لغو عضویت", "حذف کنید", "حذف کن", "حذف", "پاک کنید", "نفرستید",
            "نفرست", "ندهید", "ندید", "نده", "ارسال نکنید", "نمی خواهم", "نمیخواهم", "نمیخوام",
            "مزاحم نشوید", "متوقف کنید", "قطع کنید", "stop", "استاپ",
        ),
        after=(
            "لطفا", "دیگر", "دیگه", "پیام", "از لیست", "از لیست خود", "از لیستتون", "ممنون",
            "متشکرم", "شماره من", "به من", "را",
        ),
    ),
    "Urdu": Phrases(
        before=(
            "براہ کرم", "مجھے", "میرا نمبر", "پلیز", "برائے مہربانی", "اب", "مزید", "یہ", "پیغام",
            "پیغامات", "میسج", "میسجز", "لسٹ سے", "اپنی لسٹ سے",
        ),
        asks=(
            "بند کریں", "بند کرو", "بند کر دیں", "نہ بھیجیں", "مت بھیجیں", "نکال دیں", "ہٹا دیں",
            "ڈیلیٹ کریں", "نہیں چاہیے", "stop", "سٹاپ", "میسج نہ کریں", "میسج مت کریں",
            "پیغام نہ کریں",
        ),
        after=(
            "پلیز", "شکریہ", "براہ کرم", "مجھے", "میسج", "پیغام",
        ),
    ),
    "Hebrew": Phrases(
        before=(
            "אני רוצה", "אני מבקש", "אני מבקשת", "אני", "רוצה", "מבקש", "מבקשת", "אבקש", "בבקשה",
            "נא", "אנא", "אפשר", "תוכלו", "שלום", "היי", "די", "לא מעוניין", "לא מעוניינת",
            "אני לא מעוניין", "אני לא מעוניינת", "לא רלוונטי", "טעות במספר", "כבר", "איך",
        ),
        asks=(
            "הסר", "הסירו", "הסירי", "תסירו", "תסיר", "הסר אותי", "הסירו אותי", "תסירו אותי",
            "תסיר אותי", "להסיר", "להסיר אותי", "להסרה", "הסרה", "הסירוני", "הורידו אותי",
            "תורידו אותי", "להוריד אותי", "תוריד אותי", "מחקו אותי", "תמחקו אותי", "למחוק אותי",
            "מחק אותי", "מחקו את המספר", "תמחקו את המספר", "למחוק את המספר", "הסירו את המספר",
            "תסירו את המספר", "להסיר את המספר", "תוציאו אותי", "הוציאו אותי", "להוציא אותי",
            "הפסיקו", "תפסיקו", "להפסיק", "תפסיק", "הפסק", "עצרו", "תעצרו", "אל תשלחו", "אל תשלח",
            "לא לשלוח", "אל תכתבו", "אל תפנו", "לא לפנות", "אין לשלוח", "לבטל את המנוי",
            "לבטל את ההרשמה", "ביטול מנוי", "ביטול הרשמה", "עזבו אותי", "סטופ", "stop", "מחיקה",
            "לביטול", "לבטל אותי", "בטלו לי", "הפסקה", "די לשלוח", "די עם ההודעות", "תמחק אותי",
            "מחקו לי",
        ),
        after=(
            "אותי", "אותנו", "את", "המספר", "המספר שלי", "מספרי", "שלי", "לי", "אליי", "אלי",
            "מהרשימה", "מרשימת", "מהרשימות", "מרשימה", "מרשימת התפוצה", "רשימת", "התפוצה", "תפוצה",
            "מרשימת הדיוור", "הדיוור", "דיוור", "שלכם", "מהמאגר", "מהמערכת", "מהקבוצה", "לשלוח",
            "לשלוח לי", "הודעות", "ההודעות", "הודעה", "סמסים", "פרסומות", "פרסום", "ספאם",
            "וואטסאפ", "יותר", "עוד", "מיד", "מייד", "עכשיו", "דחוף", "בבקשה", "תודה", "לקבל",
            "האלה", "הזה", "כאלה", "לצמיתות", "להטריד", "ממכם", "מכם", "דברי",
        ),
        refuses=(
            "לא רוצה", "אני לא רוצה", "לא מעוניין", "לא מעוניינת", "אני לא מעוניין",
            "אני לא מעוניינת",
        ),
        things=(
            "הודעות", "ההודעות", "הודעה", "סמסים", "פרסומות", "פרסום", "ספאם", "לקבל",
        ),
    ),
    "Hindi": Phrases(
        before=(
            "कृपया", "प्लीज", "मुझे", "मेरा नंबर", "मेरा नम्बर", "मेरे को", "अब", "आगे से", "यह",
            "ये", "मैसेज", "मेसेज", "संदेश", "लिस्ट से", "अपनी लिस्ट से", "सूची से", "please", "pls",
            "mujhe", "mera number", "mere ko", "ab", "aage se", "ye", "yeh", "message", "messages",
            "msg", "list se", "apni list se", "sms", "whatsapp", "और", "aur", "koi", "कोई", "bhai",
            "sir", "mere number pe", "भेजना", "करना", "मैसेज भेजना", "bhejna", "karna",
            "message karna", "number", "नंबर",
        ),
        asks=(
            "बंद करो", "बंद करें", "बंद करे", "बंद कीजिए", "बंद कर दो", "बंद कर दीजिए", "मत भेजो",
            "मत भेजें", "मत भेजिए", "ना भेजें", "न भेजें", "नहीं चाहिए", "हटाओ", "हटाएं", "हटा दो",
            "हटा दीजिए", "निकालो", "निकाल दो", "डिलीट करो", "रोको", "रोकें", "स्टॉप", "stop",
            "band karo", "band kar do", "band kijiye", "band karen", "mat bhejo", "mat bhejiye",
            "nahi chahiye", "nahin chahiye", "hatao", "hata do", "hata dijiye", "nikalo",
            "nikal do", "delete karo", "delete kar do", "remove karo", "remove kar do",
            "stop karo", "na bheje", "मैसेज मत करो", "मैसेज मत करें", "मेसेज मत करो",
            "message mat karo", "msg mat karo", "sms mat karo", "text mat karo",
            "whatsapp mat karo", "message mat kariye",
        ),
        after=(
            "कृपया", "प्लीज", "धन्यवाद", "मुझे", "मैसेज", "please", "pls", "message", "messages",
            "msg", "bhejna", "भेजना", "करना", "karna", "mujhe", "yaar", "bhai", "ab", "sir",
            "thanks", "na",
        ),
    ),
    "Bengali": Phrases(
        before=(
            "দয়া করে", "আমাকে", "আমার নম্বর", "আমার নাম্বার", "আর", "মেসেজ", "বার্তা", "তালিকা থেকে",
            "লিস্ট থেকে", "amake", "ar", "message", "sms", "পাঠানো", "বার্তা পাঠানো", "মেসেজ পাঠানো",
        ),
        asks=(
            "বন্ধ করুন", "বন্ধ করো", "পাঠাবেন না", "দিবেন না", "দেবেন না", "মুছে ফেলুন", "বাদ দিন",
            "সরিয়ে দিন", "চাই না", "stop", "স্টপ", "pathaben na", "diben na", "bondho korun",
            "মেসেজ করবেন না",
        ),
        after=(
            "দয়া করে", "ধন্যবাদ", "মেসেজ", "আমাকে", "please", "plz",
        ),
    ),
    "Thai": Phrases(
        before=(
            "กรุณา", "โปรด", "ช่วย", "ขอ", "อยาก", "ต้องการ", "ผม", "ฉัน", "ดิฉัน", "ไม่สนใจ", "รบกวน",
        ),
        asks=(
            "หยุด", "หยุดส่ง", "เลิกส่ง", "เลิก", "ยกเลิก", "ยกเลิกการรับ", "ไม่ต้องส่ง", "อย่าส่ง",
            "ห้ามส่ง", "ลบเบอร์", "ลบชื่อ", "เอาเบอร์", "เอาชื่อ", "ไม่รับ", "ไม่ต้องการรับ", "ไม่อยากรับ",
            "stop", "บล็อก", "ลบออก", "ถอนชื่อ", "ออกจากกลุ่ม", "ยกเลิกสมาชิก", "ยกเลิกการติดตาม",
        ),
        after=(
            "ข้อความ", "ข่าวสาร", "โฆษณา", "การส่ง", "การรับ", "ส่ง", "รับ", "มา", "อีก", "แล้ว", "ผม",
            "ฉัน", "ออก", "จาก", "รายชื่อ", "ระบบ", "ด้วย", "นะ", "ครับ", "ค่ะ", "คะ", "ได้", "ไหม",
            "เลย", "sms", "ขอบคุณ", "เบอร์", "ของ", "หา", "ให้", "สมาชิก", "ที",
        ),
    ),
    "Chinese": Phrases(
        before=(
            "请", "請", "请你", "請你", "请你们", "請你們", "麻烦", "麻煩", "我", "我要", "我想",
            "我想要", "能不能", "可以", "以后", "以後", "你们", "你們", "你好", "您好", "把", "将",
            "將", "从", "從", "你们的", "名单", "名單", "列表", "中", "里", "我的", "号码", "號碼",
            "我的号码", "我的號碼", "怎么", "怎麼", "如何", "不感兴趣", "不感興趣", "给我", "給我",
            "给", "給", "向", "回复", "回復", "回", "请求", "申请", "申請", "我方",
        ),
        asks=(
            "退订", "退訂", "取消订阅", "取消訂閱", "停止发送", "停止發送", "停止", "停发", "别发",
            "別發", "别再发", "別再發", "不要再发", "不要再發", "不要发", "不要發", "不要给我发",
            "不要給我發", "不要再给我发", "不要再給我發", "别给我发", "別給我發", "别再给我发",
            "別再給我發", "不要再联系", "不要再聯繫", "不要联系", "不要聯繫", "不要打扰",
            "不要打擾", "不要再打扰", "不要再打擾", "别打扰", "別打擾", "删除我", "刪除我", "移除",
            "删除我的号码", "刪除我的號碼", "删掉", "刪掉", "不想收到", "不想再收到", "不希望收到",
            "拒收", "td", "取消接收", "删除", "刪除", "移出", "除名", "退群", "注销", "註銷",
            "勿扰", "勿擾", "不再接收", "停止推送", "停止推广",
        ),
        after=(
            "我", "的", "了", "吧", "啊", "信息", "訊息", "消息", "短信", "簡訊", "广告", "廣告",
            "垃圾", "推销", "推銷", "这些", "這些", "这种", "這種", "任何", "给我", "給我", "再",
            "号码", "號碼", "电话", "電話", "从", "從", "名单", "名單", "列表", "群发", "群發",
            "谢谢", "謝謝", "你们", "你們", "我的", "立即", "马上", "馬上", "发", "發", "发送",
            "發送", "服务", "服務", "订阅", "訂閱", "出", "通知", "whatsapp", "sms",
        ),
        refuses=(
            "不想要", "不需要", "不要",
        ),
        things=(
            "广告", "廣告", "短信", "簡訊", "消息", "信息", "推销", "推銷", "再发", "再發",
        ),
    ),
    "Japanese": Phrases(
        before=(
            "メッセージ", "メッセージの", "メッセージを", "メール", "メールを", "広告", "広告を",
            "配信", "配信を", "配信の", "登録", "登録を", "もう", "今後", "これ以上", "二度と",
            "リスト", "リストから", "私を", "私の", "番号を", "番号", "どうか", "すみません",
            "お願いします", "送信", "送信を", "連絡", "連絡を", "わたしを", "宣伝",
        ),
        asks=(
            "停止", "停止して", "停止してください", "停止希望", "解除", "解除して",
            "解除してください", "解除希望", "中止して", "中止してください", "やめて",
            "やめてください", "止めて", "止めてください", "送らないで", "送らないでください",
            "送ってこないで", "不要です", "いりません", "必要ありません", "削除して",
            "削除してください", "外して", "外してください", "退会します", "退会したい", "退会希望",
            "ストップ", "受け取りたくない", "stop", "連絡しないで", "連絡しないでください",
            "配信しないで", "配信しないでください", "送信しないで", "送信しないでください",
            "配信停止", "配信解除", "登録解除", "購読解除", "解約", "消してください", "消して",
        ),
        after=(
            "ください", "お願いします", "お願い", "をお願いします", "をお願いいたします",
            "いたします", "です", "します", "したい", "ほしい", "欲しい", "ね", "よ", "下さい",
            "ありがとう", "願います", "希望",
        ),
    ),
    "Korean": Phrases(
        before=(
            "문자", "문자를", "메시지", "메시지를", "메세지", "메세지를", "광고", "광고를", "톡",
            "카톡", "연락", "연락을", "더이상", "더 이상", "이제", "제발", "저를", "제 번호",
            "제번호", "내 번호", "번호", "번호를", "명단에서", "목록에서", "리스트에서", "앞으로",
            "그만", "다시는", "이런", "좀", "저한테", "스팸",
        ),
        asks=(
            "수신거부", "거부", "그만", "그만 보내", "그만 보내세요", "그만 보내주세요",
            "보내지 마세요", "보내지마세요", "보내지 말아주세요", "보내지 마",
            "보내지 말아 주세요", "중지", "중단", "해지", "취소해", "삭제해", "삭제", "삭제 요청",
            "빼주세요", "빼 주세요", "지워주세요", "구독취소", "원하지 않습니다", "원치 않습니다",
            "받고 싶지 않습니다", "차단", "스톱", "스탑", "stop", "연락하지 마세요",
            "연락하지 말아주세요", "문자하지 마세요", "문자하지 말아주세요", "전송하지 마세요",
            "전송하지 말아주세요", "발송하지 마세요", "발송하지 말아주세요", "수신거부합니다",
            "연락처 삭제", "번호 삭제", "탈퇴", "구독해지", "수신 거부",
        ),
        after=(
            "해주세요", "해 주세요", "주세요", "합니다", "해요", "해", "요", "부탁드립니다",
            "부탁합니다", "바랍니다", "요청", "요청합니다", "하고 싶어요", "신청", "감사합니다",
            "제발", "좀", "세요",
        ),
    ),
}  # fmt: skip
