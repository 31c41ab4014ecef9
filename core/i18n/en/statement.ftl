# Statement of service: the very text a customer signs over

statement-title = Statement of service
statement-order = Work order: { $order }
statement-when = Visit: { $from } to { $until }
statement-premises = Premises: { $premises }
statement-customer = Customer: { $customer }
statement-worker = Technician: { $name }, badge { $badge }
statement-corrected = { $step }: { $now } (corrected; before: { $before })
statement-taken-back = { $step }: taken back (before: { $before })
statement-work = Work done:
statement-charges = Charges:
statement-charge = { $name }, { $quantity } = { $amount }
statement-charge-free = { $name }, { $quantity }, { $free }
statement-no-charges = Nothing is charged for this visit.
statement-total = Total: { $amount }
statement-paid = Paid: { $amount }, { $method }, receipt { $number }
statement-open = Still open: { $amount }
statement-warranties = Warranty:
statement-warranty = { $name }: until { $day }
statement-told = The customer was told:
statement-opinion = The customer's opinion: { $opinion }
statement-opinion-said = { $answer }: { $words }
statement-opinion-none = The customer's opinion: none given
statement-consent = I have read the above and agree to sign this statement electronically.

# The service report, around what was signed
report-sign-off = Signed off
report-role = Signer
report-signer = Signed by
report-reason = Reason
report-witness = Witness
report-at = At
report-hash = Fingerprint of what was signed: { $hash }
report-next = Next inspection due by { $day }.
report-corrected = Corrected after signing, and not part of what was signed:
report-photos = Photos of this visit, not part of what was signed:
report-photo = { $place }. { $title }, { $at }
report-photo-away = { "   " }The picture itself is not on this phone.
report-photo-erased = Removed at the customer's request
report-photo-hash = { "   " }Fingerprint: { $hash }
report-photo-other = Photo
