# Amounts and ways to pay

money-amount = { $currency } { $amount }
money-method-cash = cash
money-method-claimed = wallet or card, { $provider }
money-quantity = { $quantity } x { $price }
money-free = free: { $reason }
money-price-list = Price list { $list }, version { $version }

# The day report
day-title = Day report
day-open = The shift is still open
day-person = Person
day-at = At
day-receipts = Receipts
day-first = First number
day-last = Last number
day-voids = Of these void
day-refunds = Refunds
day-float = Float
day-cash = Cash taken less given back
day-expected = The bag should hold
day-handed = Handed over to badge { $badge }
day-counted = Counted
day-difference = Difference
day-claimed = Claimed, to be confirmed
day-unsent = Records not sent yet
