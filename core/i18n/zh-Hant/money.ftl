# 金額與付款方式

money-amount =
    { $currency ->
        [CNY] { $amount } 元
       *[other] { $amount } { $currency }
    }
money-method-cash = 現金
money-method-claimed = { $provider }(未核實)
