# Receipts: lines of 32 or 48 columns

receipt-title = Receipt
receipt-deposit-title = Deposit receipt
receipt-deposit-keep = Deposit, no charge: it is given back against this receipt when the bottle comes back. Keep it.
receipt-not-invoice = This is not a tax invoice. If you need one, tell the person you paid.
receipt-void = VOID
receipt-copy = Copy { $copy }
receipt-number = Number
receipt-issued = Issued
receipt-payer = Payer
receipt-premises = Premises
receipt-total = Total
receipt-amount = This receipt
receipt-capitals = In capitals
receipt-method = Paid by
receipt-reference = Reference
receipt-tendered = Tendered
receipt-change = Change
receipt-pending = The payer says this was paid; it is not confirmed yet.
receipt-payee = Received by
receipt-named = { $name }, badge { $badge }
receipt-badge = badge { $badge }
receipt-licence = Licence { $licence }
receipt-hotline = Hot-line { $hotline }
receipt-scan = Scan to check this receipt
receipt-scan-all = Code { $code } of { $of }: scan all to check

refund-title = Refund
refund-deposit-title = Deposit given back
refund-of = Of receipt
refund-amount = Given back
refund-method = Paid back by
refund-worker = Given by
refund-receipt-stands = The receipt stays valid; its payment is less by this amount.
refund-scan = Scan to check this refund
refund-deposit-stands = The deposit receipt pays for so much less.

handed-code-title = Taking a visit over
handed-code-scan = Hand the visit over: scan this on the other phone.
