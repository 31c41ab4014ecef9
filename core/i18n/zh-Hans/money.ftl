# 金额与付款方式

money-amount =
    { $currency ->
        [CNY] { $amount } 元
       *[other] { $amount } { $currency }
    }
money-method-cash = 现金
money-method-claimed = { $provider }(未核实)
