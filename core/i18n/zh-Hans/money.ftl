# 金额与付款方式

money-amount =
    { $currency ->
        [CNY] { $amount } 元
       *[other] { $amount } { $currency }
    }
money-method-cash = 现金
money-method-claimed = 电子支付 { $provider }
money-quantity = { $quantity } x { $price }
money-free = 免费：{ $reason }
money-price-list = 价目表 { $list } 第 { $version } 版

# 日报
day-title = 班次日报
day-open = 班次尚未结束
day-person = 人员
day-at = 时间
day-receipts = 收据张数
day-first = 首号
day-last = 末号
day-voids = 其中作废
day-refunds = 退款张数
day-float = 备用金
day-cash = 现金净收
day-expected = 包内应有
day-taken = 接自工号 { $badge }
day-handed = 交给工号 { $badge }
day-counted = 实点
day-difference = 差额
day-claimed = 待确认的电子付款
day-deposits = 其中押金（应退）
day-deposits-back = 已退押金
day-unsent = 尚未上传的记录
day-doors = { $visited } 户完成 { $done } 户，{ $percent } %
day-target = 目标 { $target } %
day-target-below = 未达标
day-target-reached = 达标
day-signed-owner = 业主签名
day-signed-tenant = 租客签名
day-signed-family = 家属签名
day-signed-agent = 受托人签名
day-signed-signed = 已签名
day-signed-declined = 拒绝签名
day-signed-absent = 无人在场签名
day-signed-unable = 无人能签名
day-meters = 更换燃气表
