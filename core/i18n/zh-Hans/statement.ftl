# 服务确认单：顾客签字确认的原文

statement-title = 服务确认单
statement-order = 工单：{ $order }
statement-when = 服务时间：{ $from } 至 { $until }
statement-premises = 地址：{ $premises }
statement-customer = 顾客：{ $customer }
statement-worker = 服务人员：{ $name }，工号 { $badge }
statement-corrected = { $step }：{ $now }（已更正；原为：{ $before }）
statement-taken-back = { $step }：已撤回（原为：{ $before }）
statement-work = 完成的工作：
statement-charges = 收费项目：
statement-charge = { $name }，{ $quantity } = { $amount }
statement-charge-free = { $name }，{ $quantity }，{ $free }
statement-no-charges = 本次服务不收费。
statement-total = 应收合计：{ $amount }
statement-paid = 已付：{ $amount }，{ $method }，收据号 { $number }
statement-open = 尚欠：{ $amount }
statement-warranties = 保修：
statement-warranty = { $name }：至 { $day }
statement-told = 已告知顾客：
statement-opinion = 顾客意见：{ $opinion }
statement-opinion-said = { $answer }：{ $words }
statement-opinion-none = 顾客意见：未表示
statement-consent = 本人已阅读以上内容，同意以电子签名方式签署本确认单。

# 服务报告：签字内容以外的部分
report-sign-off = 签字情况
report-role = 签字人身份
report-signer = 签字人
report-reason = 原因
report-witness = 见证人
report-at = 时间
report-hash = 所签内容的指纹：{ $hash }
report-next = 下次安检最迟 { $day }。
report-corrected = 签字之后的更正，不属于所签的内容：
report-photos = 本次上门的照片，不属于所签的内容：
report-photo = { $place }. { $title }，{ $at }
report-photo-away = { "   " }照片本身不在这部手机上。
report-photo-erased = 应客户要求已删除
report-photo-hash = { "   " }指纹：{ $hash }
report-photo-other = 照片
