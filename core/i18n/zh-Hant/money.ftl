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
