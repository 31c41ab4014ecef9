# 金額與付款方式

money-amount =
    { $currency ->
        [CNY] { $amount } 元
       *[other] { $amount } { $currency }
    }
money-method-cash = 現金
money-method-claimed = 電子支付 { $provider }
money-quantity = { $quantity } x { $price }
money-free = 免費：{ $reason }
money-price-list = 價目表 { $list } 第 { $version } 版

# 日報
day-title = 班次日報
day-open = 班次尚未結束
day-person = 人員
day-at = 時間
day-receipts = 收據張數
day-first = 首號
day-last = 末號
day-voids = 其中作廢
day-refunds = 退款張數
day-float = 備用金
day-cash = 現金淨收
day-expected = 包內應有
day-taken = 接自工號 { $badge }
day-handed = 交給工號 { $badge }
day-counted = 實點
day-difference = 差額
day-claimed = 待確認的電子付款
day-deposits = 其中押金（應退）
day-deposits-back = 已退押金
day-unsent = 尚未上傳的記錄
day-doors = { $visited } 戶完成 { $done } 戶，{ $percent } %
day-target = 目標 { $target } %
day-target-below = 未達標
day-target-reached = 達標
day-signed-owner = 業主簽名
day-signed-tenant = 租客簽名
day-signed-family = 家屬簽名
day-signed-agent = 受託人簽名
day-signed-signed = 已簽名
day-signed-declined = 拒絕簽名
day-signed-absent = 無人在場簽名
day-signed-unable = 無人能簽名
day-meters = 更換燃氣錶
