# Amounts and ways to pay

money-amount = { $currency } { $amount }
money-method-cash = cash
money-method-claimed = wallet or card, { $provider }
money-quantity = { $quantity } x { $price }
money-free = free: { $reason }
money-price-list = Price list { $list }, version { $version }
