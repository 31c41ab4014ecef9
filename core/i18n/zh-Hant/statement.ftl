# 服務確認單：顧客簽字確認的原文

statement-title = 服務確認單
statement-order = 工單：{ $order }
statement-when = 服務時間：{ $from } 至 { $until }
statement-premises = 地址：{ $premises }
statement-customer = 顧客：{ $customer }
statement-worker = 服務人員：{ $name }，工號 { $badge }
statement-corrected = { $step }：{ $now }（已更正；原為：{ $before }）
statement-taken-back = { $step }：已撤回（原為：{ $before }）
statement-work = 完成的工作：
statement-charges = 收費項目：
statement-charge = { $name }，{ $quantity } = { $amount }
statement-charge-free = { $name }，{ $quantity }，{ $free }
statement-no-charges = 本次服務不收費。
statement-total = 應收合計：{ $amount }
statement-paid = 已付：{ $amount }，{ $method }，收據編號 { $number }
statement-open = 尚欠：{ $amount }
statement-warranties = 保養：
statement-warranty = { $name }：至 { $day }
statement-told = 已告知顧客：
statement-opinion = 顧客意見：{ $opinion }
statement-opinion-said = { $answer }：{ $words }
statement-opinion-none = 顧客意見：未表示
statement-consent = 本人已閱讀以上內容，同意以電子簽名方式簽署本確認單。

# 服務報告：簽署內容以外的部分
report-sign-off = 簽署情況
report-role = 簽署人身份
report-signer = 簽署人
report-reason = 原因
report-witness = 見證人
report-at = 時間
report-hash = 所簽內容的指紋：{ $hash }
report-next = 下次安檢最遲 { $day }。
report-corrected = 簽字之後的更正，不屬於所簽的內容：
report-photos = 本次上門的照片，不屬於所簽的內容：
report-photo = { $place }. { $title }，{ $at }
report-photo-away = { "   " }照片本身不在這部手機上。
report-photo-erased = 應客戶要求已刪除
report-photo-hash = { "   " }指紋：{ $hash }
report-photo-other = 照片
