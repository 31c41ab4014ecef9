# Amounts and ways to pay

money-amount = { $currency } { $amount }
money-method-cash = cash
money-method-claimed = { $provider } (unconfirmed)
