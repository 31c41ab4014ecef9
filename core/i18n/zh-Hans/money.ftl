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
