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
day-taken = Taken over from badge { $badge }
day-handed = Handed over to badge { $badge }
day-counted = Counted
day-difference = Difference
day-claimed = Claimed, to be confirmed
day-deposits = Of this deposits, owed back
day-deposits-back = Deposits given back
day-unsent = Records not sent yet
day-doors = { $done } of { $visited } doors, { $percent } %
day-target = Target { $target } %
day-target-below = below target
day-target-reached = reached
day-signed-owner = Signed by the owner
day-signed-tenant = Signed by a tenant
day-signed-family = Signed by family
day-signed-agent = Signed for the customer
day-signed-signed = Signed
day-signed-declined = Would not sign
day-signed-absent = Nobody there to sign
day-signed-unable = Nobody able to sign
day-meters = Meters changed
