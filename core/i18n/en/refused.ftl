# Why an action is refused, and what to do

refused-not-enrolled = This phone is not enrolled: enter the code from the office.
refused-no-such-order = This order is not on this phone: exchange with the office, or ask who has it.
refused-needs-exchange = Something this needs is not on this phone yet: exchange with the office first.
refused-no-such-visit = This visit is not this phone’s: begin your own.
refused-visit-ended = The visit has ended: begin another one.
refused-already-open = A visit to this order is open on this phone already: continue it.
refused-rule = { $message } ({ $rule })
refused-bad-value = This answer cannot be meant: check it and enter it again.
refused-too-long = This is too long: at most { $limit } characters or points.
refused-not-in-price-list = This is not in the price list: choose one of its items.
refused-not-accepted = The customer has not accepted this: offer a quote that contains it first.
refused-bad-amount = This sum cannot be taken: count again and enter what was handed over.
refused-no-numbers = The receipt numbers lent to this phone are used up: exchange with the office.
refused-series-forked = A copy of this phone issued receipts of the same series: tell the office, and take no money on it.
refused-needs-newer-app = This phone’s receipts were written by a newer version: update the app.
refused-no-such-receipt = This phone issued no receipt of this number.
refused-minor = A minor cannot sign: ask an adult, or record that nobody could sign.
refused-no-consent = The customer must agree to sign electronically first.
refused-no-strokes = There is no signature: let the customer draw it.
refused-no-reason = Say why it was not signed.
refused-changed = The statement has changed since it was shown: show it again.
refused-shift = Start or close the day first, with cash that can be counted.
refused-repeated = This was recorded before.
refused-disk-full = The phone’s storage is full: free some space and tap again. Nothing was recorded.
refused-store = The phone’s file cannot be read or written right now. Nothing was recorded.
refused-enrolment = The office did not accept this code: check it, or ask for a new one.
